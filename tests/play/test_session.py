"""A network that runs while pages come, go, and look away."""

from __future__ import annotations

import gc
import os
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from koubai.play import session
from koubai.play.messages import Advance, Network, Run, Seen, SetNetwork

PATIENCE = 60
STATUS = Path("/proc/self/statm")


def until(found, what="it did not come to it"):
    end = time.monotonic() + PATIENCE
    while not found():
        assert time.monotonic() < end, what
        time.sleep(0.005)


def resident():
    """Bytes of memory that this process has in use."""
    gc.collect()
    return int(STATUS.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def test_a_page_that_sees_every_frame_gets_them_one_by_one(play):
    with play.serve() as running, play.Client(running) as page:
        page.told("hello")
        page.ask(SetNetwork, network=Network())
        page.told("frame", 1)
        page.ask(Seen)
        start = time.monotonic()
        frames = [page.answer(Run, on=True)]
        while len(frames) < 20:
            page.ask(Seen)
            frames.append(page.told("frame", None))
        elapsed = time.monotonic() - start
        iterations = [frame["iteration"] for frame in frames]
        assert iterations == sorted(set(iterations))
        assert all(frame["running"] for frame in frames)
        assert len(frames) <= 2 + 30 * elapsed  # no more than a page can draw
        frame = page.answer(Run, on=False)
        assert not frame["running"]
        assert page.answer(Advance)["iteration"] == frame["iteration"] + 1


def test_a_page_that_looks_away_slows_nothing(play):
    with play.serve() as running, play.Client(running) as page:
        page.told("hello")
        page.ask(SetNetwork, network=Network())
        page.told("frame", 1)
        page.ask(Seen)
        page.answer(Run, on=True)  # a frame, which it never says to have seen
        [benches] = running.benches
        until(lambda: benches.iteration > 500)
        with pytest.raises(TimeoutError):
            page.socket.recv(0.2)
        page.ask(Seen)
        assert page.told()["iteration"] > 500  # the network as it is by now, and none before it
        page.ask(Seen)
        assert page.told("frame", None)["running"]


def test_requests_are_answered_while_it_runs(play):
    with play.serve() as running, play.Client(running) as page:
        page.ask(Run, on=True)
        for _ in range(50):
            number = page.ask(Advance, steps=1000)
            assert page.told("frame", number)["running"]
        assert running.benches[0].iteration > 50_000


def test_what_ends_by_itself_is_shown(play):
    """The last frame says that it runs no more, once the page has seen the one before."""

    class Ending(play.Counting):
        def go_on(self, seconds):
            super().go_on(seconds)
            self.at_work = self.iteration < 100

    with play.serve(Ending) as running, play.Client(running) as page:
        page.ask(Run, on=True)
        page.told("frame", 1)
        until(lambda: not running.benches[0].at_work)
        page.ask(Seen)
        last = page.told()
        assert (last["running"], last["iteration"], last["number"]) == (False, 100, None)


@pytest.mark.parametrize("stuck", [False, True])
@pytest.mark.parametrize(
    ("failing", "why"), [("known", "cannot"), ("fault", "planted"), ("frame", "planted")]
)
def test_a_run_that_fails_stops_and_says_why(play, failing, why, stuck, capfd):
    class Failing(play.Counting):
        pass

    Failing.failing, Failing.stuck = failing, stuck
    with play.serve(Failing) as running, play.Client(running) as page:
        page.ask(Run, on=True)
        page.ask(Seen)
        refusal = page.told("refusal")
        assert why in refusal["why"]["en"]
        assert refusal["number"] is None
        running.benches[0].failing = ""
        assert page.answer(Advance)["iteration"] > 0  # the session lives
        assert running.benches[0].paused
    assert (
        capfd.readouterr().err.count("ZeroDivisionError: planted") <= 2
    )  # it does not try on and on


def test_a_run_goes_on_for_a_while_without_its_page(play, monkeypatch):
    monkeypatch.setattr(session, "_ALONE", 0.5)
    with play.serve() as running:
        with play.Client(running) as page:
            page.ask(SetNetwork, network=Network())
            page.ask(Run, on=True)
            there = page.told("frame", 2)["iteration"]
            page.lose()
        [benches] = running.benches
        until(lambda: benches.iteration > there + 50)
        until(lambda: not benches.at_work)
        stopped = benches.iteration
        with play.Client(running) as page:
            assert page.told("hello")["set"]
            assert page.told("network")["network"]["hidden"] == [3]
            frame = page.told("frame")
            assert (frame["running"], frame["iteration"]) == (False, stopped)
            assert page.answer(Run, on=True)["running"]
            page.ask(Seen)
            page.ask(Seen)
            assert page.told("frame", None)["iteration"] > stopped


def come_and_go(play, running):
    """A run, and two hundred pages that lose it and find it again; what each is shown first.

    Every other connection breaks, and the others are closed. The last page stays.
    """
    page = play.Client(running)
    page.ask(SetNetwork, network=Network())
    page.ask(Run, on=True)
    yield page, page.told("frame", 2)
    for k in range(200):
        page.lose() if k % 2 else page.leave()
        page = play.Client(running)
        greeting, made, frame = (page.told() for _ in range(3))
        assert (greeting["type"], greeting["set"], made["type"]) == ("hello", True, "network")
        assert (frame["type"], frame["running"]) == ("frame", True)
        yield page, frame
    page.leave()


def test_two_hundred_reconnects_in_the_middle_of_a_run_lose_nothing(play):
    """Iterations only go up, and the parameters are those of another learner."""
    with play.serve(play.Learning) as running:
        reached = list[int]()
        for page, frame in come_and_go(play, running):
            reached.append(frame["iteration"])
            if len(reached) == 201:
                stopped = page.told("frame", page.ask(Run, on=False))
        assert reached == sorted(reached)
        assert len(set(reached)) > 100  # it ran while they came and went
        assert len(running.benches) == 1
    other = play.new_learner()
    other.step(stopped["iteration"])
    for ours, theirs in zip(stopped["layers"], other.params, strict=True):
        np.testing.assert_array_equal(ours["w"], np.asarray(theirs.w))
        np.testing.assert_array_equal(ours["b"], np.asarray(theirs.b))


@pytest.mark.skipif(not STATUS.exists(), reason="memory is read from Linux's /proc")
def test_two_hundred_reconnects_leave_nothing_behind(play):
    threads = threading.active_count()
    with play.serve() as running:
        memory = [resident() for k, _ in enumerate(come_and_go(play, running)) if k % 50 == 0]
        assert memory[-1] - memory[1] < 10e6
        # The server's own thread, and the session's.
        until(lambda: threading.active_count() == threads + 2)
    until(lambda: threading.active_count() == threads)


def test_the_server_ends_with_pages_open_and_a_network_running(play):
    threads = threading.active_count()
    with play.serve() as running:
        first, second = play.Client(running), play.Client(running, "another-session-here")
        first.ask(Run, on=True)
        first.told("frame", 1)
        assert running.benches[0].at_work
    assert first.closed()[0] in (1012, 1001)
    assert second.closed()[0] in (1012, 1001)
    until(lambda: threading.active_count() == threads)
