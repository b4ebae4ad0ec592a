"""The page of the playground: HTML around the module that is built from `web/`."""

from __future__ import annotations

import base64
import hashlib
from html import escape
from typing import NamedTuple

from koubai.report.modules import module_source
from koubai.version import __version__

_START = "\nmountPlay(document.getElementById('page'));\n"

# Nothing is fetched from anywhere, and no script runs but the page's own; it may talk to the
# server that it came from.
_POLICY = (
    "default-src 'none'; script-src '{script}'; style-src 'unsafe-inline'; img-src data: blob:; "
    "font-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)

_PAGE = """<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="koubai {koubai}">
<link rel="icon" href="data:,">
<title>koubai</title>
<style>html, body {{ margin: 0; height: 100%; }}</style>
</head>
<body>
<div id="page"></div>
<script type="module">{script}</script>
</body>
</html>
"""


class Page(NamedTuple):
    """The HTML, and the Content-Security-Policy under which it is to be served."""

    html: str
    policy: str


def play_page(language: str) -> Page:
    """The page, which opens in that language.

    Raises MissingExtraError where its module is missing and cannot be built.
    """
    script = module_source("play") + _START
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    html = _PAGE.format(language=escape(language), koubai=escape(__version__), script=script)
    return Page(html, _POLICY.format(script=f"sha256-{digest}"))
