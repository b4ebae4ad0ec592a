"""The sessions that there are, by the names that their pages chose."""

from __future__ import annotations

import time
from collections.abc import Callable

from koubai.play.limits import MOST_SESSIONS
from koubai.play.messages import Hello
from koubai.play.session import Benches, Session


class Sessions:
    """At most `MOST_SESSIONS`. For the event loop alone, but for `stop`, once that has ended.

    make: what a new session works with. greeted: as of `Session`.
    """

    def __init__(self, make: Callable[[], Benches], greeted: Callable[[Hello], Hello]) -> None:
        self._make, self._greeted = make, greeted
        self._there = dict[str, Session]()
        self._gone = list[Session]()  # told to end; perhaps they still compute

    def find(self, name: str) -> Session | None:
        """The session of that name, or a new one; None where there is no room for it.

        Room is made by dropping the one whose page left first, of those that do nothing.
        """
        if name not in self._there and len(self._there) >= MOST_SESSIONS and not self._drop():
            return None
        if name not in self._there:
            self._there[name] = Session(self._make(), self._greeted)
        return self._there[name]

    def stop(self, seconds: float) -> bool:
        """Ends all of them, and waits so long for their threads; whether all have ended."""
        for session in self._there.values():
            session.stop()
        until = time.monotonic() + seconds
        return all(
            session.join(max(until - time.monotonic(), 0.0))
            for session in (*self._gone, *self._there.values())
        )

    def _drop(self) -> bool:
        left = {name: session.idle_since() for name, session in self._there.items()}
        idle = {name: since for name, since in left.items() if since is not None}
        if not idle:
            return False
        dropped = self._there.pop(min(idle, key=lambda name: idle[name]))
        dropped.stop()
        self._gone = [*(session for session in self._gone if not session.join(0.0)), dropped]
        return True
