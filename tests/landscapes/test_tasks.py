"""The same bits from one process, from several, and from a cluster that loses a worker."""

from __future__ import annotations

import math
import os
import signal
import time
from types import SimpleNamespace

import joblib
import numpy as np
import pytest
from landscapes.cluster import cluster

import koubai as kb
from koubai.errors import SettingError
from koubai.landscapes import tasks
from koubai.landscapes.tasks import Job, compute, rows_of

PLANE = kb.Plane.between([0.2, 0.1], [1.2, 0.1], [0.2, 2.1])


@pytest.fixture(scope="module")
def digits():
    network = kb.Network([64, 7, 10], hidden="tanh")
    return kb.objective(network, network.init(0), kb.data.digits())


@pytest.fixture(scope="module")
def plane(digits):
    return kb.Plane.random(digits, seed=3)


@pytest.fixture(scope="module")
def here(digits, plane):
    return kb.landscape(digits, plane, (61, 33))


@pytest.mark.parametrize("shape", [(51, 51), (61, 33), (2, 2), (3, 2000), (1000,), (513,), (7, 5)])
def test_chunks_are_whole_rows_of_about_512_points(shape):
    axes = tuple(np.linspace(-1, 2, size) for size in shape)
    job = Job(SimpleNamespace(), PLANE, "loss", axes)
    found = np.concatenate([job.coordinates(chunk) for chunk in range(job.chunks)])
    expected = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, len(axes))
    np.testing.assert_array_equal(found, expected)
    columns = math.prod(shape[1:])
    assert rows_of(axes) * columns <= max(768, columns)
    assert job.chunks * rows_of(axes) <= max(1.04 * shape[0], 256)


@pytest.mark.parametrize("points", [40, 200, 5000])
def test_values_do_not_depend_on_the_chunks(digits, plane, here, monkeypatch, points):
    monkeypatch.setattr(tasks, "_POINTS", points)
    np.testing.assert_array_equal(kb.landscape(digits, plane, (61, 33)).values, here.values)


def test_two_processes_give_the_same_bits(digits, plane, here):
    with joblib.parallel_config(backend="loky", n_jobs=2):
        there = kb.landscape(digits, plane, (61, 33))
    np.testing.assert_array_equal(there.values, here.values)


def test_threads_give_the_same_bits(digits, plane, here):
    with joblib.parallel_config(backend="threading", n_jobs=3):
        there = kb.landscape(digits, plane, (61, 33))
    np.testing.assert_array_equal(there.values, here.values)


def test_a_backend_that_gives_back_whole_rounds_gives_the_same_bits(
    digits, plane, here, tmp_path, monkeypatch
):
    """As Ray's and multiprocessing's do: joblib refuses to hand out their results one by one."""

    class InRounds(joblib.parallel.ThreadingBackend):
        supports_return_generator = False

    joblib.register_parallel_backend("in rounds", InRounds)
    monkeypatch.setattr(tasks, "_POINTS", 70)
    monkeypatch.setattr(tasks, "_ROUND", 2)
    written = []
    keep = tasks.values_of_chunk
    monkeypatch.setattr(tasks, "values_of_chunk", lambda *task: written.append(task) or keep(*task))
    with joblib.parallel_config(backend="in rounds", n_jobs=3):
        there = kb.landscape(digits, plane, (61, 33), out=tmp_path / "valley.zarr")
    np.testing.assert_array_equal(there.values, here.values)
    assert len(written) > 2 * 3  # more than one round


def fatal(marker, deaths):
    """A function that ends its process at one of its points, as often as it is told."""
    own = os.getpid()

    def f(x):
        dead = len(list(marker.iterdir()))
        if x[0] > 0.7 and dead < deaths and os.getpid() != own:
            (marker / str(dead)).touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return float(x[0] * x[1])

    return kb.objective(f, [0.2, 0.1])


@pytest.mark.filterwarnings("ignore:A worker stopped while:UserWarning")
def test_the_chunks_of_a_lost_process_are_done_again(tmp_path, caplog):
    with joblib.parallel_config(backend="loky", n_jobs=2):
        land = kb.landscape(fatal(tmp_path, 1), PLANE, (60, 40))
    alpha, beta = np.meshgrid(*land.axes, indexing="ij")
    np.testing.assert_allclose(land.values, (0.2 + alpha) * (0.1 + 2 * beta), atol=1e-14)
    assert len(list(tmp_path.iterdir())) == 1
    assert "a worker was lost" in caplog.text


@pytest.mark.filterwarnings("ignore:A worker stopped while:UserWarning")
def test_processes_that_are_lost_again_and_again_are_an_error(tmp_path):
    line = kb.Plane.between([0.8, 0.1], [1.2, 0.1])
    with (
        joblib.parallel_config(backend="loky", n_jobs=2),
        pytest.raises(SettingError, match="lost its workers 3 times in a row"),
    ):
        kb.landscape(fatal(tmp_path, 99), line, 5, span=(0, 1))


def test_a_dask_cluster_gives_the_same_bits_and_may_lose_workers(tmp_path, digits, plane, here):
    from distributed import Client

    with cluster(tmp_path) as own, Client(own.address) as client:
        client.wait_for_workers(4, timeout=60)
        with joblib.parallel_config(backend="dask"):
            there = kb.landscape(digits, plane, (61, 33))
            np.testing.assert_array_equal(there.values, here.values)

            job = Job(digits, plane, "loss", here.axes)
            found = {}
            for chunk, values in compute(job, range(job.chunks)):
                found[chunk] = values.values[:, 0]
                if len(found) == 1:
                    _kill_one(own)
            values = np.concatenate([found[chunk] for chunk in range(job.chunks)])
            np.testing.assert_array_equal(values.reshape(61, 33), here.values)

            # Every worker that holds the objective is lost: it has to be sent anew.
            job = Job(digits, plane, "loss", here.axes)
            found = {}
            for chunk, values in compute(job, range(job.chunks)):
                found[chunk] = values.values[:, 0]
                if len(found) == 1:
                    _kill_holders(own, client)
            values = np.concatenate([found[chunk] for chunk in range(job.chunks)])
            np.testing.assert_array_equal(values.reshape(61, 33), here.values)


def _kill_one(own):
    own.workers[0].kill()


def _kill_holders(own, client):
    pids = client.run(os.getpid)
    holders = {a for name, places in client.who_has().items() if "Job" in name for a in places}
    assert holders
    left = set(pids) - holders
    victims = {pids[address] for address in (holders if left else list(holders)[:-1])}
    for worker in own.workers:
        if worker.pid in victims:
            worker.kill()
    time.sleep(0.5)
