"""Addresses that are none of a Dask scheduler: each is said in one line, and soon."""

from __future__ import annotations

import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from http.server import HTTPServer, SimpleHTTPRequestHandler

import pytest
from distributed import Client
from landscapes.cluster import cluster

from koubai.errors import SettingError
from koubai.landscapes.cluster import on_cluster


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def listening() -> Iterator:
    """Starts what accepts each connection, says these bytes, and nothing more."""
    with ExitStack() as stack:

        def listen(says: bytes) -> str:
            server = stack.enter_context(closing(socket.create_server(("127.0.0.1", 0))))

            def answer() -> None:
                with server.accept()[0] as own:
                    own.sendall(says)
                    own.settimeout(30)
                    while own.recv(1000):
                        pass

            thread = threading.Thread(target=answer, daemon=True)
            thread.start()
            stack.callback(thread.join, 30)
            return f"tcp://127.0.0.1:{server.getsockname()[1]}"

        yield listen


def refused(address: str) -> str:
    began = time.monotonic()
    with pytest.raises(SettingError, match=r"cluster is .*, where no scheduler is found") as caught:
        on_cluster(address).__enter__()
    assert time.monotonic() - began < 10
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_what_says_nothing(listening):
    assert "(no answer)" in refused(listening(b""))


@pytest.mark.parametrize(
    "says",
    [
        b"HTTP/1.1 400 Bad Request\r\n\r\n",  # a length of 3 EiB
        struct.pack("Q", 16) + b"sixteen bytes, & more",
    ],
)
def test_what_says_something_else(listening, says, capfd):
    assert "(what answers there is not Dask)" in refused(listening(says))
    assert capfd.readouterr().err == ""  # Dask logs what it cannot read


def test_a_web_server():
    with HTTPServer(("127.0.0.1", 0), Quiet) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        refused(f"tcp://127.0.0.1:{server.server_port}")
        server.shutdown()
        thread.join()


def test_what_is_no_address_is_said_at_once_and_nothing_comes_behind_it():
    began = time.monotonic()
    code = f"from {on_cluster.__module__} import on_cluster; on_cluster('here').__enter__()"
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "(missing port number in address 'here')" in process.stderr.splitlines()[-1]
    assert process.stderr.count("Traceback") == 1  # the error's own
    assert time.monotonic() - began < 10
    assert "TLS expects" in refused("tls://127.0.0.1:8786")


def test_a_worker_is_no_scheduler(tmp_path):
    with cluster(tmp_path, workers=1) as own, Client(own.address) as client:
        client.wait_for_workers(1, timeout=60)
        (worker,) = client.scheduler_info()["workers"]
        assert "(a dask worker answers there)" in refused(worker)
