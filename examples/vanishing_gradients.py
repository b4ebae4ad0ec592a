"""Vanishing gradients: ten layers of sigmoids against ten of ReLUs with He's initial weights.

python examples/vanishing_gradients.py [FOLDER]   pictures go to FOLDER, else to pictures/
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

import koubai as kb


def layer_by_layer(folder: Path) -> None:
    """‖∂L/∂w‖ of every layer, before learning and after 300 mini-batches of handwritten digits."""
    found = kb.vanishing_gradients(
        kb.data.digits(), depths=[2, 5, 10], activations=["sigmoid", "relu"],
        initialisers=["normal(0.01)", "xavier", "he"],
    )  # fmt: skip
    print(found)
    sigmoid, relu = found.of(10, "sigmoid", "xavier"), found.of(10, "relu", "he")
    print("\n10 hidden layers of 50 units, the first layer's ‖∂L/∂w‖ beside the last one's:")
    for one in (sigmoid, relu):
        print(
            f"  {one.activation:7}  {one.initialiser:6}  {one.share:.1e} before learning, "
            f"{one.later[0] / one.later[-1]:.1e} after {one.learnt} iterations"
        )
    print(f"  {relu.share / sigmoid.share:,.0f} times as much reaches the first layer of ReLUs")
    kb.figures.save(kb.figures.vanishing_gradients(found), folder / "vanishing-gradients.png")


def why() -> None:
    """Each layer multiplies by a' and by w; a sigmoid's a' is ¼ at most."""
    z = np.linspace(-6, 6, 1201)
    steepest = np.asarray(kb.activations["sigmoid"].derivative(z)).max()
    print(f"\nlargest a' of a sigmoid: {steepest:.2f}; of ten in a row: {steepest**10:.1e}")


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    layer_by_layer(folder)
    why()


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "pictures"))
