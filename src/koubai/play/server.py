"""The server: one page, and one WebSocket behind the same guard."""

from __future__ import annotations

import errno
import ipaddress
import socket
from collections.abc import Callable
from contextlib import suppress

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from koubai.data.checks import whole_number
from koubai.errors import SettingError, first_line
from koubai.play.connection import converse
from koubai.play.guard import Guard, addresses, in_address, new_token
from koubai.play.limits import LONGEST_REQUEST
from koubai.play.page import Page
from koubai.play.sessions import Sessions
from koubai.training.interrupt import Interrupt

HOST = "127.0.0.1"
_LAST_PORT = 65535
# Seconds that open connections have to end, and that threads have to finish what they compute.
_CLOSING, _FINISHING = 2, 5.0


class Server:
    """Serves the page and its sessions at `address`, which has the token, once it runs.

    host: the one address to listen at; port: None for a free one. It listens from now on, and
    answers once it runs.

    Raises SettingError for a host or a port that cannot be had.
    """

    def __init__(
        self, page: Page, sessions: Sessions, host: str = HOST, port: int | None = None
    ) -> None:
        self._socket = _listening(host, port)
        self._sessions = sessions
        self.port: int = self._socket.getsockname()[1]
        token = new_token()
        self.address = f"http://{in_address(host)}:{self.port}/?token={token}"
        app = Guard(_app(page, sessions), addresses(host, self.port), token, page.policy)
        # No library's own words on the terminal: koubai says itself what there is to say.
        self._uvicorn = _Uvicorn(
            uvicorn.Config(
                app, http="h11", ws="websockets-sansio", loop="asyncio", lifespan="off",
                log_config=None, log_level="critical", access_log=False, server_header=False,
                proxy_headers=False, ws_max_size=LONGEST_REQUEST, ws_per_message_deflate=False,
                timeout_graceful_shutdown=_CLOSING,
            )
        )  # fmt: skip

    def run(self, ready: Callable[[], None] = lambda: None) -> tuple[str, bool]:
        """Serves until Ctrl-C, SIGTERM or `stop`, and calls `ready` once it answers.

        Returns the name of the signal, "" for none, and whether every thread has ended: one that
        computes something long cannot be interrupted.
        """
        with Interrupt() as interrupt:
            self._uvicorn.ready = lambda: None if interrupt.heard else ready()
            self._uvicorn.heard = lambda: bool(interrupt.heard)
            ended = False
            with suppress(KeyboardInterrupt):  # a second one, of somebody in haste
                self._uvicorn.run([self._socket])
            self._socket.close()
            with suppress(KeyboardInterrupt):
                ended = self._sessions.stop(_FINISHING)
        return interrupt.heard, ended

    def stop(self) -> None:
        """Ends `run`, from any thread."""
        self._uvicorn.should_exit = True


class _Uvicorn(uvicorn.Server):
    """Says when it answers, and notices a signal that came just before it listened to them."""

    ready: Callable[[], None]
    heard: Callable[[], bool]

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.should_exit = self.should_exit or self.heard()
        self.ready()


def _app(page: Page, sessions: Sessions) -> Starlette:
    async def index(request: Request) -> Response:
        return HTMLResponse(page.html)

    async def session(socket: WebSocket) -> None:
        await converse(socket, sessions)

    return Starlette(routes=[Route("/", index), WebSocketRoute("/session", session)])


def _listening(host: str, port: int | None) -> socket.socket:
    """A socket that listens there. Raises SettingError where that cannot be."""
    wanted = whole_number("port", port or 0, 0)
    if wanted > _LAST_PORT:
        raise SettingError(f"port is {wanted}: give one up to {_LAST_PORT}, or none for a free one")
    try:
        kind, *_, place = socket.getaddrinfo(host, wanted, type=socket.SOCK_STREAM)[0]
        if not host or ipaddress.ip_address(place[0]).is_unspecified:
            raise SettingError(
                f"host is {host!r}, which is every address of this computer: give the one that "
                f"pages are to be opened at"
            )
        return socket.create_server(place[:2], family=kind)
    except (OSError, UnicodeError) as error:
        raise SettingError(_why_not(host, wanted, error)) from None


def _why_not(host: str, port: int, error: Exception) -> str:
    number = error.errno if isinstance(error, OSError) else None
    if number == errno.EADDRINUSE:
        return f"port is {port}, which another program uses: give another, or none for a free one"
    if number == errno.EACCES:
        return f"port is {port}, which needs the rights of an administrator: give one above 1023"
    return (
        f"host is {host!r}, where nothing can listen ({first_line(error)}): leave it out, or "
        f"give an address of this computer"
    )
