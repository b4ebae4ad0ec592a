"""Who may come in: decided for each request and each WebSocket before anything is accepted.

Whoever wants to reach the playground from a page of another site has a browser send requests to
it. The browser puts the name that it was told into Host, and the site's own into Origin, and
neither can be forged by a page; the token is in the address that koubai printed, and nowhere else.
"""

from __future__ import annotations

import hmac
import secrets
from typing import NamedTuple
from urllib.parse import parse_qsl

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
_METHODS = ("GET", "HEAD")
# A query has a token, a session and a language; more fields than these are no page of koubai's.
_MOST_FIELDS = 16

# Beside the Content-Security-Policy, which names the page's own script.
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",  # the address has the token
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Denial(NamedTuple):
    """Why a request is refused, and the status that says so."""

    status: int
    why: str


def new_token() -> str:
    """A token that nobody guesses: 256 bits."""
    return secrets.token_urlsafe(32)


def in_address(host: str) -> str:
    """A host as it stands in an address: IPv6 in brackets."""
    return f"[{host}]" if ":" in host else host


def addresses(host: str, port: int) -> frozenset[str]:
    """What Host may say, of a server that is bound to that host: its names with its port."""
    names = {*_LOOPBACK, in_address(host).lower()}
    bare = names if port == 80 else set[str]()  # browsers leave this one port out
    return frozenset({f"{name}:{port}" for name in names} | bare)


def denial(scope: Scope, known: frozenset[str], token: str) -> Denial | None:
    """Why this request or WebSocket is refused; None where it may come in."""
    headers = Headers(scope=scope)
    hosts, origins = headers.getlist("host"), headers.getlist("origin")
    if len(hosts) != 1 or hosts[0].lower() not in known:
        return Denial(403, "the address is not this server's: open the one that koubai printed")
    if not origins and scope["type"] == "websocket":
        return Denial(403, "the Origin is missing: only the page that koubai serves may connect")
    if origins not in ([], [f"http://{hosts[0]}"]):
        return Denial(403, "the request comes from another site")
    if not _has_token(scope["query_string"], token):
        return Denial(403, "the token is missing or wrong: open the address that koubai printed")
    if scope["type"] == "http" and scope["method"] not in _METHODS:
        return Denial(405, f"the method is {scope['method']}: only GET and HEAD are answered")
    return None


class Guard:
    """The app behind the checks, and with headers that protect whatever it answers.

    known: as `addresses` has them. policy: the page's Content-Security-Policy.
    """

    def __init__(self, app: ASGIApp, known: frozenset[str], token: str, policy: str) -> None:
        self.app, self.known, self.token = app, known, token
        self.headers = {**_HEADERS, "Content-Security-Policy": policy}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a request, or lets the app answer it."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return

        async def protected(message: Message) -> None:
            if message["type"].endswith("http.response.start"):
                MutableHeaders(scope=message).update(self.headers)
            await send(message)

        refused = denial(scope, self.known, self.token)
        if refused is None:
            await self.app(scope, receive, protected)
            return
        allow = {"Allow": ", ".join(_METHODS)} if refused.status == 405 else None
        answer = PlainTextResponse(f"koubai: {refused.why}\n", refused.status, allow)
        await answer(scope, receive, protected)


def _has_token(query: bytes, token: str) -> bool:
    """Whether the query has one token, and that is it; takes as long for any wrong one."""
    try:
        fields = parse_qsl(query.decode("latin-1"), True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        return False
    given = [value for name, value in fields if name == "token"]
    return len(given) == 1 and hmac.compare_digest(given[0].encode(), token.encode())
