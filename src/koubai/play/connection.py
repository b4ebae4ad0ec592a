"""One connection of a page: requests come in as text, answers go out as `wire` packs them."""

from __future__ import annotations

import asyncio
import re
import sys
import traceback

import msgspec
from starlette.responses import PlainTextResponse
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketDisconnected

from koubai.errors import first_line
from koubai.play.messages import Refusal, Request
from koubai.play.outlet import FAULT, NONSENSE, TOO_MANY, Outlet
from koubai.play.session import Session, refused
from koubai.play.sessions import Sessions
from koubai.play.wire import decoded, encoded

# What a page may call its session: long enough not to be met by chance.
_NAME = re.compile(r"[A-Za-z0-9_-]{16,64}", re.ASCII)
_MOST_NONSENSE = 100


async def converse(socket: WebSocket, sessions: Sessions) -> None:
    """Serves a page until its connection ends; its session goes on being there."""
    names = socket.query_params.getlist("session")
    if len(names) != 1 or not _NAME.fullmatch(names[0]):
        why = "koubai: session is to be 16 to 64 letters, digits, - or _\n"
        await socket.send_denial_response(PlainTextResponse(why, 400))
        return
    try:
        await socket.accept()
        session = sessions.find(names[0])
        if session is None:
            await socket.close(*TOO_MANY)
        else:
            await _converse(socket, session)
    except (WebSocketDisconnect, WebSocketDisconnected, asyncio.CancelledError):
        return  # the page has gone, or the server goes
    except Exception:
        sys.stderr.write(f"koubai: a fault in the playground\n{traceback.format_exc()}")
        await socket.close(*FAULT)


async def _converse(socket: WebSocket, session: Session) -> None:
    outlet = session.connect()
    carrier = asyncio.create_task(_carry(socket, outlet))
    try:
        await _listen(socket, session, outlet)
    finally:
        session.disconnect(outlet)
        carrier.cancel()


async def _carry(socket: WebSocket, outlet: Outlet) -> None:
    """Carries answers until the connection ends, which whoever listens to it notices."""
    try:
        await outlet.carry(socket)
    except (WebSocketDisconnect, RuntimeError):
        return  # gone, or closed by the other side of this conversation


async def _listen(socket: WebSocket, session: Session, outlet: Outlet) -> None:
    """Hands requests over until the page goes.

    A refusal is sent before anything more is read: who does not read is not read either.
    """
    nonsense = 0
    while (message := await socket.receive())["type"] == "websocket.receive":
        found = _request(message.get("text"))
        nonsense = nonsense + 1 if isinstance(found, Refusal) else 0
        answer = found if isinstance(found, Refusal) else session.ask(outlet, found)
        if answer is not None:
            await socket.send_bytes(encoded(answer))
        if nonsense >= _MOST_NONSENSE:
            await socket.close(*NONSENSE)
            return


def _request(text: str | None) -> Request | Refusal:
    if text is None:
        return refused(None, "a message came as bytes: requests are text")
    try:
        return decoded(text)
    except (msgspec.DecodeError, RecursionError) as error:
        return refused(_number(text), f"the message was not understood: {first_line(error)}")


class _Numbered(msgspec.Struct):
    """What a request has at least; other fields are passed over."""

    number: int | None = None


def _number(text: str) -> int | None:
    """That of a request which was not understood, so that who asked is told."""
    try:
        return msgspec.json.decode(text, type=_Numbered).number
    except (msgspec.DecodeError, RecursionError):
        return None
