"""Curvature: koubai, curvlinops and plain JAX in turn on 784-50-10 over 60 000 MNIST images.

    python benchmarks/curvature.py     prints the tables, which benchmarks/landscape.py takes in too

Every figure is the median over rounds in which the contestants take turns, warm; for eigenvalues,
which take a while, over three. Everything is computed in float32 on all cores.

curvlinops is installed without torchvision, which it does not use and which does not fit every
build of PyTorch:

    pip install --no-deps -c constraints.txt curvlinops-for-pytorch backpack-for-pytorch \\
        einconv einops linear_operator tqdm unfoldNd
"""

from __future__ import annotations

import os
import statistics
import time
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import torch
from curvlinops import HessianLinearOperator
from machine import machine
from scipy.sparse.linalg import eigsh

import koubai as kb
from koubai.objectives.hessian import hessian_product, outer_curvatures

MNIST = Path(__file__).parents[1] / "../shared/data/mnist"
SIZES = [784, 50, 10]
ROUNDS, EIGEN_ROUNDS = 7, 3
TOP = 5
# Residuals ‖Hv − λv‖ / λ₁ that both sides are asked for.
RESIDUAL = 1e-5


def trained(data):
    """The objective where a short training ended: at random weights there is less to find."""
    run = kb.train(kb.Network(SIZES), data, epochs=3, seed=0)
    return run.objective()


def module_of(objective):
    """The same network in PyTorch, whose weights are (units, inputs)."""
    inputs, units, outputs = SIZES
    module = torch.nn.Sequential(
        torch.nn.Linear(inputs, units), torch.nn.Sigmoid(), torch.nn.Linear(units, outputs)
    )
    with torch.no_grad():
        for parameter, array in zip(module.parameters(), arrays(objective.start), strict=True):
            parameter.copy_(torch.from_numpy(np.ascontiguousarray(array.T)))
    return module


def arrays(theta):
    """The arrays of a flat vector of koubai's, w and b of each layer."""
    inputs, units, outputs = SIZES
    shapes = [(inputs, units), (units,), (units, outputs), (outputs,)]
    ends = np.cumsum([np.prod(shape) for shape in shapes])
    parts = np.split(np.asarray(theta), ends[:-1])
    return [part.reshape(shape) for part, shape in zip(parts, shapes, strict=True)]


def to_torch(theta):
    """A flat vector of koubai's in PyTorch's order."""
    return np.concatenate([array.T.ravel() for array in arrays(theta)])


def curvlinops_operator(objective):
    torch.set_num_threads(os.cpu_count())
    x, t = torch.from_numpy(objective.split.x), torch.from_numpy(objective.split.t.astype(np.int64))
    module = module_of(objective)
    return HessianLinearOperator(
        module, torch.nn.CrossEntropyLoss(), list(module.parameters()), [(x, t)],
        check_deterministic=False, progressbar=False,
    )  # fmt: skip


def jax_product(objective):
    """Forward over reverse of the whole function at once, data in float32."""
    point = jnp.asarray(objective.start)
    along = jax.jit(lambda v: jax.jvp(jax.grad(objective.f), (point,), (v,))[1])
    return lambda v: np.asarray(along(jnp.asarray(v, jnp.float32)))


def in_turn(contestants, rounds):
    """Median seconds of each, over rounds in which they take turns; the first round warms up."""
    times = {name: [] for name in contestants}
    for number in range(rounds + 1):
        for name, run in contestants.items():
            began = time.perf_counter()
            run()
            if number:
                times[name].append(time.perf_counter() - began)
    return {name: statistics.median(seconds) for name, seconds in times.items()}


def product_table(objective, operator):
    v = np.random.default_rng(0).normal(size=objective.start.size)
    ours, plain = hessian_product(objective, objective.start, "float32"), jax_product(objective)
    theirs = torch.from_numpy(to_torch(v).astype(np.float32))
    exact = hessian_product(objective, objective.start, "float64")(v)
    found = {
        "koubai": (lambda: ours(v), to_torch),
        "curvlinops": (lambda: (operator @ theirs).numpy(), np.asarray),
        "JAX, jvp of grad": (lambda: plain(v), to_torch),
    }
    errors = {
        name: np.linalg.norm(order(run()) - to_torch(exact)) / np.linalg.norm(exact)
        for name, (run, order) in found.items()
    }
    medians = in_turn({name: run for name, (run, _) in found.items()}, ROUNDS)
    rows = ["| Hessian-vector product | ms | against koubai | error |", "|---|---|---|---|"]
    rows += [
        f"| {name} | {s * 1e3:.0f} | {s / medians['koubai']:.1f} × | {errors[name]:.0e} |"
        for name, s in medians.items()
    ]
    return "\n".join([*rows, "\nTo reach: curvlinops at 3 × or more. Error: against float64."])


def eigenvalue_table(objective, operator):
    exact = hessian_product(objective, objective.start, "float64")
    found = {}

    def koubai_():
        product = hessian_product(objective, objective.start, "float32")
        top, _ = outer_curvatures(product, objective.start.size, TOP, 0, RESIDUAL)
        found["koubai"] = top.values, top.vectors

    def curvlinops_():
        start = np.random.default_rng(0).normal(size=objective.start.size).astype(np.float32)
        values, vectors = eigsh(operator.to_scipy(), TOP, which="LA", tol=RESIDUAL, v0=start)
        found["curvlinops + eigsh"] = values[::-1], [from_torch(v) for v in vectors.T[::-1]]

    medians = in_turn({"koubai": koubai_, "curvlinops + eigsh": curvlinops_}, EIGEN_ROUNDS)
    rows = [
        f"| {TOP} largest eigenvalues | s | against koubai | residual | eigenvalues |",
        "|---|---|---|---|---|",
    ]
    for name, s in medians.items():
        values, vectors = found[name]
        left = [
            np.linalg.norm(exact(v) - value * v) for value, v in zip(values, vectors, strict=True)
        ]
        rows.append(
            f"| {name} | {s:.1f} | {s / medians['koubai']:.1f} × | {max(left) / values[0]:.0e} | "
            f"{', '.join(f'{value:.5g}' for value in values)} |"
        )
    return "\n".join(
        [
            *rows,
            "\nTo reach: curvlinops + eigsh at 3 × or more. Residual: the worst ‖Hv − λv‖ / λ₁, "
            "with products in float64.",
        ]
    )


def from_torch(v):
    """A flat vector in PyTorch's order in koubai's, in float64."""
    inputs, units, outputs = SIZES
    shapes = [(units, inputs), (units,), (outputs, units), (outputs,)]
    ends = np.cumsum([np.prod(shape) for shape in shapes])
    parts = np.split(np.asarray(v, np.float64), ends[:-1])
    return np.concatenate(
        [part.reshape(shape).T.ravel() for part, shape in zip(parts, shapes, strict=True)]
    )


def tables():
    """Both tables, as text."""
    objective = trained(kb.data.mnist(MNIST))
    operator = curvlinops_operator(objective)
    return "\n\n".join([product_table(objective, operator), eigenvalue_table(objective, operator)])


def main():
    print(f"# Curvature\n\n{machine('jax', 'torch', 'curvlinops-for-pytorch', 'scipy')}\n")
    print(tables())


if __name__ == "__main__":
    main()
