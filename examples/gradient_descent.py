"""Gradient descent, and the gradient of a network: a function's slope at every point, the way down
it, and how much a loss moves when one weight moves a little.

    python examples/gradient_descent.py [FOLDER]      pictures go to FOLDER, else to pictures/
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

import koubai as kb


def f(x):
    return x[0] ** 2 + x[1] ** 2


def the_gradient(folder: Path) -> None:
    print("f(x0, x1) = x0² + x1²")
    for point in [(3.0, 4.0), (0.0, 2.0), (3.0, 0.0)]:
        print(f"  gradient at {point}: {kb.numerical_gradient(f, point)}")
    ax = kb.figures.gradient_field(f, window=((-3, 3), (-2, 2)))
    kb.figures.save(ax, folder / "gradient-field.png")


def the_descent(folder: Path) -> None:
    path = kb.descend(f, start=[3.0, 4.0], learning_rate=0.1, steps=100)
    print(f"\nfrom (3, 4) with η = 0.1: {path.points[-1]} after {len(path.points) - 1} steps")
    print(f"  3 · 0.8¹⁰⁰ = {3 * 0.8**100:.6g}, 4 · 0.8¹⁰⁰ = {4 * 0.8**100:.6g}")
    kb.figures.save(path.plot(), folder / "gradient-descent.png")
    kb.figures.save(kb.figures.surface(f, path), folder / "gradient-descent-3d.png")


def the_learning_rate(folder: Path) -> None:
    print("\nfrom (−3, 4), 100 steps:")
    rates = kb.compare_learning_rates(f, [-3.0, 4.0], [0.1, 1e-10, 10.0], steps=100)
    for path in rates.paths:
        print(f"  η = {path.learning_rate:g}: {path.stopped}, at {path.points[-1]}")
        if path.message:
            print(f"    {path.message}")
    kb.figures.save(rates.plot(), folder / "three-learning-rates.png")


def any_number_of_dimensions() -> None:
    x = np.arange(24.0).reshape(2, 3, 4)
    gradient = kb.numerical_gradient(lambda x: (x**2).sum(), x)
    print(f"\nΣx² of an array of shape {x.shape}: a gradient of shape {gradient.shape}")
    print(f"  its largest distance from 2x: {np.abs(gradient - 2 * x).max():.1e}")


def the_gradient_of_a_network() -> None:
    x, t = np.array([0.6, 0.9]), np.array([0.0, 0.0, 1.0])
    y = np.array([0.12712285, 0.83205393, 0.04082322])
    W = np.outer(x, np.log(y)) / (x @ x)  # one of the many with softmax(xW) = y

    def loss(W):
        return kb.losses.cross_entropy(kb.activations.softmax(x @ W), t)

    print(f"\nsoftmax(xW) = {np.round(kb.activations.softmax(x @ W), 6)}")
    print(f"loss = {loss(W):.5f}")
    gradient = kb.numerical_gradient(loss, W)
    print(f"∂L/∂W =\n{gradient}")

    little = 0.01
    moved = W.copy()
    moved[0, 0] += little
    print(f"when w₁₁ grows by {little}, the loss grows by {loss(moved) - loss(W):.6f},")
    print(f"  which is about {little} · ∂L/∂w₁₁ = {little * gradient[0, 0]:.6f}")


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    the_gradient(folder)
    the_descent(folder)
    the_learning_rate(folder)
    any_number_of_dimensions()
    the_gradient_of_a_network()


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "pictures"))
