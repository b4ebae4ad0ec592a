"""A real server on a real port, clients that speak to it as a browser does, and benches."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import numpy as np
import pytest
from browser import Visit
from playground import PATIENCE
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

import koubai as kb
from koubai.errors import SettingError
from koubai.play import messages
from koubai.play.lessons import LESSONS
from koubai.play.page import Page, play_page
from koubai.play.server import Server
from koubai.play.sessions import Sessions
from koubai.report.modules import module_source
from koubai.told import Told

_NONE = np.zeros(0)


def hello() -> messages.Hello:
    return messages.Hello(
        koubai="test", language="en", lesson=None, lessons=LESSONS, set=False, surfaces=(),
        activations=(), losses=(), optimizers=(), initialisers=(), datasets=(),
    )  # fmt: skip


def made(network: messages.Network, number: int | None) -> messages.NetworkMade:
    return messages.NetworkMade(
        number=number, network=network, sizes=(12, 3, 2), activations=("sigmoid", "softmax"),
        parameters=47, iterations_per_epoch=8, batch_size=8, formulas={},
    )  # fmt: skip


def frame(number: int | None, running: bool, iteration: int, params: Any = ()) -> messages.Frame:
    return messages.Frame(
        number=number, running=running, iteration=iteration, epoch=0, batch=0, learning_rate=0.1,
        weight_decay=0.0,
        layers=tuple(messages.Layer(w=np.asarray(w), b=np.asarray(b)) for w, b in params),
        batch_iterations=_NONE, batch_losses=_NONE, measured_at=_NONE, train_loss=_NONE,
        test_loss=_NONE, train_accuracy=_NONE, test_accuracy=_NONE, confusion=None, rate=0.0,
        compute=0.0, stopped="", first_bad_step=0, why=None, stops=messages.Stops(),
        can_go_back=iteration > 0,
    )  # fmt: skip


class Counting:
    """Benches that count iterations, and do what a test asks for by the name of a formula."""

    # How a run fails: not, as koubai knows it, by a fault, or when it is shown; and whether it
    # cannot even be stopped.
    failing: str = ""
    stuck = paused = False

    def __init__(self) -> None:
        self.at_work, self.iteration = False, 0
        self.asked: list[messages.Request] = []
        self.go = threading.Event()

    def hello(self, number: int | None = None) -> messages.Hello:
        return hello()

    def answers(self, request: messages.Request) -> Sequence[messages.Answer]:
        self.asked.append(request)
        match request:
            case messages.SetSlope(slope=messages.Slope(formula="told")):
                raise SettingError(Told("that cannot be", "それはできない"))
            case messages.SetSlope(slope=messages.Slope(formula="refused")):
                raise SettingError("formula is 'refused': give another")
            case messages.SetSlope(slope=messages.Slope(formula="fault")):
                raise ZeroDivisionError("planted")
            case messages.SetSlope(slope=messages.Slope(formula="unsendable")):
                file = messages.File(number=request.number, name="", media_type="", content=_ODD)
                return [file]
            case messages.SetSlope(slope=messages.Slope(formula="wait")):
                assert self.go.wait(PATIENCE)
                return []
            case messages.TakeAway():
                content = np.zeros(1_000_000, np.uint8)
                file = messages.File(
                    number=request.number, name="a", media_type="b", content=content
                )
                return [file]
            case messages.SetNetwork():
                self.iteration, self.at_work = 0, False
                return [made(request.network, request.number), self.frame(request.number)]
            case messages.Advance(steps=steps):
                self.iteration += steps
            case messages.Run(on=on):
                self.paused = not on
                if self.stuck and not on:
                    raise ZeroDivisionError("planted")
                self.at_work = on
            case _:
                pass
        return [self.frame(request.number)]

    def go_on(self, seconds: float) -> None:
        if self.failing:
            raise (
                SettingError("cannot") if self.failing == "known" else ZeroDivisionError("planted")
            )
        self.iteration += 1
        time.sleep(0.001)

    def frame(self, number: int | None = None) -> messages.Frame:
        if self.failing == "frame" and self.iteration > 10:
            raise ZeroDivisionError("planted")
        return frame(number, self.at_work, self.iteration)


_ODD = np.array(["text is no number"])


class Learning:
    """Benches with a real network in them."""

    def __init__(self) -> None:
        self.at_work = False
        self.learner = new_learner()

    def hello(self, number: int | None = None) -> messages.Hello:
        return hello()

    def answers(self, request: messages.Request) -> Sequence[messages.Answer]:
        if isinstance(request, messages.SetNetwork):
            self.learner = new_learner()
            return [made(request.network, request.number), self.frame(request.number)]
        if isinstance(request, messages.Run):
            self.at_work = request.on
        return [self.frame(request.number)]

    def go_on(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.learner.step(8)

    def frame(self, number: int | None = None) -> messages.Frame:
        return frame(number, self.at_work, self.learner.iteration, self.learner.params)


def new_learner() -> kb.Learner:
    return kb.Learner(kb.Network([12, 3, 2]), kb.data.bitmaps(), batch_size=8)


# --- the other side -----------------------------------------------------------------------------


def unpacked(data: bytes) -> Any:
    """An answer as the page reads it."""
    length = int.from_bytes(data[:4], "little")
    arrays = (4 + length + 7) // 8 * 8

    def numbers(value: dict[str, Any]) -> Any:
        if value.keys() != {"type", "shape", "at"}:
            return value
        count = int(np.prod(value["shape"]))
        flat = np.frombuffer(data, "<" + value["type"], count, arrays + value["at"])
        return flat.reshape(value["shape"])

    return json.loads(data[4 : 4 + length], object_hook=numbers)


class Client:
    """A page: what it sends, and what it is told."""

    def __init__(self, running: Running, session: str = "a-session-of-the-tests", **settings: Any):
        self.number = 0
        self._end = ExitStack()
        self.socket = self._end.enter_context(
            connect(
                running.socket_address(session), origin=running.origin, compression=None,
                max_size=None, open_timeout=PATIENCE, close_timeout=PATIENCE, **settings,
            )
        )  # fmt: skip

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.leave()

    def leave(self) -> None:
        """Says goodbye."""
        self._end.close()

    def lose(self) -> None:
        """The connection breaks: no word of goodbye."""
        self.socket.socket.shutdown(socket.SHUT_RDWR)

    def ask(self, kind: Any, **fields: Any) -> int:
        """Sends a request, and returns its number."""
        self.number += 1
        self.socket.send(msgspec.json.encode(kind(number=self.number, **fields)).decode())
        return self.number

    def told(self, kind: str | None = None, number: int | str | None = "any") -> Any:
        """The next answer; of that kind, and to that request, where they are named."""
        while True:
            answer = unpacked(self.socket.recv(PATIENCE))
            if kind in (None, answer["type"]) and number in ("any", answer["number"]):
                return answer

    def answer(self, kind: Any, **fields: Any) -> Any:
        """What a request is answered first."""
        return self.told(number=self.ask(kind, **fields))

    def closed(self) -> tuple[int, str]:
        """Waits for the end of the connection; its code, and the reason."""
        try:
            while True:
                self.socket.recv(PATIENCE)
        except ConnectionClosed as error:
            close = error.rcvd
            return (1006, "") if close is None else (close.code, close.reason)


@dataclass
class Running:
    """A server that runs, its sessions, and the benches that it made."""

    server: Server
    sessions: Sessions
    benches: list[Any]
    thread: threading.Thread

    @property
    def port(self) -> int:
        return self.server.port

    @property
    def token(self) -> str:
        return self.server.address.partition("token=")[2]

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def socket_address(self, session: str) -> str:
        return f"ws://127.0.0.1:{self.port}/session?token={self.token}&session={session}"

    def stop(self) -> None:
        self.server.stop()
        self.thread.join(PATIENCE)
        assert not self.thread.is_alive()


@pytest.fixture(scope="session")
def page() -> Page:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("koubai.play.page.module_source", lambda _: "const mountPlay = () => 0;")
        return play_page("en")


@contextmanager
def serving(page: Page, make: Callable[[], Any] = Counting, **place: Any) -> Iterator[Running]:
    """A server in a thread, until the end of the block."""
    made_here = list[Any]()
    ready = threading.Event()

    def noted() -> Any:
        made_here.append(make())
        return made_here[-1]

    sessions = Sessions(noted, lambda greeting: greeting)
    server = Server(page, sessions, **place)
    thread = threading.Thread(target=server.run, args=(ready.set,))
    thread.start()
    running = Running(server, sessions, made_here, thread)
    try:
        assert ready.wait(PATIENCE)
        yield running
    finally:
        running.stop()


@pytest.fixture(scope="module")
def server(page: Page) -> Iterator[Running]:
    """One for all the tests of a module that leave it as it was."""
    with serving(page) as running:
        yield running


@pytest.fixture
def play(page: Page) -> SimpleNamespace:
    """What tests of one's own server need: `serve`, benches and `Client`."""

    def serve(make: Callable[[], Any] = Counting, **place: Any) -> Any:
        return serving(page, make, **place)

    return SimpleNamespace(
        serve=serve, Client=Client, Counting=Counting, Learning=Learning, new_learner=new_learner
    )


# --- a real process, and a browser


@contextmanager
def _playing(*options: str | Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """`koubai play` with those options: its address, and the process."""
    module_source("play")  # built now, so that the process need not
    command = [sys.executable, "-m", "koubai", "play", "--no-browser", *options]
    with (
        tempfile.TemporaryFile("w+") as errors,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True) as process,
    ):
        try:
            assert process.stdout is not None
            said = process.stdout.readline()
            errors.seek(0)
            assert "http" in said, errors.read()
            yield re.findall(r"http://\S+", said)[0], process
        finally:
            process.terminate()
            process.communicate(timeout=PATIENCE)


@pytest.fixture
def playing() -> Callable[..., Any]:
    """What tests of a process of their own need."""
    return _playing


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    with _playing() as (found, _):
        yield found


@contextmanager
def _visiting(chromium: Any, address: str, width: int, **device: Any) -> Iterator[Visit]:
    """A visit that must end without an error, and ask nobody but the server."""
    context = chromium.new_context(viewport={"width": width, "height": 900}, **device)
    visit = Visit(context.new_page())
    yield visit
    context.close()
    assert visit.complaints == []
    own = address.partition("?")[0]
    outside = [url for url in visit.requests if not url.startswith((own, "data:", "blob:"))]
    assert outside == []


@pytest.fixture
def visit(chromium: Any, address: str) -> Iterator[Visit]:
    with _visiting(chromium, address, 1280) as found:
        yield found


@pytest.fixture
def phone(chromium: Any, address: str) -> Iterator[Visit]:
    """A visit with a finger, on a narrow screen."""
    with _visiting(chromium, address, 390, has_touch=True, is_mobile=True) as found:
        yield found
