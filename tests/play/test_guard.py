"""Who gets in, and who does not: the whole matrix, over real sockets."""

from __future__ import annotations

import base64
import hashlib
import itertools
import re
import socket
from typing import NamedTuple

import pytest

from koubai.play.guard import addresses, denial, new_token

PROTECTED = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
UPGRADE = (
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
)
SESSION = "session=0123456789abcdef"


class Found(NamedTuple):
    status: int
    headers: dict[str, str]
    body: str


def exchange(port, method, target, headers):
    """One request as it stands, and what comes back until the answer's end."""
    text = "\r\n".join([f"{method} {target} HTTP/1.1", *headers, "", ""])
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.sendall(text.encode("latin-1"))
        with connection.makefile("rb") as stream:
            status = int(stream.readline().split()[1])
            fields = dict[str, str]()
            while line := stream.readline().strip().decode("latin-1"):
                name, _, value = line.partition(":")
                assert name.lower() not in fields
                fields[name.lower()] = value.strip()
            has_body = method != "HEAD" and status != 101
            body = stream.read(int(fields.get("content-length", 0))) if has_body else b""
    return Found(status, fields, body.decode())


def ask(port, method, host, origin, query, path=None):
    """The same as a browser would: method "socket" opens a WebSocket."""
    headers = [f"Host: {each}" for each in host] + [f"Origin: {each}" for each in origin]
    if method == "socket":
        target = f"{path or '/session'}?{query}&{SESSION}"
        return exchange(port, "GET", target, [*headers, *UPGRADE])
    return exchange(port, method, f"{path or '/'}?{query}", headers)


# --- The matrix. What is right is named once, here; everything else is to be refused.

METHODS = ("GET", "HEAD", "POST", "OPTIONS", "DELETE", "socket")
HOSTS = {
    "127.0.0.1:{port}": True,
    "localhost:{port}": True,
    "[::1]:{port}": True,
    "127.0.0.1": False,
    "127.0.0.1:{other}": False,
    "rebound.example:{port}": False,
    "rebound.example": False,
    "127.0.0.1.rebound.example:{port}": False,
    "0.0.0.0:{port}": False,
}
ORIGINS = {
    "": None,  # none: as when an address is opened, and never of a WebSocket
    "http://{host}": True,
    "null": False,
    "https://{host}": False,
    "http://rebound.example": False,
    "http://127.0.0.1:{other}": False,
    "http://{host}.rebound.example": False,
}
TOKENS = {
    "token={token}": True,
    "": False,
    "token=": False,
    "token={short}": False,
    "token={wrong}": False,
    "token={token}&token={wrong}": False,
}


@pytest.mark.parametrize("method", METHODS)
def test_the_whole_matrix(server, method):
    port, token = server.port, server.token
    wrong = token[:-1] + ("A" if token[-1] != "A" else "B")
    words = {"port": port, "other": port + 1, "token": token, "short": token[:-1], "wrong": wrong}
    seen = dict[int, int]()
    for (host, host_ok), (origin, origin_ok), (query, token_ok) in itertools.product(
        HOSTS.items(), ORIGINS.items(), TOKENS.items()
    ):
        name = host.format(**words)
        origins = [origin.format(host=name, **words)] if origin else []
        found = ask(port, method, [name], origins, query.format(**words))
        allowed = host_ok and token_ok and (method != "socket" if origin_ok is None else origin_ok)
        inside = {"GET": 200, "HEAD": 200, "socket": 101}.get(method, 405)
        expected = inside if allowed else 403
        assert found.status == expected, (method, name, origins, query)
        seen[found.status] = seen.get(found.status, 0) + 1
        if found.status != 101:
            assert found.headers.items() >= PROTECTED.items()
            assert "access-control-allow-origin" not in found.headers
        if found.status in (403, 405) and method != "HEAD":
            assert found.body.startswith("koubai: ")
            assert token not in found.body
    # 3 hosts, the one token, and the origins that are right: all the rest was refused.
    assert seen == {inside: 3 if method == "socket" else 6, 403: 9 * 7 * 6 - seen[inside]}


def test_why_it_is_refused(server):
    port, right, token = server.port, f"127.0.0.1:{server.port}", f"token={server.token}"
    for method in ("GET", "socket"):
        origin = [f"http://{right}"]
        assert "koubai printed" in ask(port, method, ["a.example"], origin, token).body
        assert "another site" in ask(port, method, [right], ["null"], token).body
        assert "token" in ask(port, method, [right], origin, "").body
    assert "Origin is missing" in ask(port, "socket", [right], [], token).body
    found = ask(port, "POST", [right], [], token)
    assert (found.status, found.headers["allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize("method", ["GET", "socket"])
def test_what_is_doubled_or_missing(server, method):
    """h11 refuses some of it itself, as bad requests: what matters is that none comes in."""
    port, right, token = server.port, f"127.0.0.1:{server.port}", f"token={server.token}"
    origin = f"http://{right}"
    cases = [
        ([], [origin]),
        ([right, right], [origin]),
        ([right, "a.example"], [origin]),
        (["a.example", right], [origin]),
        ([f"{right}, a.example"], [origin]),
        ([right], [origin, origin]),
        ([right], [origin, "null"]),
        ([right], [f"{origin} null"]),
        ([right], [f"{origin}/"]),
        ([f"user@{right}"], [f"http://user@{right}"]),
        ([f"localhost.:{port}"], [f"http://localhost.:{port}"]),
        ([f"127.1:{port}"], [f"http://127.1:{port}"]),
        ([f"127.0.0.1:0{port}"], [f"http://127.0.0.1:0{port}"]),
    ]
    for host, origins in cases:
        found = ask(port, method, host, origins, token)
        assert found.status in (400, 403), (host, origins)
        assert "<html" not in found.body
    many = "&".join(["a=1"] * 40 + [token])
    assert ask(port, method, [right], [origin], many).status == 403
    assert ask(port, method, [right], [origin], token).status in (200, 101)


def test_a_request_without_or_with_two_names_is_refused_whatever_the_server_lets_through():
    """What h11 stops before it comes to koubai, and HTTP/1.0, which needs no Host."""
    known = addresses("127.0.0.1", 8000)

    def scope(*hosts):
        headers = [(b"host", host) for host in hosts]
        return {"type": "http", "method": "GET", "headers": headers, "query_string": b"token=t"}

    right = b"127.0.0.1:8000"
    assert denial(scope(right), known, "t") is None
    for hosts in [(), (right, right), (right, b"a.example"), (b"a.example", right)]:
        found = denial(scope(*hosts), known, "t")
        assert found is not None
        assert found.status == 403


def test_http_1_0_needs_no_host_and_gets_nothing(server):
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as connection:
        connection.sendall(f"GET /?token={server.token} HTTP/1.0\r\n\r\n".encode())
        with connection.makefile("rb") as stream:
            assert stream.readline().split()[1] == b"403"


def test_a_header_that_speaks_for_another_changes_nothing(server):
    """As a proxy would set it, or an attacker who hopes that koubai listens to proxies."""
    headers = ["Host: a.example", f"X-Forwarded-Host: 127.0.0.1:{server.port}",
               f"Forwarded: host=127.0.0.1:{server.port}"]  # fmt: skip
    assert exchange(server.port, "GET", f"/?token={server.token}", headers).status == 403
    cookie = [f"Host: 127.0.0.1:{server.port}", f"Cookie: token={server.token}",
              f"Authorization: Bearer {server.token}"]  # fmt: skip
    assert exchange(server.port, "GET", "/", cookie).status == 403


def test_there_is_one_page_and_one_socket(server):
    right, token = f"127.0.0.1:{server.port}", f"token={server.token}"
    for path in ("/index.html", "/session", "/static/a.js", "/..%2f..%2fetc/passwd", "//a.example"):
        assert ask(server.port, "GET", [right], [], token, path).status == 404
        assert ask(server.port, "GET", [right], [], "", path).status == 403
    origin = [f"http://{right}"]
    assert ask(server.port, "socket", [right], origin, token, "/").status == 403
    assert ask(server.port, "socket", [right], origin, token, "/other").status == 403


def test_the_policy_lets_the_pages_own_script_run_and_no_other(server):
    found = ask(server.port, "GET", [f"localhost:{server.port}"], [], f"token={server.token}")
    policy = dict(part.split(" ", 1) for part in
                  found.headers["content-security-policy"].split("; "))  # fmt: skip
    [script] = re.findall(r"<script[^>]*>(.*?)</script>", found.body, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert policy == {
        "default-src": "'none'",
        "script-src": f"'sha256-{digest}'",
        "style-src": "'unsafe-inline'",
        "img-src": "data: blob:",
        "font-src": "data:",
        "connect-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }
    assert not re.search(r"(?:src|href)=\"(?!data:)", found.body)
    assert server.token not in found.body


def test_names_of_a_server_on_other_addresses():
    assert addresses("192.168.0.5", 81) == {
        "127.0.0.1:81", "localhost:81", "[::1]:81", "192.168.0.5:81"
    }  # fmt: skip
    assert "[fe80::1]:81" in addresses("FE80::1", 81)
    assert "lab.example:80" in addresses("Lab.example", 80)
    assert "lab.example" in addresses("Lab.example", 80)  # a browser leaves out port 80


def test_tokens_are_long_and_each_its_own():
    tokens = {new_token() for _ in range(100)}
    assert len(tokens) == 100
    assert all(re.fullmatch(r"[\w-]{43}", token) for token in tokens)  # 32 bytes in base64
