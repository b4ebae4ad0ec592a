"""A Dask cluster on this machine: the scheduler and each worker a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass
class Cluster:
    address: str
    workers: list[subprocess.Popen[bytes]]


@contextmanager
def cluster(folder: Path, workers: int = 4) -> Iterator[Cluster]:
    """Started on loopback, on a port that is free; ended afterwards, process by process."""
    folder = Path(tempfile.mkdtemp(dir=folder))
    place = folder / "scheduler.json"
    own = ("--host", "127.0.0.1", "--no-dashboard")
    with ExitStack() as stack:
        file = ("--scheduler-file", place)
        stack.enter_context(_started(folder, "scheduler", *own, "--port", "0", *file))
        _wait_for(lambda: place.exists() and place.stat().st_size > 0)
        address = json.loads(place.read_text())["address"]
        alone = ("--nthreads", "1", "--no-nanny", "--memory-limit", "0")
        yield Cluster(
            address,
            [
                stack.enter_context(_started(folder, "worker", address, *own, *alone))
                for _ in range(workers)
            ],
        )


@contextmanager
def _started(folder: Path, part: str, *arguments: object) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "distributed.cli.dask_" + part, *map(str, arguments)]
    with (folder / f"{part}.log").open("ab") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, env=os.environ)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def _wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "the scheduler did not start"
        time.sleep(0.05)
