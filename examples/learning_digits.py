"""From the perceptron to mini-batch learning: units, outputs, errors, and handwritten digits.

python examples/learning_digits.py [FOLDER]       pictures go to FOLDER, else to pictures/
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

import koubai as kb

figures = kb.figures


def one_unit(folder: Path) -> None:
    """y = h(w₁x₁ + w₂x₂ + b): a step function decides, and cannot learn."""
    w, b = np.array([0.5, 0.5]), -0.7
    print("y = h(0.5 x₁ + 0.5 x₂ − 0.7), a perceptron, computes AND:")
    for x in [(0, 0), (1, 0), (0, 1), (1, 1)]:
        z = np.dot(w, x) + b
        step, sigmoid = kb.activations.step(z), kb.activations.sigmoid(z)
        print(f"  x = {x}: step {step:g}, sigmoid {sigmoid:.3f}")
    step, sigmoid = kb.activations.step, kb.activations.sigmoid
    print(f"h'(0.3): step {step.derivative(0.3):g}, so no descent moves its weights; "
          f"sigmoid {sigmoid.derivative(0.3):.3f}")  # fmt: skip
    names = ["step", "sigmoid", "relu", "identity"]
    figures.save(figures.compare_activations(names), folder / "activations.png")
    figures.save(figures.activation("sigmoid"), folder / "sigmoid.png")


def no_linear_layers() -> None:
    """Without a bend between them two layers are no more than one."""
    network = kb.Network([3, 4, 2], hidden="identity", output="identity")
    first, second = params = network.init(seed=0)
    x = np.array([0.2, -1.0, 3.0])
    one_layer = x @ (first.w @ second.w) + first.b @ second.w + second.b
    print(f"\ntwo linear layers {network.forward(params, x).output}, as one layer {one_layer}")


def the_output_layer(folder: Path) -> None:
    print("\nsoftmax([0.3, 2.9, 4.0]) =", kb.activations.softmax([0.3, 2.9, 4.0]))
    z = [1010.0, 1000.0, 990.0]
    print("softmax([1010, 1000, 990]) =", kb.activations.softmax(z))
    print("  as the formula is printed:", kb.activations.naive_softmax(z))
    figures.save(figures.softmax_overflow(), folder / "softmax.png")


def errors() -> None:
    t = [0, 0, 1, 0, 0, 0, 0, 0, 0, 0]
    right = [0.1, 0.05, 0.6, 0.0, 0.05, 0.1, 0.0, 0.1, 0.0, 0.0]
    wrong = [0.1, 0.05, 0.1, 0.0, 0.05, 0.1, 0.0, 0.6, 0.0, 0.0]
    print("\n                    y says 2    y says 7")
    for name in ("squared_error", "cross_entropy"):
        loss = kb.losses[name]
        print(f"  {name:14}    {loss(right, t):.7f}   {loss(wrong, t):.7f}")
    both = kb.losses.cross_entropy([right, wrong], [2, 2])  # labels in place of one-hot rows
    print(f"  the two as a batch, by their labels: {both:.7f}, the mean")


def learning(folder: Path) -> None:
    """The four steps: mini-batch, gradient, update, repeat."""
    data = kb.data.digits()
    network = kb.Network([64, 50, 10], hidden="relu", output="softmax")
    run = kb.train(network, data, "sgd", learning_rate=0.1, batch_size=100, epochs=40, seed=0)
    print(f"\n{data}\n{network}")
    outcome = run.outcome
    print(f"{outcome.epochs} epochs of {outcome.iterations // outcome.epochs} mini-batches of 100: "
          f"{outcome.iterations} iterations")  # fmt: skip
    print(f"accuracy: training {run.accuracy('train'):.3f}, test {run.accuracy('test'):.3f}")
    figures.save_run_figures(run, folder / "digits")


def a_batch_is_a_sample(folder: Path) -> None:
    data = kb.data.digits()
    network = kb.Network([64, 50, 10], hidden="relu", output="softmax")
    params = kb.train(network, data, "sgd", 0.1, epochs=5, seed=0).params
    print("\nthe loss of a mini-batch, as a sample of the full one:")
    samples = [kb.batch_losses(network, params, data, size) for size in (10, 40, 160)]
    for sample in samples:
        print(f"  {sample.batch_size:3d} examples: {sample.losses.mean():.4f} ± {sample.spread:.4f}"
              f"   (full {sample.full:.4f}, expected ± {sample.expected_spread:.4f})")  # fmt: skip
    figures.save(figures.batch_losses(samples), folder / "mini-batches.png")


def over_fitting(folder: Path) -> None:
    """Sixty examples are soon known by heart; the test data say what that is worth."""
    digits = kb.data.digits()
    few = kb.data.arrays(
        digits.train.x[:60], digits.train.t[:60], test=(digits.test.x, digits.test.t)
    )
    run = kb.train(kb.Network([64, 100, 10], hidden="relu"), few, "adam", 0.01, 20, 100, seed=0)
    best = run.history.best_epoch("test")
    print(f"\n60 examples: training {run.accuracy('train'):.3f}, test {run.accuracy('test'):.3f}; "
          f"least test loss after epoch {best}")  # fmt: skip
    figures.save(figures.overfitting(run.history)[0], folder / "over-fitting.png")


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    one_unit(folder)
    no_linear_layers()
    the_output_layer(folder)
    errors()
    learning(folder)
    a_batch_is_a_sample(folder)
    over_fitting(folder)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "pictures"))
