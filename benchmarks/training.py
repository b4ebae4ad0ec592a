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

ROUNDS = 11
MNIST = Path(__file__).parents[1] / "../shared/data/mnist"
SEEDS = range(5)


# --- one iteration ------------------------------------------------------------------------------


def koubai_epochs(sizes, data, batch):
    """A function that trains some epochs with koubai's compiled loop; returns the iterations."""
    network = kb.Network(sizes, hidden="sigmoid")
    method = Method(network, cross_entropy, optimisers.sgd)
    examples = on_device(data)
    state = fresh_state(method, network.init(0))
    members = np.arange(len(data.train), dtype=np.int32)  # as in training

    def order(epoch):
        return epoch_order(members, 0, epoch) if batch < len(members) else members

    def run(epochs):
        nonlocal state
        orders = [order(epoch) for epoch in range(epochs)]
        batches = jnp.asarray(np.concatenate(orders).reshape(-1, batch))
        rates = jnp.full(len(batches), 0.1)
        state, losses, _ = descend_epoch(
            method, state, examples, batches, rates, 0.0, 0, len(batches)
        )
        losses.block_until_ready()
        return len(batches)

    return run


def koubai_train(sizes, data, batch):
    """The same through `kb.train`: with history, path, and measures of every epoch."""
    network = kb.Network(sizes, hidden="sigmoid")

    def run(epochs):
        run = kb.train(network, data, "sgd", 0.1, batch_size=batch, epochs=epochs, progress=False)
        return run.outcome.iterations

    return run


def torch_epochs(sizes, data, batch, threads):
    x, t = torch.tensor(data.train.x), torch.tensor(data.train.t).long()
    module = torch.nn.Sequential(
        torch.nn.Linear(sizes[0], sizes[1]), torch.nn.Sigmoid(), torch.nn.Linear(*sizes[1:])
    )
    rule = torch.optim.SGD(module.parameters(), 0.1)

    def shuffled():
        if batch == len(x):  # all examples at once need no order
            return [(x, t)]
        return ((x[chosen], t[chosen]) for chosen in torch.randperm(len(x)).split(batch))

    def run(epochs):
        torch.set_num_threads(threads)
        iterations = 0
        for _ in range(epochs):
            for x_batch, t_batch in shuffled():
                rule.zero_grad()
                torch.nn.functional.cross_entropy(module(x_batch), t_batch).backward()
                rule.step()
                iterations += 1
        return iterations

    return run


def sklearn_epochs(sizes, data, batch):
    x, t = data.train.x, data.train.t
    model = MLPClassifier(
        (sizes[1],), activation="logistic", solver="sgd", momentum=0.0, alpha=0.0,
        batch_size=batch, learning_rate_init=0.1,
    )  # fmt: skip
    model.partial_fit(x, t, classes=np.arange(sizes[-1]))

    def run(epochs):
        for _ in range(epochs):
            model.partial_fit(x, t)
        return epochs * -(-len(x) // batch)

    return run


def in_turn(contestants):
    """Seconds per iteration of each, in every round: they take turns, all warm."""
    epochs = {name: epochs_in_a_turn(run) for name, run in contestants.items()}
    times = {name: [] for name in contestants}
    for _ in range(ROUNDS):
        for name, run in contestants.items():
            time.sleep(0.5)  # until the waiting threads of the one before no longer spin
            seconds, iterations = timed(run, epochs[name])
            times[name].append(seconds / iterations)
    return times


def epochs_in_a_turn(run):
    """As many as last half a second, so that a turn is not over before the threads are awake."""
    epochs = 8  # so that what a training does once is shared by many iterations
    while True:
        run(epochs)  # compiles
        if timed(run, epochs)[0] > 0.5:
            return epochs
        epochs *= 2


def timed(run, epochs):
    began = time.perf_counter()
    iterations = run(epochs)
    return time.perf_counter() - began, iterations


def iteration_table(title, sizes, data, batch):
    times = in_turn(
        {
            "koubai, compiled loop": koubai_epochs(sizes, data, batch),
            "koubai, `kb.train`, all recorded": koubai_train(sizes, data, batch),
            "PyTorch eager, 1 thread": torch_epochs(sizes, data, batch, 1),
            "PyTorch eager, 2 threads": torch_epochs(sizes, data, batch, 2),
            "scikit-learn": sklearn_epochs(sizes, data, batch),
        }
    )
    ours = statistics.median(times["koubai, compiled loop"])
    rows = [
        f"| {title} | µs per iteration | fastest and slowest turn | against koubai |",
        "|---|---|---|---|",
    ]
    for name, of_rounds in times.items():
        middle, fastest, slowest = (1e6 * f(of_rounds) for f in (statistics.median, min, max))
        rows.append(
            f"| {name} | {middle:.1f} | {fastest:.1f}–{slowest:.1f} | {middle / ours / 1e6:.2f} × |"
        )
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
import json, sys
import jax
jax.block_until_ready(jax.numpy.zeros(1))
def mib(kind): return int(open("/proc/self/status").read().split(kind)[1].split()[0]) / 1024
before = mib("VmRSS:")
import koubai as kb
data = kb.data.mnist(sys.argv[1])
compiling = kb.train(kb.Network([784, 50, 10]), data, epochs=2).outcome.compile_seconds
above_jax = mib("VmHWM:") - before
held = sum(s.stored.nbytes + s.t.nbytes for s in (data.train, data.test)) / 2**20
print(json.dumps({"compiling": compiling, "above_jax": above_jax, "data": held}))
"""


def in_a_fresh_process():
    output = subprocess.run(
        [sys.executable, "-c", FRESH, MNIST], check=True, capture_output=True, text=True
    ).stdout
    return json.loads(output)


def fresh_table():
    found = [in_a_fresh_process() for _ in range(ROUNDS)]
    figures = {name: statistics.median(one[name] for one in found) for name in found[0]}
    return "\n".join(
        [
            "| a fresh process, MNIST, 784-50-10 | measured | to reach |",
            "|---|---|---|",
            "| all that comes before the first iteration: compiling, both splits measured once "
            f"| {figures['compiling']:.2f} s | 1 s |",
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
        iteration_table("MNIST, 784-50-10, batch 100", [784, 50, 10], mnist, 100),
        iteration_table("4×3 bitmaps, 12-3-2, batch 64", [12, 3, 2], bitmaps, 64),
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
