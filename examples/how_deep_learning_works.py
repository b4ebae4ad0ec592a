"""How deep learning works: the ball on the slope, a network's names, its cost, its gradient.

python examples/how_deep_learning_works.py [FOLDER]    pictures go to FOLDER, else to pictures/
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

import koubai as kb

figures = kb.figures


def f(x):
    return 0.1 * x[0] ** 2 + x[0] * x[1] * 0.1 + 0.4 * x[1] ** 2


def steepest(folder: Path) -> None:
    """Of all steps of the same length, the one against the gradient goes down furthest."""
    x, r = np.array([2.0, 1.0]), 0.05
    around = kb.directions(f, x, radius=r)
    print(f"at {x}: the gradient is {around.gradient}, f falls most at θ = {around.steepest:g}°")
    print(f"  by {around.changes.min():.5f}; Cauchy–Schwarz says no more than "
          f"‖∇f‖ · r = {np.linalg.norm(around.gradient) * r:.5f}")  # fmt: skip
    figures.save(figures.circle_of_directions(around), folder / "steepest-direction.png")
    figures.save(figures.tangent_line(lambda x: 0.01 * x**2 + 0.1 * x, [5.0, 10.0], (0.0, 20.0)),
                 folder / "tangent-line.png")  # fmt: skip


def the_ball(folder: Path) -> None:
    path = kb.descend(f, start=[4.0, 3.0], learning_rate=0.3, steps=60)
    figures.animate(path, None, folder / "rolling-ball.gif", show_progress=False, three_d=True)
    print(f"\nthe ball rolls from {path.points[0]} to {path.points[-1].round(4)}")
    n = 1000
    path = kb.descend(lambda x: (x**2).sum(), start=np.ones(n), learning_rate=0.1, steps=50)
    print(f"in {n} variables it is the same rule: f = {path.values[0]:g} → {path.values[-1]:.2e}")


def the_learning_rate(folder: Path) -> None:
    rates = kb.compare_learning_rates(f, start=[4.0, 3.0], steps=15)
    figures.save(rates.plot(), folder / "learning-rates.png")
    print(f"\nη decides; stable below 2/λ_max = {rates.stable_learning_rate:.4g}:")
    for path, verdict in zip(rates.paths, rates.verdicts, strict=True):
        print(f"  η = {path.learning_rate:<6.3g} f = {path.values[-1]:<10.3g} {verdict}")


def the_network(folder: Path) -> None:
    """12-3-2 on 64 bitmaps: names, values, and the cost as a function of 47 numbers."""
    data = kb.data.bitmaps()
    network = kb.Network([12, 3, 2], hidden="sigmoid", output="sigmoid")
    params = network.init(seed=0)
    x, t = data.train.x, data.train.t
    trace = network.forward(params, x[0])
    print(f"\n{network}")
    figures.save(figures.network_diagram(network), folder / "network.png")
    figures.save(figures.network_diagram(network, params, trace), folder / "network-values.png")

    one_hot = np.eye(2)[t]
    costs = kb.losses.squared_error.each(network.forward(params, x).output, one_hot)
    print(f"C_T = Σ C_k over {len(x)} images = {costs.sum():.4f}, "
          f"a function of {network.parameter_count} parameters")  # fmt: skip


def the_gradient_by_hand(folder: Path) -> None:
    """∂C/∂w²₁₁ as the sum over every path, and why nobody does it this way."""
    data = kb.data.bitmaps()
    network = kb.Network([12, 3, 2], hidden="sigmoid", output="sigmoid")
    params = network.init(seed=0)
    k = int(np.argmax(data.train.x[:, 0]))  # an image whose first pixel is drawn
    x, t = data.train.x[k], np.eye(2)[data.train.t[k]]
    by_hand = kb.explain(network, params, x, t, layer=2, i=1, j=1, loss="squared_error")
    print(f"\n{by_hand}")
    figures.save(figures.chain_paths(by_hand), folder / "chain-paths.png")
    print("\nhidden layers of 10       paths   multiplications   by backpropagation")
    deeper = [kb.Network([12, *[10] * depth, 2]) for depth in range(1, 6)]
    for depth, cost in enumerate(map(kb.multiplications, deeper), start=1):
        by_paths, back = cost.by_paths, cost.by_backpropagation
        print(f"{depth:19d} {cost.paths:11,} {by_paths:17,} {back:20,}")
    figures.save(figures.cost_of_the_chain_rule(deeper), folder / "chain-rule-cost.png")


def the_update(folder: Path) -> None:
    """w ← w − η ∂C/∂w for every weight and bias."""
    data = kb.data.bitmaps()
    network = kb.Network([12, 3, 2], hidden="sigmoid", output="sigmoid")
    run = kb.train(network, data, "sgd", 2.0, batch_size=64, epochs=400, loss="squared_error")
    print(f"\nη = 2, {run.outcome.iterations} iterations: cost of an image "
          f"{run.history.train_loss[0]:.4f} → {run.history.train_loss[-1]:.4f}, "
          f"test accuracy {run.accuracy():.3f}")  # fmt: skip
    figures.save(figures.learning_curves(run.history), folder / "bitmaps-learning.png")


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    steepest(folder)
    the_ball(folder)
    the_learning_rate(folder)
    the_network(folder)
    the_gradient_by_hand(folder)
    the_update(folder)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "pictures"))
