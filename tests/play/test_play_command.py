"""`koubai play` as a process of its own, with real signals, and what it says to bad input."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
import urllib.request
from types import SimpleNamespace

import pytest

from koubai.cli import main
from koubai.play.limits import MOST_SESSIONS
from koubai.play.messages import Advance, Network, Run, Seen, SetNetwork

PATIENCE = 120
# The command itself, on a page whose module need not be built.
COMMAND = """
import sys
import koubai.play.page
koubai.play.page.module_source = lambda name: "const mountPlay = () => 0;"
from koubai.cli import main
sys.exit(main())
"""


@contextlib.contextmanager
def playing(*options, **environment):
    """The process once it listens, and where; it is gone at the end of the block."""
    process = subprocess.Popen(
        [sys.executable, "-c", COMMAND, "play", *map(str, options)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ | environment,
    )  # fmt: skip
    killer = threading.Timer(PATIENCE, process.kill)
    killer.start()
    try:
        first = process.stdout.readline()
        found = re.fullmatch(r"the playground is at (http://(.*):(\d+)/\?token=(\S+))\n", first)
        assert found, first + process.stderr.read()
        assert process.stdout.readline() == "Ctrl-C ends it\n"
        address, host, port, token = found.groups()
        yield SimpleNamespace(
            process=process, address=address, host=host, port=int(port), token=token,
            origin=f"http://{host}:{port}",
            socket_address=lambda name: f"ws://{host}:{port}/session?token={token}&session={name}",
        )  # fmt: skip
    finally:
        killer.cancel()
        process.kill()
        process.communicate()


def ended(process):
    """The exit code, and what was said since the address was."""
    out, err = process.communicate(timeout=PATIENCE)
    return process.returncode, out, err


@pytest.mark.parametrize(
    ("number", "code", "name"), [(signal.SIGINT, 130, "Ctrl-C"), (signal.SIGTERM, 143, "SIGTERM")]
)
def test_it_serves_until_it_is_told_to_end(number, code, name):
    with playing("--no-browser", "--lang", "ja") as there:
        assert there.host == "127.0.0.1"
        with urllib.request.urlopen(there.address, timeout=PATIENCE) as page:  # noqa: S310
            assert '<html lang="ja">' in page.read().decode()
        there.process.send_signal(number)
        assert ended(there.process) == (code, "", f"koubai: stopped by {name}\n")


def test_it_ends_with_pages_open_and_a_network_running(play):
    with playing("--no-browser") as there:
        pages = [play.Client(there, f"session-number-{k:04}") for k in range(MOST_SESSIONS)]
        for page in pages:
            page.told("hello")
        pages[0].ask(SetNetwork, network=Network())
        pages[0].ask(Run, on=True)
        assert pages[0].told("frame", 2)["running"]
        pages[0].ask(Seen)
        there.process.send_signal(signal.SIGINT)
        assert ended(there.process) == (130, "", "koubai: stopped by Ctrl-C\n")
        for page in pages:
            page.closed()


def test_it_ends_in_the_middle_of_something_long_and_with_a_page_that_does_not_read(play):
    with playing("--no-browser") as there:
        page = play.Client(there, max_queue=1)
        page.told("hello")
        page.ask(SetNetwork, network=Network(data="digits", hidden=(2000,)))
        for _ in range(40):  # some megabytes that the page does not fetch
            page.ask(Advance)
        time.sleep(1)
        with play.Client(there, "another-session-here") as other:
            other.ask(SetNetwork, network=Network())
            other.told("frame", 1)
            other.ask(Advance, steps=100_000, unit="epoch")
            time.sleep(0.5)
            there.process.send_signal(signal.SIGTERM)
            code, _, err = ended(there.process)
        assert (code, err) == (143, "koubai: stopped by SIGTERM\n")


def test_what_is_asked_for_reaches_the_page(play, tmp_path):
    table = tmp_path / "fruits.csv"
    table.write_text("\n".join(["weight,kind", *(f"{k},{'ab'[k % 2]}" for k in range(40))]))
    options = ("--lesson", "neuron", "--lang", "ja", "--data", table, "--no-browser")
    with playing(*options) as there, play.Client(there) as page:
        greeting = page.told("hello")
        assert (greeting["lesson"], greeting["language"]) == ("neuron", "ja")
        [own] = [data for data in greeting["datasets"] if data["name"].startswith("fruits")]
        assert (own["inputs"], own["classes"]) == (1, ["a", "b"])
        page.ask(SetNetwork, network=Network(data=own["name"]))
        assert page.told()["sizes"] == [1, 3, 2]


def test_the_browser_is_opened_at_the_address(tmp_path):
    browser, visited = tmp_path / "browser", tmp_path / "visited"
    browser.write_text(f'#!/bin/sh\nprintf %s "$1" > {visited}.tmp\nmv {visited}.tmp {visited}\n')
    browser.chmod(browser.stat().st_mode | stat.S_IXUSR)
    with playing(BROWSER=f"{browser} %s") as there:
        end = time.monotonic() + PATIENCE
        while not visited.exists():
            assert time.monotonic() < end
            time.sleep(0.01)
        assert visited.read_text() == there.address


def test_a_port_of_ones_own(play):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        free = taken.getsockname()[1]
    with playing("--port", free, "--no-browser") as there, play.Client(there) as page:
        assert there.port == free
        assert page.told()["type"] == "hello"


@pytest.fixture
def refused(monkeypatch, capsys):
    """What a command line says that is refused: one line, before anything is served."""
    monkeypatch.setattr("koubai.play.page.module_source", lambda _: "const mountPlay = () => 0;")

    def run(*options):
        assert main(["play", "--no-browser", *map(str, options)]) == 2
        out, err = capsys.readouterr()
        assert out == ""
        [line] = err.splitlines()
        return line

    return run


def test_a_port_that_is_taken(refused):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert refused("--port", port) == (
            f"koubai: --port is {port}, which another program uses: give another, or none for a "
            f"free one"
        )


def test_bad_input(refused, tmp_path):
    empty = tmp_path / "empty"
    empty.mkdir()
    broken = tmp_path / "broken.csv"
    broken.write_text("a,b\n1\n")
    for options, message in [
        (["--lesson", "nueron"], "unknown lesson 'nueron'. Did you mean 'neuron'?"),
        (["--lang", "fr"], "give en or ja"),
        (["--port", "many"], "give a whole number"),
        (["--port", "-1"], "--port is -1"),
        (["--port", "65536"], "--port is 65536: give one up to 65535"),
        (["--host", "0.0.0.0"], "--host is '0.0.0.0', which is every address"),  # noqa: S104
        (["--host", "::"], "--host is '::', which is every address"),
        (["--host", "0"], "--host is '0', which is every address"),
        (["--host", ""], "--host is ''"),
        (["--host", "192.0.2.1"], "--host is '192.0.2.1', where nothing can listen"),
        (["--host", "no.such.name.invalid"], "--host is 'no.such.name.invalid', where nothing"),
        (["--data", tmp_path / "none.csv"], "none.csv does not exist"),
        (["--data", empty], "empty"),
        (["--data", broken], "broken.csv"),
    ]:
        assert message in refused(*options)
