"""Training: koubai, PyTorch and scikit-learn in turn, on the same data, in one process run.

    python benchmarks/training.py           prints the tables
    python benchmarks/training.py --write   and writes them to benchmarks/training.md

Peers get float32 data in memory, shuffled index batches without a loader, and the better of one
and two threads. Every figure is the median over rounds in which the contestants take turns.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
import warnings
from pathlib import Path

import jax.numpy as jnp
import numpy as np
import optax
import torch
from machine import machine
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

import koubai as kb
from koubai.descent.optimisers import optimisers
from koubai.functions.losses import cross_entropy
from koubai.training.batches import epoch_order
from koubai.training.loop import Method, descend_epoch, fresh_state, on_device
from koubai.training.recipes import recipe

ROUNDS = 7
MNIST = Path(__file__).parents[1] / "../shared/data/mnist"
SEEDS = range(5)


# --- one iteration ------------------------------------------------------------------------------


def koubai_epochs(sizes, data, batch, repeat):
    """A function that trains `repeat` epochs with koubai's compiled loop, and returns seconds."""
    network = kb.Network(sizes, hidden="sigmoid")
    method = Method(network, cross_entropy, optimisers.sgd)
    examples = on_device(data)
    state = fresh_state(method, network.init(0))
    members = np.arange(len(data.train))

    def order(epoch):
        return epoch_order(members, 0, epoch) if batch < len(members) else members

    def run():
        nonlocal state
        began = time.perf_counter()
        orders = [order(epoch) for epoch in range(repeat)]
        batches = jnp.asarray(np.concatenate(orders).reshape(-1, batch))
        rates = jnp.full(len(batches), 0.1)
        state, losses, _ = descend_epoch(
            method, state, examples, batches, rates, 0.0, 0, len(batches)
        )
        losses.block_until_ready()
        return (time.perf_counter() - began) / len(batches)

    return run


def koubai_train(sizes, data, batch, repeat):
    """The same through `kb.train`: with history, path, and measures of every epoch."""
    network = kb.Network(sizes, hidden="sigmoid")

    def run():
        began = time.perf_counter()
        run = kb.train(network, data, "sgd", 0.1, batch_size=batch, epochs=repeat, progress=False)
        return (time.perf_counter() - began) / run.outcome.iterations

    return run


def torch_epochs(sizes, data, batch, repeat, threads):
    x, t = torch.tensor(data.train.x), torch.tensor(data.train.t).long()
    module = torch.nn.Sequential(
        torch.nn.Linear(sizes[0], sizes[1]), torch.nn.Sigmoid(), torch.nn.Linear(*sizes[1:])
    )
    rule = torch.optim.SGD(module.parameters(), 0.1)

    def shuffled():
        if batch == len(x):  # all examples at once need no order
            return [(x, t)]
        return ((x[chosen], t[chosen]) for chosen in torch.randperm(len(x)).split(batch))

    def run():
        torch.set_num_threads(threads)
        began, iterations = time.perf_counter(), 0
        for _ in range(repeat):
            for x_batch, t_batch in shuffled():
                rule.zero_grad()
                torch.nn.functional.cross_entropy(module(x_batch), t_batch).backward()
                rule.step()
                iterations += 1
        return (time.perf_counter() - began) / iterations

    return run


def sklearn_epochs(sizes, data, batch, repeat):
    x, t = data.train.x, data.train.t
    model = MLPClassifier(
        (sizes[1],), activation="logistic", solver="sgd", momentum=0.0, alpha=0.0,
        batch_size=batch, learning_rate_init=0.1,
    )  # fmt: skip
    model.partial_fit(x, t, classes=np.arange(sizes[-1]))

    def run():
        began = time.perf_counter()
        for _ in range(repeat):
            model.partial_fit(x, t)
        return (time.perf_counter() - began) / (repeat * -(-len(x) // batch))

    return run


def in_turn(contestants):
    """Median seconds of each, over rounds in which they take turns; the first round warms up."""
    times = {name: [] for name in contestants}
    for number in range(ROUNDS + 1):
        for name, run in contestants.items():
            time.sleep(0.5)  # until the waiting threads of the one before no longer spin
            seconds = run()
            if number:
                times[name].append(seconds)
    return {name: statistics.median(values) for name, values in times.items()}


def iteration_table(title, sizes, data, batch, repeat):
    medians = in_turn(
        {
            "koubai, compiled loop": koubai_epochs(sizes, data, batch, repeat),
            "koubai, `kb.train`, all recorded": koubai_train(sizes, data, batch, 10 * repeat),
            "PyTorch eager, 1 thread": torch_epochs(sizes, data, batch, repeat, 1),
            "PyTorch eager, 2 threads": torch_epochs(sizes, data, batch, repeat, 2),
            "scikit-learn": sklearn_epochs(sizes, data, batch, repeat),
        }
    )
    ours = medians["koubai, compiled loop"]
    rows = [f"| {title} | µs per iteration | against koubai |", "|---|---|---|"]
    rows += [f"| {name} | {s * 1e6:.1f} | {s / ours:.2f} × |" for name, s in medians.items()]
    return "\n".join(rows)


# --- what it learns -----------------------------------------------------------------------------


def textbook(hidden, data):
    """784-50-10, η 0.1, batch 100, 10 000 iterations, weights N(0, 0.01²): accuracy by seed."""
    network = kb.Network([784, 50, 10], hidden=hidden, initialiser="normal(0.01)")
    rate = optax.piecewise_constant_schedule(0.1, {10_000: 0.0})  # the 17th epoch ends early
    runs = [kb.train(network, data, "sgd", rate, epochs=17, seed=seed) for seed in SEEDS]
    return [run.accuracy("test") for run in runs]


def by_default(data, seed):
    """What `koubai train` does with this data when nothing else is said."""
    chosen = recipe(data)
    network = kb.Network([data.inputs, *chosen.layers, data.outputs], hidden=chosen.hidden)
    began = time.perf_counter()
    run = kb.train(
        network, data, chosen.optimizer, chosen.learning_rate, chosen.batch_size, chosen.epochs,
        seed, schedule=chosen.schedule,
    )  # fmt: skip
    return run.accuracy("test"), time.perf_counter() - began


def accuracy_table(mnist, digits):
    def row(what, accuracies, printed, note=""):
        spread = f"{statistics.mean(accuracies):.4f} ({min(accuracies):.4f}–{max(accuracies):.4f})"
        return f"| {what} | {spread} | {printed} |{note}"

    defaults = [by_default(mnist, seed) for seed in SEEDS]
    slowest = max(seconds for _, seconds in defaults)
    return "\n".join(
        [
            "| test accuracy, 5 seeds | mean (range) | to reach |",
            "|---|---|---|",
            row("784-50-10 ReLU, textbook settings", textbook("relu", mnist), ".969"),
            row("784-50-10 sigmoid, textbook settings", textbook("sigmoid", mnist), ".9465"),
            row("`koubai train mnist`", [a for a, _ in defaults], ".980"),
            row("`koubai train digits`", [by_default(digits, s)[0] for s in SEEDS], ".97"),
            f"\n`koubai train mnist`: the slowest of the five took {slowest:.1f} s (at most 60).",
        ]
    )


# --- a fresh process ----------------------------------------------------------------------------

FRESH = """
import json, resource, sys, time
import jax
jax.block_until_ready(jax.numpy.zeros(1))
def mib(kind): return int(open("/proc/self/status").read().split(kind)[1].split()[0]) / 1024
before = mib("VmRSS:")
import koubai as kb
data = kb.data.mnist(sys.argv[1])
network = kb.Network([784, 50, 10])
from koubai.training.session import Session
began = time.perf_counter()
first = {}
advance = Session._advance
def timed(self, report):
    if not first:
        first["setup"] = time.perf_counter() - began
    start = time.perf_counter()
    advance(self, report)
    first.setdefault("iterations", time.perf_counter() - start)
Session._advance = timed
run = kb.train(network, data, epochs=2)
held = sum(s.stored.nbytes + s.t.nbytes for s in (data.train, data.test)) / 2**20
print(json.dumps({"compile": first, "above_jax": mib("VmHWM:") - before, "data": held}))
"""


def fresh_table():
    output = subprocess.run(
        [sys.executable, "-c", FRESH, MNIST], check=True, capture_output=True, text=True
    ).stdout
    figures = json.loads(output)
    setup, first = figures["compile"]["setup"], figures["compile"]["iterations"]
    return "\n".join(
        [
            "| a fresh process, MNIST, 784-50-10 | measured | to reach |",
            "|---|---|---|",
            f"| compiling the loop and its first iterations | {first:.2f} s | 1 s |",
            f"| before that: measures at iteration 0, compiled and run | {setup:.2f} s | |",
            f"| peak memory above `import jax`, data included | {figures['above_jax']:.0f} MiB | |",
            f"| the same without the data set ({figures['data']:.0f} MiB) "
            f"| {figures['above_jax'] - figures['data']:.0f} MiB | 300 MB |",
        ]
    )


# ------------------------------------------------------------------------------------------------


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="write benchmarks/training.md")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore", ConvergenceWarning)
    if not MNIST.is_dir():
        sys.exit(f"MNIST is not in {MNIST}: this benchmark needs it")

    mnist, digits, bitmaps = kb.data.mnist(MNIST), kb.data.digits(), kb.data.bitmaps()
    parts = [
        iteration_table("MNIST, 784-50-10, batch 100", [784, 50, 10], mnist, 100, 1),
        iteration_table("4×3 bitmaps, 12-3-2, batch 64", [12, 3, 2], bitmaps, 64, 500),
        accuracy_table(mnist, digits),
        fresh_table(),
    ]
    text = "\n\n".join(
        [
            "# Training",
            f"`python benchmarks/training.py --write`, on {machine('jax', 'torch', 'numpy')}. "
            f"Medians of {ROUNDS} rounds, in turn, warm.",
            *parts,
        ]
    )
    print(text)
    if arguments.write:
        Path(__file__).with_suffix(".md").write_text(text + "\n")


if __name__ == "__main__":
    main()
