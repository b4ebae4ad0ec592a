"""The examples run as a reader runs them, print the documents' numbers and draw their pictures."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "examples"
MOST_BYTES = 150_000

# What each prints of its document's numbers, and the pictures it draws.
PRINTED = {
    "gradient_descent": [
        "gradient at (3.0, 4.0): [6. 8.]",
        "[6.11110793e-10 8.14814391e-10]",
        "[-2.99999994  3.99999992]",
        "η = 10: diverged",
        "[0.127123 0.832054 0.040823]",
        "loss = 3.19850",
        "0.07627371  0.49923236 -0.57550607",
    ],
    "learning_digits": [
        "x = (1, 1): step 1",
        "[0.01821127 0.24519184 0.73659694]",
        "[nan nan nan]",
        "0.0975000   0.5975000",
        "0.5108256   2.3025851",
        "40 epochs of 15 mini-batches of 100: 600 iterations",
        "60 examples: training 1.000",
    ],
    "backpropagation": ["δ³ = y − d", "agrees"],
    "how_deep_learning_works": [
        "f falls most at θ = 180°",
        "a function of 47 parameters",
        "∂C/∂w²₁₁ = the sum over 2 paths",
    ],
    "vanishing_gradients": ["sigmoid  xavier  1.4e-06", "largest a' of a sigmoid: 0.25"],
    "one_neuron": ["∂l/∂w = Σ product · x", "∂l/∂b = Σ product"],
}
DRAWN = {
    "gradient_descent": [
        "gradient-field", "gradient-descent", "gradient-descent-3d", "three-learning-rates",
    ],
    "learning_digits": [
        "activations", "sigmoid", "softmax", "mini-batches", "over-fitting", "digits/curves",
        "digits/confusion", "digits/mistakes",
    ],
    "backpropagation": ["gradient-check"],
    "how_deep_learning_works": [
        "steepest-direction", "tangent-line", "rolling-ball.gif", "learning-rates", "network",
        "network-values", "chain-paths", "chain-rule-cost", "bitmaps-learning",
    ],
    "vanishing_gradients": ["vanishing-gradients"],
    "one_neuron": [
        "one-neuron-3d", "one-neuron-contours", "one-neuron-step", "one-neuron-ridge-3d",
        "one-neuron-ridge",
    ],
}  # fmt: skip


def test_every_example_is_known_here() -> None:
    assert {file.stem for file in EXAMPLES.glob("*.py")} == set(PRINTED) == set(DRAWN)


@pytest.mark.parametrize("name", list(PRINTED))
def test_an_example_prints_its_numbers_and_draws_its_pictures(name: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", str(EXAMPLES / f"{name}.py"), str(tmp_path)],
        capture_output=True, text=True, encoding="utf-8", check=False,
        env={"PYTHONIOENCODING": "utf-8", "PATH": "", "HOME": str(tmp_path)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    for text in PRINTED[name]:
        assert text in done.stdout
    assert DRAWN[name]
    for picture in DRAWN[name]:
        file = tmp_path / (picture if "." in picture else f"{picture}.png")
        assert file.stat().st_size < MOST_BYTES or file.suffix == ".gif"
        with Image.open(file) as image:
            assert np.asarray(image.convert("L")).std() > 5  # not blank


@pytest.mark.parametrize("readme", ["README.md", "README.ja.md"])
def test_the_gallery_holds_small_pictures_of_the_examples(readme: str) -> None:
    drawn = {Path(name).name for names in DRAWN.values() for name in names}
    shown = re.findall(r"docs/images/gallery/([\w.-]+)", (ROOT / readme).read_text("utf-8"))
    assert len(shown) >= 8
    for name in shown:
        assert (ROOT / "docs/images/gallery" / name).stat().st_size < MOST_BYTES
        assert {name, Path(name).stem} & drawn
