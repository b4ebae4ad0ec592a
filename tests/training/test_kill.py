"""A process killed while it trains leaves a run that can be read and gone on with."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import koubai as kb

SCRIPT = Path(__file__).with_name("killed.py")
EPOCHS = 20_000


def script():
    spec = importlib.util.spec_from_file_location("killed", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def start(tmp_path_factory):
    """Starts the process, and waits until it trains. What it compiles, the next one need not."""
    compiled = {
        "JAX_COMPILATION_CACHE_DIR": str(tmp_path_factory.mktemp("compiled")),
        "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
        "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
    }

    def start(folder):
        command = [sys.executable, SCRIPT, folder, str(EPOCHS)]
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, text=True, env=os.environ | compiled
        )
        assert process.stdout.readline() == "ready\n"
        return process

    return start


def iterations(folder):
    description = folder / "run.json"
    if not description.exists():
        return 0
    return json.loads(description.read_text())["outcome"]["iterations"]


def wait_until_it_gets_on(process, folder):
    before = iterations(folder)
    while iterations(folder) == before:
        assert process.poll() is None
        time.sleep(0.02)


def test_a_process_told_to_end_keeps_what_it_learnt(tmp_path, start):
    """SIGTERM, as a batch system sends it, is heard as Ctrl-C is."""
    folder = tmp_path / "run"
    process = start(folder)
    wait_until_it_gets_on(process, folder)
    process.terminate()
    process.communicate(timeout=60)
    assert process.returncode == 0  # it came to the end of the script
    run = kb.load_run(folder)
    assert run.stopped == "interrupted"
    assert f"stopped by SIGTERM after {run.outcome.iterations} iterations" in run.outcome.message
    assert len(run.history.batch_losses) == run.outcome.iterations > 0


def test_ten_kills_in_a_row_lose_nothing(tmp_path, start):
    """Every other one once it got on, so that there is something to lose."""
    rng = np.random.default_rng(0)
    folder, reached = tmp_path / "run", [0]
    for kill in range(10):
        process = start(folder)
        if kill % 2 == 1:
            wait_until_it_gets_on(process, folder)
        time.sleep(rng.uniform(0.0, 0.4))
        assert process.poll() is None, "it ended before it could be killed"
        process.kill()
        process.communicate()
        if not (folder / "run.json").exists():
            assert reached == [0]  # killed before there was anything to keep
            continue
        run = kb.load_run(folder)
        assert run.outcome.iterations >= reached[-1]
        assert np.isfinite(run.history.batch_losses).all()
        assert run.path.iterations[-1] == run.outcome.iterations
        reached.append(run.outcome.iterations)
    assert len(set(reached)) > 5  # with the start: each that was waited for did get on

    killed = script()
    epochs = run.outcome.epochs + 3
    resumed = kb.resume(folder, epochs=epochs)
    whole = kb.train(killed.NETWORK, killed.data(), epochs=epochs, **killed.SETTINGS)
    for ours, theirs in zip(resumed.params, whole.params, strict=True):
        assert np.asarray(ours.w).tobytes() == np.asarray(theirs.w).tobytes()
        assert np.asarray(ours.b).tobytes() == np.asarray(theirs.b).tobytes()
    np.testing.assert_array_equal(resumed.path.points, whole.path.points)
    np.testing.assert_array_equal(resumed.path.iterations, whole.path.iterations)
    np.testing.assert_array_equal(resumed.history.batch_losses, whole.history.batch_losses)
    np.testing.assert_array_equal(resumed.history.test_loss, whole.history.test_loss)
