"""One neuron: the loss of y = φ(w x + b) as a surface over its two parameters, and the way down.

python examples/one_neuron.py [FOLDER]            pictures go to FOLDER, else to pictures/
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

import koubai as kb

# Data that a neuron can fit: what one with w = 1.5 and b = −0.5 answers. The valley has its floor
# there, at loss 0; opposite lies a shelf, where every answer is wrong and the slope is small.
X = np.array([-2.0, -1.0, 0.0, 1.0, 2.0])
T = 1 / (1 + np.exp(-(1.5 * X - 0.5)))
WINDOW = ((-5.0, 7.0), (-6.0, 6.0))

# Data that none can fit: a sigmoid rises or falls, it does not fall and rise again. It may answer
# about their mean for every x, or give one example up for good; a ridge divides the two valleys.
X_OF_TWO, T_OF_TWO = [-1.5, -0.5, 1.0], [1.0, 0.0, 1.0]
WINDOW_OF_TWO = ((-8.0, 8.0), (-8.0, 8.0))


def the_chain_rule(neuron: kb.Objective, path: kb.Path) -> None:
    """∂l/∂w and ∂l/∂b at the start, factor by factor, beside the numerical gradient."""
    w, b = path.points[0]
    chain = neuron.chain_rule(w, b)
    print(f"\nthe gradient at the start, w = {w:g}, b = {b:g}:")
    print("     x       z       y    ∂l/∂y   ∂y/∂z   their product")
    for x, z, y, dl_dy, dy_dz in zip(
        neuron.x, chain.z, chain.y, chain.dl_dy, chain.dy_dz, strict=True
    ):
        print(f"  {x:4.1f}  {z:6.2f}  {y:6.4f}  {dl_dy:7.4f}  {dy_dz:6.4f}  {dl_dy * dy_dz:8.5f}")
    numerical = kb.numerical_gradient(neuron.f, [w, b])
    print(f"  ∂l/∂w = Σ product · x = {chain.dl_dw:.8f}   numerically {numerical[0]:.8f}")
    print(f"  ∂l/∂b = Σ product     = {chain.dl_db:.8f}   numerically {numerical[1]:.8f}")


def the_descent(path: kb.Path) -> None:
    """The loss, the parameters, and the angles at which the first steps cross the contours."""
    print("\n step    loss       w        b      leaves its contour at")
    for k in range(5):
        w, b = path.points[k]
        angle = path.departure_angles[k]
        print(f"  {k:3d}  {path.values[k]:.6f}  {w:7.4f}  {b:7.4f}   {angle:8.4f}°")
    w, b = path.points[-1]
    print(f"  {path.iterations[-1]:3d}  {path.values[-1]:.6f}  {w:7.4f}  {b:7.4f}")


def the_valley(folder: Path) -> None:
    neuron = kb.neuron(X, T, "sigmoid", "mean_squared_error")
    path = kb.descend(neuron, [-3.0, 3.0], learning_rate=4.0, steps=150)
    print(f"data that fit: x = {X.tolist()}, t = {T.round(3).tolist()}")
    the_chain_rule(neuron, path)
    the_descent(path)
    figures = kb.figures
    figures.save(figures.surface(neuron, path, WINDOW), folder / "one-neuron-3d.png")
    figures.save(figures.contours(neuron, path, WINDOW), folder / "one-neuron-contours.png")
    figures.save(figures.step_and_contour(neuron, path, 1), folder / "one-neuron-step.png")


def the_ridge(folder: Path) -> None:
    neuron = kb.neuron(X_OF_TWO, T_OF_TWO, "sigmoid", "mean_squared_error")
    print(f"\ndata that do not fit: x = {X_OF_TWO}, t = {T_OF_TWO}")
    paths = {}
    for name, start in [("left of the ridge", [-0.8, -4.0]), ("on the ridge", [0.2, -4.0])]:
        path = paths[name] = kb.descend(neuron, start, learning_rate=3.0, steps=200)
        (w, b), values = path.points[-1], path.values
        y = neuron.output(w, b, X_OF_TWO).round(2).tolist()
        print(f"  from w, b = {start}: loss {values[0]:.4f} to {values[-1]:.4f}, answers {y}")
    figures = kb.figures
    figures.save(figures.surface(neuron, paths, WINDOW_OF_TWO), folder / "one-neuron-ridge-3d.png")
    figures.save(figures.contours(neuron, paths, WINDOW_OF_TWO), folder / "one-neuron-ridge.png")


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    the_valley(folder)
    the_ridge(folder)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "pictures"))
