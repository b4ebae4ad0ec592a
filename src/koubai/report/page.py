"""The page: one HTML file with the viewer, the scene and nothing to fetch."""

from __future__ import annotations

import base64
import hashlib
import os
from html import escape
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace

from koubai.errors import unknown_name
from koubai.figures.languages import LANGUAGES
from koubai.figures.save import check_suffix, unwritable
from koubai.functions.arguments import expect
from koubai.report.build import scene_of
from koubai.report.modules import module_source
from koubai.report.scene import Scene

PAGES = (".html",)

_START = """
const scene = JSON.parse(document.getElementById('scene').textContent);
mount(document.getElementById('page'), scene);
"""

# No request at all: not for scripts, pictures, fonts or data, nor by a form or a frame.
_POLICY = (
    "default-src 'none'; script-src '{script}'; style-src 'unsafe-inline'; img-src data: blob:; "
    "font-src data:; base-uri 'none'; form-action 'none'"
)

_PAGE = """<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="koubai {koubai}">
<link rel="icon" href="data:,">
<title>{title}</title>
<style>html, body {{ margin: 0; height: 100%; }}</style>
</head>
<body>
<div id="page"></div>
<script type="application/json" id="scene">{scene}</script>
<script type="module">{script}</script>
</body>
</html>
"""


def page_of(scene: Scene) -> str:
    """The HTML of a page that shows a scene.

    It carries a Content-Security-Policy that forbids every request, and runs no script but the
    viewer, whose digest the policy names. All text of the scene is data.
    """
    script = module_source("viewer") + _START
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return _PAGE.format(
        language=scene.language,
        policy=_POLICY.format(script=f"sha256-{digest}"),
        koubai=escape(scene.koubai),
        title=escape(scene.title),
        scene=_inert(msgspec.json.encode(scene).decode()),
        script=script,
    )


def save_page(
    subject: Any,
    file: str | os.PathLike[str],
    title: str = "",
    size: int | None = None,
    language: str = "en",
) -> Path:
    """Writes the page of a run, a landscape, a path or a comparison, over one of the same name.

    title, size: as `scene_of`, and its errors. language: "en" or "ja", in which it opens; the page
    itself switches. Folders that are missing are made. Returns the file.

    Raises SettingError for a suffix other than .html, and a file that cannot be written;
    UnknownNameError for another language.
    """
    _check(file, language)  # before what takes time
    expect(title, str, "title", "a text")
    return write_page(scene_of(subject, title, size), file, language)


def write_page(scene: Scene, file: str | os.PathLike[str], language: str = "en") -> Path:
    """Writes the page that shows a scene: as `save_page`, and its errors."""
    _check(file, language)
    target, text = Path(file), page_of(replace(scene, language=language))
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    except OSError as error:
        raise unwritable(target, error) from None
    return target


def _check(file: str | os.PathLike[str], language: str) -> None:
    expect(file, (str, os.PathLike), "file", "the path of a page, such as 'report.html'")
    check_suffix(Path(file), PAGES)
    if language not in LANGUAGES:
        raise unknown_name("language", language, LANGUAGES)


def _inert(json: str) -> str:
    """JSON in which nothing ends the element that it stands in."""
    return json.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
