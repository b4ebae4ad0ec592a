"""A process killed while it trains leaves a run that can be read and gone on with."""

from __future__ import annotations

import importlib.util
import json
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


def train_and_kill(folder, seconds):
    """Starts the process, lets it train for so long, and kills it."""
    process = subprocess.Popen(
        [sys.executable, SCRIPT, folder, str(EPOCHS)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "ready\n"
    time.sleep(seconds)
    assert process.poll() is None, "it ended before it could be killed"
    process.kill()
    process.communicate()


def test_a_process_told_to_end_keeps_what_it_learnt(tmp_path):
    """SIGTERM, as a batch system sends it, is heard as Ctrl-C is."""
    folder = tmp_path / "run"
    process = subprocess.Popen(
        [sys.executable, SCRIPT, folder, str(EPOCHS)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "ready\n"
    description = folder / "run.json"
    while not (
        description.exists() and json.loads(description.read_text())["outcome"]["iterations"]
    ):
        assert process.poll() is None
        time.sleep(0.05)
    process.terminate()
    process.communicate(timeout=60)
    assert process.returncode == 0  # it came to the end of the script
    run = kb.load_run(folder)
    assert run.stopped == "interrupted"
    assert f"stopped by SIGTERM after {run.outcome.iterations} iterations" in run.outcome.message
    assert len(run.history.batch_losses) == run.outcome.iterations > 0


@pytest.mark.parametrize("seed", [0, 1])
def test_ten_kills_in_a_row_lose_nothing(tmp_path, seed):
    rng = np.random.default_rng(seed)
    folder, reached = tmp_path / "run", [0]
    while len(reached) <= 10:
        train_and_kill(folder, rng.uniform(0.0, 1.5))
        if not (folder / "run.json").exists():
            assert reached == [0]  # killed before there was anything to keep
            continue
        run = kb.load_run(folder)
        assert run.outcome.iterations >= reached[-1]
        assert np.isfinite(run.history.batch_losses).all()
        assert run.path.iterations[-1] == run.outcome.iterations
        reached.append(run.outcome.iterations)
    assert len(set(reached)) > 5  # it did get on between the kills

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
