"""Backpropagation: the deltas of a network, layer by layer, from the output back to the input.

python examples/backpropagation.py [FOLDER]       pictures go to FOLDER, else to pictures/
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

import koubai as kb

RNG = np.random.default_rng(4)


def two_layers() -> None:
    """The gradient of two layers written out, beside the general rule."""
    network = kb.Network([3, 4, 2], hidden="sigmoid", output="identity", initialiser="normal(0.5)")
    params = network.init(seed=1)
    x, d = RNG.normal(size=3), RNG.normal(size=2)

    trace = network.forward(params, x)
    z, y = trace.activations[1], trace.output
    delta_3 = y - d
    delta_2 = (params[1].w @ delta_3) * z * (1 - z)

    back = kb.backprop(network, params, x, d)
    print("two layers, squared error: δ³ = y − d, δ² = (w³ᵀδ³) ⊙ f'(u²), ∂E/∂w = δ · zᵀ")
    for layer, by_hand in [(2, delta_2), (3, delta_3)]:
        print(f"  δ{'⁰¹²³'[layer]} by hand {np.round(by_hand, 6)}")
        print(f"     backprop {np.round(back.deltas[layer - 2][0], 6)}")
    apart = np.abs(np.outer(x, delta_2) - back.gradients[0].w).max()
    print(f"  ∂E/∂w² by hand and by backprop differ by at most {apart:.0e}")


def output_deltas() -> None:
    """δ = y − d for each task, against the numerical gradient of the error by u."""
    print("\nthe output's delta, numerically, and y − d:")
    u = np.array([0.5, -1.2, 2.0])
    a, error = kb.activations, kb.losses
    for task, output, loss, d in [
        ("regression", a.identity, error.squared_error, np.array([0.3, -0.4, 1.1])),
        ("two classes", a.sigmoid, error.binary_cross_entropy, np.array([1.0, 0.0, 1.0])),
        ("classes", a.softmax, error.cross_entropy, np.array([0.0, 0.0, 1.0])),
    ]:
        delta = kb.numerical_gradient(lambda u, y=output, E=loss, d=d: E(y(u), d), u)
        print(f"  {task:11}  {np.round(delta, 6)}  {np.round(output(u) - d, 6)}")


def any_depth(folder: Path) -> None:
    """Three gradients of one network over a mini-batch: by deltas, by differences, compared."""
    data = kb.data.digits()
    network = kb.Network([64, 20, 15, 10], hidden="tanh", output="softmax")
    params = network.init(seed=0)
    x, t = data.train.x[:50], data.train.t[:50]
    print(f"\n{network}\n")
    check = kb.check_gradients(network, params, x, t)
    print(check)
    kb.figures.save(kb.figures.step_sizes(check), folder / "gradient-check.png")


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    two_layers()
    output_deltas()
    any_depth(folder)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "pictures"))
