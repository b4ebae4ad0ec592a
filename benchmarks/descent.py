"""Descent: koubai, PyTorch and SciPy in turn on Rosenbrock, and plain loops on a NumPy function.

    python benchmarks/descent.py           prints the tables
    python benchmarks/descent.py --write   and writes them to benchmarks/descent.md

Every figure is the median over rounds in which the contestants take turns, warm.
"""

from __future__ import annotations

import argparse
import statistics
import time
from pathlib import Path

import numpy as np
import torch
from machine import machine
from scipy.optimize import minimize

import koubai as kb

ROUNDS = 7
STEPS = 10_000
PLAIN_STEPS = 5_000
START, ETA = [-1.5, 2.0], 5e-4


def rosenbrock(x):
    return (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2


# --- on Rosenbrock: seconds a step --------------------------------------------------------------


OBJECTIVE = kb.objective(rosenbrock, START)


def koubai_compiled():
    began = time.perf_counter()
    path = kb.descend(OBJECTIVE, learning_rate=ETA, steps=STEPS)
    assert len(path) == STEPS + 1
    return (time.perf_counter() - began) / STEPS


def koubai_anew():
    """A plain function, which is compiled at each call: it may have changed since the last."""
    began = time.perf_counter()
    kb.descend(rosenbrock, START, ETA, STEPS)
    return (time.perf_counter() - began) / STEPS


def torch_eager():
    torch.set_num_threads(1)
    x = torch.tensor(START, dtype=torch.float64, requires_grad=True)
    rule = torch.optim.SGD([x], ETA)
    began = time.perf_counter()
    for _ in range(STEPS):
        rule.zero_grad()
        rosenbrock(x).backward()
        rule.step()
    return (time.perf_counter() - began) / STEPS


def torch_by_hand():
    """Without torch.optim: the least that eager PyTorch can do."""
    torch.set_num_threads(1)
    x = torch.tensor(START, dtype=torch.float64, requires_grad=True)
    began = time.perf_counter()
    for _ in range(STEPS):
        (g,) = torch.autograd.grad(rosenbrock(x), x)
        with torch.no_grad():
            x -= ETA * g
    return (time.perf_counter() - began) / STEPS


def slope(x):
    bend = x[1] - x[0] ** 2
    return np.array([-2 * (1 - x[0]) - 400 * x[0] * bend, 200 * bend])


def scipy_cg():
    """Per iteration, with the gradient written out: each asks for f and ∇f a few times."""
    began, iterations = time.perf_counter(), 0
    while iterations < 500:
        iterations += minimize(rosenbrock, START, jac=slope, method="CG").nit
    return (time.perf_counter() - began) / iterations


# --- on a NumPy function ------------------------------------------------------------------------


# float() keeps JAX from tracing them, as a call into other software would.


def numpy_bowl(x):
    return float(np.sum(x**2))


def two_squares(x):
    return float(x[0]) ** 2 + float(x[1]) ** 2


def textbook_gradient(f, x):
    """斎藤『ゼロから作るDeep Learning』4.4, as printed."""
    h = 1e-4
    grad = np.zeros_like(x)
    for idx in range(x.size):
        tmp_val = x[idx]
        x[idx] = float(tmp_val) + h
        fxh1 = f(x)
        x[idx] = tmp_val - h
        fxh2 = f(x)
        grad[idx] = (fxh1 - fxh2) / (2 * h)
        x[idx] = tmp_val
    return grad


def textbook(f, start):
    """The book's loop: nothing is kept but x."""

    def run():
        x = start.copy()
        began = time.perf_counter()
        for _ in range(PLAIN_STEPS):
            x -= 1e-4 * textbook_gradient(f, x)
        return (time.perf_counter() - began) / PLAIN_STEPS

    return run


def textbook_recorded(f, start):
    """The book's loop with the record that koubai leaves: points, values and gradients."""

    def run():
        x, points, values, gradients = start.copy(), [], [], []
        began = time.perf_counter()
        for _ in range(PLAIN_STEPS):
            grad = textbook_gradient(f, x)
            points.append(x.copy())
            values.append(f(x))
            gradients.append(grad)
            x -= 1e-4 * grad
        np.array(points), np.array(values), np.array(gradients)
        return (time.perf_counter() - began) / PLAIN_STEPS

    return run


def koubai_plain(f, start, optimizer="sgd"):
    def run():
        began = time.perf_counter()
        path = kb.descend(f, start, 1e-4, PLAIN_STEPS, optimizer=optimizer)
        assert path.gradient == "numerical"
        return (time.perf_counter() - began) / PLAIN_STEPS

    return run


# ------------------------------------------------------------------------------------------------


def in_turn(contestants):
    """Median seconds of each, over rounds in which they take turns; the first round warms up."""
    times = {name: [] for name in contestants}
    for number in range(ROUNDS + 1):
        for name, run in contestants.items():
            seconds = run()
            if number:
                times[name].append(seconds)
    return {name: statistics.median(values) for name, values in times.items()}


def table(title, contestants, note=""):
    medians = in_turn(contestants)
    ours = next(iter(medians.values()))
    rows = [f"| {title} | µs per step | against koubai |", "|---|---|---|"]
    rows += [f"| {name} | {s * 1e6:.2f} | {s / ours:.2f} × |" for name, s in medians.items()]
    return "\n".join([*rows, note])


def plain_table(title, f, start):
    return table(
        title,
        {
            "koubai, plain loop with all its records": koubai_plain(f, start),
            "the textbook's loop with the same record": textbook_recorded(f, start),
            "the textbook's loop, nothing kept": textbook(f, start),
            "koubai, plain loop, Adam": koubai_plain(f, start, "adam"),
        },
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="write benchmarks/descent.md")
    arguments = parser.parse_args()
    parts = [
        table(
            f"Rosenbrock, {STEPS:,} steps of gradient descent",
            {
                "koubai, an objective, with all its records": koubai_compiled,
                "koubai, a plain function, compiled at each call": koubai_anew,
                "PyTorch eager, torch.optim.SGD": torch_eager,
                "PyTorch eager, by hand": torch_by_hand,
                'SciPy minimize(method="CG"), per iteration': scipy_cg,
            },
            "\nTo reach: PyTorch at 20 × or more, SciPy at 1 × or more.",
        ),
        plain_table("x₀² + x₁² in Python", two_squares, np.array([-3.0, 4.0])),
        plain_table("np.sum(x²), 2 variables", numpy_bowl, np.array([-3.0, 4.0])),
        plain_table("np.sum(x²), 50 variables", numpy_bowl, np.linspace(-3, 4, 50)),
    ]
    text = "\n\n".join(
        [
            "# Descent",
            f"`python benchmarks/descent.py --write`, on {machine('jax', 'torch', 'scipy')}. "
            f"Medians of {ROUNDS} rounds, in turn, warm.",
            *parts,
        ]
    )
    print(text)
    if arguments.write:
        Path(__file__).with_suffix(".md").write_text(text + "\n")


if __name__ == "__main__":
    main()
