"""What a notebook shows of the last expression of a cell."""

from __future__ import annotations

import io
import json
import sys

import numpy as np
import pytest
from PIL import Image

import koubai as kb
from koubai.report import scene_of
from koubai.report.notebook import mimebundle, widget

_PAGE = """<!doctype html><meta charset="utf-8"><div id="cell"></div>
<script type="module">
import view from {module};
const model = {{ get: (name) => ({{ scene: {scene} }})[name] }};
window.leave = view.render({{ model, el: document.getElementById('cell') }});
</script>"""


@pytest.fixture(scope="module")
def path():
    return kb.descend(kb.surfaces["bowl"], start=[3.0, 4.0], learning_rate=0.1, steps=20)


def test_with_anywidget_it_is_the_viewer(path):
    pytest.importorskip("anywidget")
    bundle, _ = mimebundle(path)
    assert "application/vnd.jupyter.widget-view+json" in bundle
    shown = widget(path)
    assert json.loads(shown.scene)["title"] == scene_of(path).title


def test_without_it_it_is_the_picture(path, run, monkeypatch):
    monkeypatch.setitem(sys.modules, "anywidget", None)
    for subject in (path, run, kb.landscape(run, size=5)):
        with Image.open(io.BytesIO(subject._repr_mimebundle_()["image/png"])) as picture:
            assert np.asarray(picture.convert("L"), float).std() > 5


def test_the_widget_draws_in_a_browser_and_goes_away(path, visit, tmp_path):
    """As a notebook's front end does it: import the module, call render, call what it returned."""
    pytest.importorskip("anywidget")
    shown = widget(path)
    (tmp_path / "view.mjs").write_text(str(shown._esm), encoding="utf-8")
    page = visit.page
    page.route(
        "http://notebook.test/**",
        lambda route: (
            route.fulfill(body=str(shown._esm), content_type="text/javascript; charset=utf-8")
            if route.request.url.endswith(".mjs")
            else route.fulfill(
                body=_PAGE.format(module="'./view.mjs'", scene=json.dumps(shown.scene)),
                content_type="text/html; charset=utf-8",
            )
        ),
    )
    page.goto("http://notebook.test/")
    page.wait_for_selector(".koubai h1")
    page.evaluate("window.leave()")
    assert page.locator(".koubai").count() == 0
    visit.requests.clear()  # those two were the notebook's own
