"""Data-parallel objectives: the numbers of one device on eight, and in two processes."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from pathlib import Path

import jax
import numpy as np
import pytest
from adapters.devices import PARAMS, T, X, losses

import koubai as kb
from koubai.errors import DataError, FunctionError, SettingError

SCRIPT = Path(__file__).with_name("devices.py")


def started(*arguments):
    command = [sys.executable, str(SCRIPT), *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def answer(process):
    out, error = process.communicate(timeout=240)
    assert process.returncode == 0, error
    return json.loads(out.splitlines()[-1])


@pytest.fixture(scope="module")
def alone():
    """The same mean on this machine's one device, through `jax_objective`."""
    return kb.jax_objective(lambda params: losses(params, X, T).mean(), PARAMS)


def agree(found, alone):
    start = alone.start
    assert found["value"] == pytest.approx(alone.value(start), rel=1e-6)
    np.testing.assert_allclose(found["gradient"], alone.gradient(start), rtol=1e-4, atol=1e-6)
    v = np.linspace(-1, 1, start.size).astype(np.float32)
    bend = jax.jit(lambda x: jax.jvp(jax.grad(alone.f), (x,), (v,))[1])(start)
    np.testing.assert_allclose(found["product"], bend, rtol=1e-4, atol=1e-5)
    plane = kb.Plane.random(alone, seed=3)
    land = kb.landscape(alone, plane, (3, 4), metric="gradient")
    np.testing.assert_allclose(found["heights"], land.heights, rtol=1e-5)
    np.testing.assert_allclose(found["slopes"], land.values, rtol=1e-4, atol=1e-5)
    end = kb.descend(alone, learning_rate=0.3, steps=12).points[-1]
    np.testing.assert_allclose(found["end"], end, rtol=1e-4, atol=1e-5)
    assert found["how"] == "exact"
    top = kb.curvature(alone, k=2, probes=2, steps=5).top
    np.testing.assert_allclose(found["top"], top, rtol=1e-3)


def test_eight_devices_give_the_numbers_of_one(alone):
    found = answer(started(8))
    assert found["devices"] == found["facts"]["devices"] == 8
    assert found["facts"]["examples"] == 203
    agree(found, alone)


def test_two_processes_give_the_numbers_of_one(alone):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    processes = [started(2, 2, rank, port) for rank in (0, 1)]
    try:
        first, second = map(answer, processes)
    finally:
        for process in processes:
            process.kill()
    assert first == second
    assert first["devices"] == 4
    agree(first, alone)


@pytest.mark.parametrize("batch_size", [1, 50, 203, 1000])
def test_the_batch_size_changes_nothing(alone, batch_size):
    objective = kb.data_parallel(losses, PARAMS, (X, T), batch_size=batch_size)
    assert objective.value(alone.start) == pytest.approx(alone.value(alone.start), rel=1e-6)


def test_what_does_not_fit_is_refused():
    with pytest.raises(DataError, match=r"data holds \[203, 202\] examples"):
        kb.data_parallel(losses, PARAMS, (X, T[1:]))
    with pytest.raises(DataError, match=r"data holds \[\] examples"):
        kb.data_parallel(losses, PARAMS, ())
    with pytest.raises(FunctionError, match=r"losses gives the shape \(\) for 203 examples"):
        kb.data_parallel(lambda *given: losses(*given).mean(), PARAMS, (X, T))
    with pytest.raises(SettingError, match=r"devices is \[\]"):
        kb.data_parallel(losses, PARAMS, (X, T), devices=[])
    for devices in (["cpu"], "cpu", jax.devices() * 2):
        with pytest.raises(SettingError, match=r"devices is .*: give some of jax.devices\(\)"):
            kb.data_parallel(losses, PARAMS, (X, T), devices=devices)
    with pytest.raises(FunctionError, match="losses is 3"):
        kb.data_parallel(3, PARAMS, (X, T))
    with pytest.raises(FunctionError, match="losses fails on the data"):
        kb.data_parallel(losses, PARAMS, (X[:, 1:], T))
    with pytest.raises(SettingError, match="batch_size is 0"):
        kb.data_parallel(losses, PARAMS, (X, T), batch_size=0)
    with pytest.raises(SettingError, match="give a pytree with arrays"):
        kb.data_parallel(losses, {"w": 3}, (X, T))
