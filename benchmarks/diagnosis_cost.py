"""What the looks at the layers cost: training with and without them, in turns.

python benchmarks/diagnosis_cost.py
"""

from __future__ import annotations

import statistics
from pathlib import Path

import numpy as np

import koubai as kb
from koubai.training import observer
from koubai.training.layers import QUANTITIES, look

ROUNDS = 9
MNIST = Path(__file__).parents[1] / "../shared/data/mnist"


def seconds(sizes, data, batch, epochs, looking):
    """Training time, compiling left out; without `looking`, zeros stand for what would be seen."""
    blind = np.zeros((len(QUANTITIES), len(sizes) - 1), np.float32)
    observer.look = look if looking else lambda *given: blind
    try:
        run = kb.train(kb.Network(sizes), data, batch_size=batch, epochs=epochs, progress=False)
    finally:
        observer.look = look
    return run.outcome.seconds


def row(title, sizes, data, batch, epochs):
    """With and without take turns, and which goes first changes; the first round warms up."""
    times = {True: [], False: []}
    for number in range(ROUNDS + 1):
        for looking in (True, False) if number % 2 else (False, True):
            times[looking].append(seconds(sizes, data, batch, epochs, looking))
    without = statistics.median(times[False][1:])
    differences = [a - b for a, b in zip(times[True][1:], times[False][1:], strict=True)]
    more = statistics.median(differences)
    return f"| {title} | {without:.3f} s | {more * 1e3:+.1f} ms | {more / without:+.1%} |"


def table(mnist, digits, bitmaps):
    """The part "diagnosis on: training time" of the benchmark of gradients."""
    return "\n".join(
        [
            "| training with diagnosis | without | with | at most +5 % |",
            "|---|---|---|---|",
            row("MNIST, 784-50-10, batch 100, 10 epochs", [784, 50, 10], mnist, 100, 10),
            row("MNIST, 784-50-10, batch 100, 1 epoch", [784, 50, 10], mnist, 100, 1),
            row("digits, 64-100-10, batch 20, 40 epochs", [64, 100, 10], digits, 20, 40),
            row("bitmaps, 12-3-2, batch 8, 100 epochs", [12, 3, 2], bitmaps, 8, 100),
        ]
    )


if __name__ == "__main__":
    print(table(kb.data.mnist(MNIST), kb.data.digits(), kb.data.bitmaps()))
