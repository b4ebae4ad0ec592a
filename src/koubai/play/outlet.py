"""What goes out to a page: in order, from any thread, and no more than the page takes."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import NamedTuple

from starlette.websockets import WebSocket

# Answers that wait to be sent, beyond which no request is taken: a page that does not read costs
# no memory.
_MOST_UNSENT = 4


class Closing(NamedTuple):
    """The end of a connection: its code, as WebSockets have them, and the reason in words."""

    code: int
    reason: str


# The codes that koubai gives of its own. The page comes again by itself after none of these.
TAKEN_OVER = Closing(4001, "this playground was opened on another page, which has taken it over")
TOO_MANY = Closing(4002, "too many pages are open: close one of them, and reload this one")
NONSENSE = Closing(1008, "too many messages in a row were not understood")
FAULT = Closing(1011, "this is a fault in koubai: the terminal says more")


class Outlet:
    """The way out to one connection. To be made where the event loop runs.

    room: is told, in the event loop, whenever an answer has gone.
    """

    def __init__(self, room: Callable[[], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._queue = asyncio.Queue[bytes | Closing]()
        self._room = room
        self._lock = threading.Lock()
        self._unsent = 0
        # Frames that the page has not seen. The worker counts them up, the event loop down.
        self._frames = 0

    @property
    def full(self) -> bool:
        """Whether so much waits to be sent that more work is better left."""
        return self._unsent >= _MOST_UNSENT

    @property
    def wants_frame(self) -> bool:
        """Whether the page has seen every frame that it was sent."""
        return self._frames == 0

    def seen(self) -> None:
        """The page has seen a frame."""
        with self._lock:
            self._frames = max(self._frames - 1, 0)

    def send(self, answer: bytes, is_frame: bool = False) -> None:
        """Sends an answer, once those before it are gone. From any thread; waits for nothing."""
        with self._lock:
            self._unsent += 1
            self._frames += is_frame
        self._put(answer)

    def close(self, closing: Closing) -> None:
        """Closes the connection, once what was sent is gone. From any thread."""
        self._put(closing)

    async def carry(self, socket: WebSocket) -> None:
        """Carries to the page what is sent, until the connection is closed."""
        while isinstance(item := await self._queue.get(), bytes):
            await socket.send_bytes(item)
            with self._lock:
                self._unsent -= 1
            self._room()
        await socket.close(item.code, item.reason)

    def _put(self, item: bytes | Closing) -> None:
        try:
            self._loop.call_soon_threadsafe(self._queue.put_nowait, item)
        except RuntimeError:
            return  # the server has stopped, and its loop is closed
