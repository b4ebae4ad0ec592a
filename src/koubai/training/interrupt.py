"""Ctrl-C and SIGTERM, heard at a moment when nothing is half done."""

from __future__ import annotations

import signal
import threading
from contextlib import AbstractContextManager
from types import FrameType, TracebackType
from typing import Any

from koubai.told import Told

_NAMES = {signal.SIGINT: "Ctrl-C", signal.SIGTERM: "SIGTERM"}


def exit_code(message: str) -> int:
    """The exit code of a program that a signal stopped, from what the run's outcome says of it.

    It is 128 and the signal's number, as a shell has it: 130 for Ctrl-C, 143 for SIGTERM.
    """
    return next((128 + number for number, name in _NAMES.items() if name in message), 1)


class Interrupt(AbstractContextManager["Interrupt"]):
    """While it is entered, the first Ctrl-C or SIGTERM is noted in `heard`, by its name.

    From then on, and after it is left, both do again what they did before. Outside the main
    thread Python delivers no signals, and nothing is heard.
    """

    def __init__(self) -> None:
        self.heard = ""
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Interrupt:
        if threading.current_thread() is threading.main_thread():
            for number in _NAMES:
                before = signal.getsignal(number)
                if before is not None:  # else it was not set by Python, which cannot restore it
                    self._before[number] = before
                    signal.signal(number, self._hear)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._restore()

    def told(self, iterations: int) -> Told:
        """What to say of a training that it stopped."""
        return Told(
            f"stopped by {self.heard} after {iterations} iterations",
            f"反復 {iterations:,} 回のあと、{self.heard} で中断した",
        )

    def _hear(self, number: int, frame: FrameType | None) -> None:
        self.heard = _NAMES[signal.Signals(number)]
        self._restore()

    def _restore(self) -> None:
        while self._before:
            signal.signal(*self._before.popitem())
