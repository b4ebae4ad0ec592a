"""Gradients: the whole numerical gradient, learning by it, and what the diagnosis costs.

python benchmarks/gradients.py           prints the tables
python benchmarks/gradients.py --write   and writes them to benchmarks/gradients.md
"""

from __future__ import annotations

import argparse
import resource
import statistics
import time
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
from diagnosis_cost import table as diagnosis_table
from machine import machine

import koubai as kb

ROUNDS = 7
MNIST = Path(__file__).parents[1] / "../shared/data/mnist"
H = 1e-4


# --- the textbook's way: 斎藤『ゼロから作るDeep Learning』4.5, in NumPy and float64 --------------


def textbook_loss(params, x, t):
    a = x
    for level, (w, b) in enumerate(params):
        z = a @ w + b
        a = z if level == len(params) - 1 else 1 / (1 + np.exp(-z))
    z = z - z.max(axis=1, keepdims=True)
    y = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    return -np.log(y[np.arange(len(t)), t]).mean()


def textbook_gradient(params, x, t):
    gradients = []
    for w in [array for layer in params for array in layer]:
        gradient = np.zeros_like(w)
        for index in np.ndindex(w.shape):
            kept = w[index]
            w[index] = kept + H
            above = textbook_loss(params, x, t)
            w[index] = kept - H
            gradient[index] = (above - textbook_loss(params, x, t)) / (2 * H)
            w[index] = kept
        gradients.append(gradient)
    return gradients


def whole_gradient(mnist):
    network = kb.Network([784, 50, 10])
    params = network.init(0)
    x, t = mnist.train.x[:100], mnist.train.t[:100]
    arrays = [[np.array(a, np.float64) for a in layer] for layer in params]
    wide = np.asarray(x, np.float64)

    times = {"koubai": [], "textbook": []}
    for number in range(ROUNDS + 1):
        began = time.perf_counter()
        ours = jax.tree.map(np.asarray, kb.finite_differences(network, params, x, t))
        if number:
            times["koubai"].append(time.perf_counter() - began)
        if number <= 2:  # it takes seconds, and varies little
            began = time.perf_counter()
            theirs = textbook_gradient(arrays, wide, t)
            times["textbook"].append(time.perf_counter() - began)
    with jax.enable_x64(True):
        precise = jax.tree.map(lambda a: jnp.asarray(np.asarray(a), jnp.float64), params)
        back = jax.tree.map(np.asarray, kb.backprop(network, precise, wide, t).gradients)
    apart = max(
        np.abs(a - b).max()
        for a, b in zip(jax.tree.leaves(ours), jax.tree.leaves(back), strict=True)
    )
    off = max(np.abs(a - b).max() for a, b in zip(theirs, jax.tree.leaves(back), strict=True))
    ours, theirs = (statistics.median(seconds) for seconds in times.values())
    return "\n".join(
        [
            "| whole numerical gradient, 784-50-10, batch 100, float64 | seconds | from backprop |",
            "|---|---|---|",
            f"| koubai, `kb.finite_differences` | {ours:.3f} | {apart:.0e} |",
            f"| the textbook's loop, element by element | {theirs:.2f} | {off:.0e} |",
            f"| ratio (to reach: 100) | {theirs / ours:.0f} × | |",
        ]
    ), theirs


def memory(mnist):
    """How much more memory a network of 2 000 hidden units takes than it holds itself."""
    network = kb.Network([784, 2000, 10])
    params = network.init(0)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    jax.block_until_ready(
        kb.finite_differences(network, params, mnist.train.x[:100], mnist.train.t[:100])
    )
    more = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    return f"784-2000-10 (1.6 million parameters, 12 MiB in float64): {more:.0f} MiB more memory."


def one_epoch(mnist, textbook_seconds):
    network = kb.Network([784, 50, 10])
    run = kb.train(network, mnist, "sgd", 0.1, 100, 1, gradient="numerical", progress=False)
    back = kb.train(network, mnist, "sgd", 0.1, 100, 1, progress=False)
    textbook = textbook_seconds * run.outcome.iterations
    return "\n".join(
        [
            "| one epoch of MNIST, 784-50-10, batch 100 | seconds | test accuracy |",
            "|---|---|---|",
            f"| numerical gradients | {run.outcome.seconds:.1f} | {run.accuracy():.4f} |",
            f"| backpropagation | {back.outcome.seconds:.2f} | {back.accuracy():.4f} |",
            f"| the textbook's way, from the table above | {textbook:,.0f} | |",
            f"| numerical against the textbook's way | {textbook / run.outcome.seconds:.0f} × | |",
        ]
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="write benchmarks/gradients.md")
    arguments = parser.parse_args()
    mnist = kb.data.mnist(MNIST)
    gradient, textbook_seconds = whole_gradient(mnist)
    text = "\n\n".join(
        [
            "# Gradients",
            f"`python benchmarks/gradients.py --write`, on {machine('jax', 'numpy')}. Medians, in "
            f"turn, warm.",
            gradient,
            memory(mnist),
            one_epoch(mnist, textbook_seconds),
            diagnosis_table(mnist, kb.data.digits(), kb.data.bitmaps()),
        ]
    )
    print(text)
    if arguments.write:
        Path(__file__).with_suffix(".md").write_text(text + "\n")


if __name__ == "__main__":
    main()
