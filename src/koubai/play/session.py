"""A page's benches in a thread of their own: requests are answered, and a network learns.

The event loop hands requests over and never waits. The thread answers them one after the other;
between them a network that runs learns on, and a frame of it goes to the page whenever that has
seen the last one: a slow page slows nothing, and a fast one is not flooded.
"""

from __future__ import annotations

import sys
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple, Protocol

from msgspec.structs import replace

from koubai.errors import KoubaiError
from koubai.play.limits import MOST_WAITING
from koubai.play.messages import Answer, Frame, Hello, NetworkMade, Refusal, Request, Run, Seen
from koubai.play.outlet import TAKEN_OVER, Outlet
from koubai.play.wire import encoded
from koubai.report.scene import Text
from koubai.told import Told

# Seconds that a network learns before it is looked whether there are requests; that lie between
# two frames, at least; and that it goes on for when its page is lost.
_TURN, _FRAME, _ALONE = 1 / 60, 1 / 30, 10.0


class Benches(Protocol):
    """What a session works with: see `koubai.play.benches`."""

    @property
    def at_work(self) -> bool:
        """Whether there is something to go on with, unasked."""
        ...

    def hello(self) -> Hello:
        """What there is."""
        ...

    def answers(self, request: Request) -> Sequence[Answer]:
        """Does what is asked. Raises KoubaiError, with nothing changed, where it does not fit."""
        ...

    def go_on(self, seconds: float) -> None:
        """Goes on for about so long."""
        ...

    def frame(self) -> Frame:
        """Where the network stands."""
        ...


class _Job(NamedTuple):
    """Answers to find, for the connection that asked; number: of its request, where it did."""

    outlet: Outlet
    number: int | None
    answers: Callable[[], Sequence[Answer]]


def refusal(number: int | None, error: Exception) -> Refusal:
    """Why a request was not done."""
    message = error.args[0] if error.args else ""
    if isinstance(error, KoubaiError) and isinstance(message, Told):
        return Refusal(number=number, why=Text(str(message), message.ja))
    if isinstance(error, KoubaiError):
        return refused(number, str(error))
    return refused(number, f"this is a fault in koubai: {type(error).__name__}: {error}")


def refused(number: int | None, why: str) -> Refusal:
    """A refusal for a reason that is there in English alone."""
    return Refusal(number=number, why=Text(str(why), f"できません：{why}"))


class Session:
    """One page's benches, which outlive its connection.

    greeted: makes of a greeting what the page is to have.
    """

    def __init__(self, benches: Benches, greeted: Callable[[Hello], Hello]) -> None:
        self._benches, self._greeted = benches, greeted
        self._changed = threading.Condition()
        # What both threads know, under `_changed`.
        self._jobs = deque[_Job]()
        self._outlet: Outlet | None = None
        self._left = time.monotonic()
        self._busy, self._stopping = True, False
        # What the session's thread alone knows: the network as it was made; whether it has gone on
        # since the last frame, when the next one is due, and whether it may go on at all.
        self._made: NetworkMade | None = None
        self._moved, self._due, self._fit = False, 0.0, True
        self._thread = threading.Thread(target=self._work, name="koubai session", daemon=True)
        self._thread.start()

    # --- from the event loop

    def connect(self) -> Outlet:
        """The way to a page that has come; the page before it, if any, is sent away."""
        outlet = Outlet(self._wake)
        with self._changed:
            before, self._outlet = self._outlet, outlet
            # Of the pages that came before it was answered, none is there to be greeted.
            self._jobs = deque(job for job in self._jobs if job.number is not None)
            self._jobs.append(_Job(outlet, None, self._greeting))
            self._changed.notify_all()
        if before is not None:
            before.close(TAKEN_OVER)
        return outlet

    def disconnect(self, outlet: Outlet) -> None:
        """The connection is lost; the network goes on for a while."""
        with self._changed:
            if self._outlet is outlet:
                self._outlet, self._left = None, time.monotonic()
                self._changed.notify_all()

    def ask(self, outlet: Outlet, request: Request) -> Refusal | None:
        """Hands a request over; or refuses it at once, where too many wait."""
        with self._changed:
            if self._outlet is not outlet:
                return None
            if isinstance(request, Seen):
                outlet.seen()
            elif len(self._jobs) >= MOST_WAITING:
                return Refusal(number=request.number, why=_TOO_MANY)
            else:
                self._jobs.append(_Job(outlet, request.number, partial(self._do, request)))
            self._changed.notify_all()
        return None

    def idle_since(self) -> float | None:
        """When the page was lost, of a session that does nothing; else None."""
        with self._changed:
            idle = self._outlet is None and not self._busy and not self._jobs
            return self._left if idle else None

    def stop(self) -> None:
        """Ends the thread after what it does at the moment."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()

    def join(self, seconds: float) -> bool:
        """Waits for the end of the thread, for so long at most; whether it has come."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _wake(self) -> None:
        with self._changed:
            self._changed.notify_all()

    # --- in the session's thread

    def _work(self) -> None:
        while (action := self._next()) is not None:
            action()

    def _next(self) -> Callable[[], object] | None:
        """What is to be done next: requests first. Sleeps where there is nothing to do.

        None once the session is to end.
        """
        with self._changed:
            while True:
                self._busy = True
                if self._stopping:
                    return None
                if self._jobs and not (self._outlet and self._outlet.full):
                    return partial(self._reply, *self._jobs.popleft())
                if self._frame_due():
                    return self._show
                if self._goes_on():
                    return self._go_on
                self._busy = False
                self._changed.wait()

    def _do(self, request: Request) -> Sequence[Answer]:
        self._fit = True
        return self._benches.answers(request)

    def _greeting(self) -> list[Answer]:
        """What there is, and the network where there is one."""
        hello = self._greeted(replace(self._benches.hello(), set=self._made is not None))
        if self._made is None:
            return [hello]
        return [hello, replace(self._made, number=None), self._benches.frame()]

    def _goes_on(self) -> bool:
        return self._fit and self._benches.at_work

    def _go_on(self) -> None:
        """Goes on for a turn; stops where that fails, or when the page is gone for long."""
        lost = self._outlet is None and time.monotonic() - self._left > _ALONE
        self._moved = True
        if lost or not self._reply(self._outlet, None, self._turn):
            self._halt()

    def _turn(self) -> Sequence[Answer]:
        self._benches.go_on(_TURN)
        return ()

    def _halt(self) -> None:
        """The network learns no further, even where it cannot be stopped."""
        self._reply(None, None, lambda: self._benches.answers(Run(number=0, on=False)))
        self._fit = False

    def _show(self) -> None:
        if not self._reply(self._outlet, None, lambda: [self._benches.frame()]):
            self._halt()
        self._moved = False

    def _frame_due(self) -> bool:
        outlet = self._outlet
        if outlet is None or not self._moved or not outlet.wants_frame or outlet.full:
            return False
        return not self._goes_on() or time.monotonic() >= self._due

    def _reply(
        self, outlet: Outlet | None, number: int | None, answers: Callable[[], Sequence[Answer]]
    ) -> bool:
        """Sends the answers, where anybody is there; or why there are none. Whether there are."""
        try:
            found = [(answer, encoded(answer)) for answer in answers()]
        except Exception as error:
            if not isinstance(error, KoubaiError):
                sys.stderr.write(f"koubai: a fault in the playground\n{traceback.format_exc()}")
            if outlet is not None:
                outlet.send(encoded(refusal(number, error)))
            return False
        for answer, packed in found:
            is_frame = isinstance(answer, Frame)
            if is_frame:
                self._moved, self._due = False, time.monotonic() + _FRAME
            elif isinstance(answer, NetworkMade):
                self._made = answer
            if outlet is not None:
                outlet.send(packed, is_frame)
        return True


_TOO_MANY = Text(
    f"{MOST_WAITING} requests wait already: let them be answered first",
    f"{MOST_WAITING} 件の要求が待っています。答えを待ってください",
)
