"""What a page says repeats a run does repeat it, to the same bits."""

from __future__ import annotations

import shlex
from typing import Any

import numpy as np
import optax
import pytest

import koubai as kb
from koubai.cli import main
from koubai.report.reproduce import reproduce_run

RUNS = {
    "digits": lambda: kb.train(
        kb.Network([64, 5, 10], hidden="relu"), kb.data.digits(), "adam", 0.003, 50, 2, seed=3
    ),
    "two hidden layers": lambda: kb.train(
        kb.Network([64, 5, 4, 10], hidden="tanh", initialiser="normal(0.2)"),
        kb.data.digits(), epochs=1, schedule="cosine", weight_decay=1e-3, validation=0.25,
    ),
    "other data": lambda: kb.train(
        kb.Network([2, 6, 1], hidden="tanh", output="sigmoid"), kb.data.moons(noise=0.3, seed=4),
        "momentum", 0.05, 20, 3, loss="squared_error",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", RUNS)
def test_the_python_repeats_the_run(name):
    run = RUNS[name]()
    known: dict[str, Any] = {}
    exec(reproduce_run(run).python, known)  # noqa: S102
    np.testing.assert_array_equal(known["run"].path.points, run.path.points)


@pytest.mark.parametrize("name", ["digits", "two hidden layers"])
def test_the_command_repeats_the_run(name, tmp_path):
    run = RUNS[name]()
    koubai, *words = shlex.split(reproduce_run(run).command)
    assert koubai == "koubai"
    assert main([*words, "--out", str(tmp_path / "again"), "--no-figures"]) == 0
    again = kb.load_run(tmp_path / "again")
    np.testing.assert_array_equal(again.path.points, run.path.points)


def test_where_no_command_can_say_it_there_is_none():
    assert reproduce_run(RUNS["other data"]()).command == ""


def test_what_is_not_stored_is_a_name_to_be_filled_in():
    digits = kb.data.digits()
    own = kb.data.arrays(digits.train.x, digits.train.t)
    network = kb.Network([64, 4, 10])
    run = kb.train(network, own, optax.adam(0.01), epochs=1, params=network.init(9))
    found = reproduce_run(run)
    assert found.command == ""
    assert "data = …" in found.python
    assert "params = …" in found.python
    assert "optimizer=my_optimizer" in found.python


@pytest.mark.parametrize(
    ("name", "own"),
    [
        ("optimizer", {"optimizer": optax.chain(optax.clip(0.1), optax.sgd(0.2))}),
        ("learning_rate", {"learning_rate": optax.linear_schedule(0.3, 0.1, 40)}),
    ],
)
def test_filled_in_it_repeats_the_run(name, own):
    run = kb.train(kb.Network([64, 4, 10]), kb.data.digits(), epochs=1, **own)
    text = reproduce_run(run).python
    [line] = [line for line in text.splitlines() if line.startswith(f"my_{name} = …")]
    known: dict[str, Any] = {f"my_{name}": own[name]}
    exec(text.replace(line, ""), known)  # noqa: S102
    np.testing.assert_array_equal(known["run"].path.points, run.path.points)


def test_a_table_and_a_folder_are_named(tmp_path):
    rows = "\n".join(f"{i},{i % 3},{i * 0.5}" for i in range(60))
    file = tmp_path / "my data.csv"
    file.write_text(f"a,b,c\n{rows}\n")
    data = kb.data.table(file, "b", task="classification")
    run = kb.train(kb.Network([2, 3], output="softmax"), data, epochs=1)
    found = reproduce_run(run)
    assert shlex.split(found.command)[:7] == [
        "koubai", "train", str(file), "--target", "b", "--task", "classification",
    ]  # fmt: skip
    assert "kb.data.table(" in found.python
