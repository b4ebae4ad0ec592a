"""Landscapes: koubai, a PyTorch loop and the loss-landscapes package in turn, in one process run.

    python benchmarks/landscape.py           prints the tables
    python benchmarks/landscape.py --write   and writes them to benchmarks/landscape.md

koubai computes whole grids, from the call to the values. Its peers take the same time for every
point, so they compute some, evenly spread over the grid, and their time is scaled to all. The
PyTorch loop has its data in memory in float32, no gradients, and the batch size that is quickest.

The peers are installed on their own, for what they require beside PyTorch is not used:

    pip install --no-deps -c constraints.txt loss-landscapes curvlinops-for-pytorch \\
        backpack-for-pytorch einconv einops linear_operator tqdm unfoldNd
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import curvature
import jax
import loss_landscapes
import numpy as np
import torch
from loss_landscapes.metrics import Loss
from machine import machine
from torch import nn
from torch.nn.functional import cross_entropy

import koubai as kb

MNIST = Path(__file__).parents[1] / "../shared/data/mnist"
ROUNDS = 5
BATCHES = (200, 1000, 5000, 20000, 60000)
# About so many points of a grid are computed by a peer.
POINTS = 60


# --- the peers ----------------------------------------------------------------------------------


def torch_loop(module, plane, x, t, points, batch):
    """The mean loss at each point: every parameter is set anew, then the data goes through."""
    parameters = list(module.parameters())
    vectors = [
        torch.from_numpy(v.astype(np.float32)).to(x.device)
        for v in (plane.origin, *plane.directions)
    ]
    values = []
    with torch.inference_mode():
        for alpha, beta in points:
            theta = vectors[0] + alpha * vectors[1] + beta * vectors[2]
            nn.utils.vector_to_parameters(theta, parameters)
            total = sum(
                cross_entropy(module(xs), ts, reduction="sum").double()
                for xs, ts in zip(x.split(batch), t.split(batch), strict=True)
            )
            values.append(float(total) / len(t))
    return np.array(values)


def quickest_batch(module, plane, x, t):
    """The batch size with which the loop takes least time for three points, warm."""
    points = np.zeros((3, 2))
    seconds = {}
    for batch in sorted({min(size, len(x)) for size in BATCHES}):
        torch_loop(module, plane, x, t, points[:1], batch)
        began = time.perf_counter()
        torch_loop(module, plane, x, t, points, batch)
        seconds[batch] = time.perf_counter() - began
    return min(seconds, key=seconds.get)


def package_plane(module, x, t, steps):
    """A plane of the loss-landscapes package, of steps × steps points."""
    with torch.no_grad():
        return loss_landscapes.random_plane(
            module, Loss(cross_entropy, x, t), 1, steps, normalization="filter"
        )


# --- dense networks -----------------------------------------------------------------------------


def dense(sizes, objective):
    """A koubai network in PyTorch, and the order of its parameters there."""
    layers = []
    for inputs, units in pairwise(sizes):
        layers += [nn.Linear(inputs, units), nn.Sigmoid()]
    module = nn.Sequential(*layers[:-1])
    return module, lambda theta: in_torch_order(sizes, theta)


def in_torch_order(sizes, theta):
    """A flat vector of koubai's, whose weights are (inputs, units), in PyTorch's order."""
    parts, start = [], 0
    for inputs, units in pairwise(sizes):
        parts += [theta[start : start + inputs * units].reshape(inputs, units).T.ravel()]
        start += inputs * units
        parts += [theta[start : start + units]]
        start += units
    return np.concatenate(parts)


class TorchPlane:
    """A koubai plane in PyTorch's order of parameters."""

    def __init__(self, plane, order):
        self.origin = order(plane.origin)
        self.directions = [order(direction) for direction in plane.directions]


def some_points(land):
    """Indices of about POINTS points spread over a grid, and their coordinates."""
    alpha, beta = np.meshgrid(*land.axes, indexing="ij")
    every = np.arange(0, alpha.size, max(1, alpha.size // POINTS))
    return every, np.stack([alpha.ravel()[every], beta.ravel()[every]], axis=1)


def exact(objective, plane, points):
    """The values in float64, each over all the data at once."""
    thetas = plane.origin + points @ np.stack(plane.directions)
    with jax.enable_x64(True):
        return np.array([float(objective.f(jax.numpy.asarray(theta))) for theta in thetas])


def dense_table(sizes, mnist, size, to_reach):
    run = kb.train(kb.Network(sizes), mnist, epochs=1, seed=0, progress=False)
    objective = run.objective()
    plane = kb.Plane.random(objective, seed=0, normalise="filter")
    module, order = dense(sizes, objective)
    x = torch.from_numpy(np.asarray(mnist.train.x, np.float32))
    t = torch.from_numpy(mnist.train.t.astype(np.int64))
    found = {}

    def koubai():
        found["koubai"] = kb.landscape(objective, plane, size=size, progress=False)
        return size * size

    koubai()
    every, points = some_points(found["koubai"])
    moved = TorchPlane(plane, order)
    batch = quickest_batch(module, moved, x, t)

    def pytorch():
        found["PyTorch"] = torch_loop(module, moved, x, t, points, batch)
        return len(points)

    def package():
        steps = int(POINTS**0.5)
        package_plane(module, x, t, steps)
        return steps * steps

    contestants = {
        "koubai": koubai,
        f"PyTorch, a loop, batches of {batch}": pytorch,
        "loss-landscapes": package,
    }
    seconds = in_turn(contestants, size * size)
    values = found["koubai"].values.ravel()[every]
    right = exact(objective, plane, points[:5])
    name = "-".join(map(str, sizes))
    goals = dict(zip(contestants, ("", *to_reach), strict=True))
    rows = [
        f"| {size}×{size} loss, {name}, {len(x):,} images | s | against koubai | to reach |",
        "|---|---|---|---|",
        *(
            f"| {who} | {s:.2f} | {s / seconds['koubai']:.1f} × | {goals[who]} |"
            for who, s in seconds.items()
        ),
    ]
    apart = np.abs(values / found["PyTorch"] - 1).max()
    off = np.abs(values[:5] / right - 1).max()
    return "\n".join(rows) + (
        f"\n\nkoubai against PyTorch at {len(points)} points: {apart:.0e} relative at most; "
        f"against float64 at 5 points: {off:.0e}."
    )


def in_turn(contestants, points):
    """Median seconds for so many points, over rounds in which they take turns; one warms up."""
    times = {name: [] for name in contestants}
    for number in range(ROUNDS + 1):
        for name, run in contestants.items():
            began = time.perf_counter()
            done = run()
            if number:
                times[name].append((time.perf_counter() - began) * points / done)
    return {name: statistics.median(seconds) for name, seconds in times.items()}


# --- PyTorch modules ----------------------------------------------------------------------------


def lenet():
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10),
    )  # fmt: skip


class Block(nn.Module):
    """Two convolutions with batch-norm, and a way past them: He et al. (2016), for CIFAR."""

    def __init__(self, inputs, outputs):
        super().__init__()
        stride = outputs // inputs
        self.inner = nn.Sequential(
            nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False), nn.BatchNorm2d(outputs),
            nn.ReLU(), nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False), nn.BatchNorm2d(outputs),
        )  # fmt: skip
        self.past = (
            nn.Identity()
            if stride == 1
            else nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride), nn.BatchNorm2d(outputs))
        )

    def forward(self, x):
        return torch.relu(self.inner(x) + self.past(x))


def resnet(blocks):
    """ResNet-(6 · blocks + 2): 56 layers where blocks is 9."""
    torch.manual_seed(0)
    widths = [16] * (blocks + 1) + [32] * blocks + [64] * blocks
    return nn.Sequential(
        nn.Conv2d(3, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16), nn.ReLU(),
        *(Block(a, b) for a, b in pairwise(widths)),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10),
    )  # fmt: skip


def module_table(title, module, x, t, size, to_reach):
    """koubai and the loop on one module; all its parameters are trained, in PyTorch's order."""
    module = module.to(x.device).eval()
    plane = kb.Plane.random(kb.torch_objective(module, cross_entropy, (x, t)), seed=0)
    found = {}

    def koubai():
        objective = kb.torch_objective(module, cross_entropy, (x, t))
        found["koubai"] = kb.landscape(objective, plane, size=size, progress=False)
        return size * size

    koubai()
    every, points = some_points(found["koubai"])
    batch = quickest_batch(module, plane, x, t)

    def pytorch():
        kept = nn.utils.parameters_to_vector(module.parameters()).detach().clone()
        found["PyTorch"] = torch_loop(module, plane, x, t, points, batch)
        nn.utils.vector_to_parameters(kept, module.parameters())
        return len(points)

    loop = f"PyTorch, a loop, batches of {batch}"
    seconds = in_turn({"koubai": koubai, loop: pytorch}, size * size)
    apart = np.abs(found["koubai"].values.ravel()[every] / found["PyTorch"] - 1).max()
    return "\n".join(
        [
            f"| {title} | s | against koubai | to reach |",
            "|---|---|---|---|",
            f"| koubai | {seconds['koubai']:.2f} | 1.0 × | |",
            f"| {loop} | {seconds[loop]:.2f} | {seconds[loop] / seconds['koubai']:.2f} × "
            f"| {to_reach} |",
            f"\nkoubai against PyTorch at {len(points)} points: {apart:.0e} relative at most.",
        ]
    )


def lenet_table(mnist):
    x = torch.from_numpy(np.asarray(mnist.test.x, np.float32)).reshape(-1, 1, 28, 28)
    t = torch.from_numpy(mnist.test.t.astype(np.int64))
    title = f"21×21 loss, LeNet, {len(x):,} images, PyTorch module"
    return module_table(title, lenet(), x, t, 21, "1.5 ×")


def gpu_table():
    if not torch.cuda.is_available():
        return "No GPU was at hand: ResNet-56 on 50 000 images of 32×32 is left out."
    rng = np.random.default_rng(0)
    x = torch.from_numpy(rng.normal(size=(50_000, 3, 32, 32)).astype(np.float32)).cuda()
    t = torch.from_numpy(rng.integers(10, size=50_000)).cuda()
    title = f"51×51 loss, ResNet-56, 50,000 images, {torch.cuda.get_device_name()}"
    return module_table(title, resnet(9), x, t, 51, "")


# --- what it costs ------------------------------------------------------------------------------


def cost_table(mnist):
    """Seconds of one landscape when one of points, examples and units is doubled."""
    rows = ["| points | examples | units | s |", "|---|---|---|---|"]
    for size, examples, units in [
        (51, 60_000, 50), (36, 60_000, 50), (72, 60_000, 50), (51, 30_000, 50), (51, 15_000, 50),
        (51, 60_000, 25), (51, 60_000, 100), (51, 60_000, 200),
    ]:  # fmt: skip
        network = kb.Network([784, units, 10])
        train = mnist.train
        part = replace(train, stored=train.stored[:examples], t=train.t[:examples])
        objective = kb.objective(network, network.init(0), part)
        plane = kb.Plane.random(objective, seed=0)
        run = {"koubai": lambda o=objective, p=plane, n=size: timed_grid(o, p, n)}
        seconds = in_turn(run, size * size)["koubai"]
        rows.append(f"| {size}×{size} | {examples:,} | {units} | {seconds:.2f} |")
    return "\n".join(rows)


def timed_grid(objective, plane, size):
    kb.landscape(objective, plane, size=size, progress=False)
    return size * size


FRESH = """
import sys
import jax
def peak():  # getrusage would tell of the process that started this one, too
    lines = open("/proc/self/status").read().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024
jax.numpy.zeros(1).block_until_ready()
before = peak()
import koubai as kb
mnist = kb.data.mnist(sys.argv[1])
network = kb.Network([784, 50, 10])
objective = kb.objective(network, network.init(0), mnist.train)
kb.landscape(objective, size=51, progress=False)
print(peak() - before - sum(split.stored.nbytes for split in (mnist.train, mnist.test)) / 2**20)
"""


def memory():
    found = [
        float(
            subprocess.run(
                [sys.executable, "-c", FRESH, MNIST], check=True, capture_output=True, text=True
            ).stdout
        )
        for _ in range(3)
    ]
    return (
        f"Peak memory of a process that computes the 51×51 grid, 784-50-10, above `import jax` and "
        f"the data set: {statistics.median(found):.0f} MiB (to reach: 500 MB)."
    )


# ------------------------------------------------------------------------------------------------


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="write benchmarks/landscape.md")
    arguments = parser.parse_args()
    torch.set_num_threads(os.cpu_count())
    mnist = kb.data.mnist(MNIST)
    packages = ("jax", "torch", "loss-landscapes", "curvlinops-for-pytorch")
    parts = [
        lambda: "# Landscapes",
        lambda: (
            f"`python benchmarks/landscape.py --write`, on {machine(*packages)}. Medians of "
            f"{ROUNDS} rounds, in turn, warm."
        ),
        lambda: dense_table([784, 50, 10], mnist, 51, ("50 ×", "45 ×")),
        lambda: dense_table([784, 100, 100, 10], mnist, 51, ("10 ×", "")),
        lambda: lenet_table(mnist),
        curvature.tables,
        lambda: cost_table(mnist),
        memory,
        gpu_table,
    ]
    found = []
    for part in parts:
        found.append(part())
        print(found[-1], flush=True)  # it takes twenty minutes: what is done is there to be read
    text = "\n\n".join(found)
    if arguments.write:
        Path(__file__).with_suffix(".md").write_text(text + "\n")


if __name__ == "__main__":
    main()
