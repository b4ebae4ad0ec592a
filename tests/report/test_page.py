"""The page in a real browser."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PIL import Image

import koubai as kb
from koubai.errors import SettingError, UnknownNameError
from koubai.report import save_page

HOSTILE = [
    "</script><script>window.hurt = 1</script>",
    "<img src=x onerror='window.hurt = 1'>",
    "<svg onload=window.hurt=1>",
    '"><script>window.hurt = 1</script>',
    "javascript:window.hurt=1",
    "{window.hurt = 1}",
    "{@html '<img src=x onerror=window.hurt=1>'}",
    "${window.hurt = 1}",
    "<!--<script>",
    "<style>@import 'http://example.org/x.css'</style>",
    "' onmouseover='window.hurt = 1",
    "<iframe srcdoc='<script>parent.hurt = 1</script>'>",
    "<a href='javascript:window.hurt=1'>x</a>",
    "<base href='http://example.org/'>",
    "<meta http-equiv='refresh' content='0;url=http://example.org'>",
    "<link rel=stylesheet href='http://example.org/x.css'>",
    "<object data='http://example.org/x'>",
    "<math><mtext></mtext><script>window.hurt=1</script></math>",
    "\\u003cscript\\u003ewindow.hurt=1\\u003c/script\\u003e",
    "&lt;script&gt;window.hurt = 1&lt;/script&gt;",
    "&#60;script&#62;window.hurt=1&#60;/script&#62;",
    "\u2028window.hurt=1//",
    "\u2029window.hurt=1//",
    "]]><script>window.hurt=1</script>",
    "*/window.hurt=1/*",
    "`;window.hurt=1;`",
    "'; window.hurt = 1; '",
    "\\'; window.hurt = 1; //",
    "__proto__",
    "constructor",
    "toString",
    "$\\href{javascript:window.hurt=1}{x}$",
    "\\htmlData{x=1}{y}",
    "<video><source onerror='window.hurt=1'></video>",
    "<input autofocus onfocus=window.hurt=1>",
    "<details open ontoggle=window.hurt=1>",
    "<body onload=window.hurt=1>",
    "<form action='http://example.org'><button>x",
    "url(http://example.org/x.png)",
    "expression(window.hurt=1)",
    "\u202egnp.exe",
    "\u0000\u0001\u0002",
    "😀" * 40,
    "a" * 500,
    "行" * 300,
    "%3Cscript%3Ewindow.hurt=1%3C/script%3E",
    "\n\r\t<script>window.hurt=1</script>",
    "<scr<script>ipt>window.hurt=1</scr</script>ipt>",
    "<x style='background:url(http://example.org)'>",
    "=cmd|' /C calc'!A0",
]


def pixels(element: Any) -> np.ndarray:
    with Image.open(io.BytesIO(element.screenshot())) as image:
        return np.asarray(image.convert("RGB"), np.float64)


def test_the_page_is_small_and_forbids_what_it_does_not_need(digits_page):
    text = digits_page.read_text(encoding="utf-8")
    assert len(text.encode()) <= 2.5e6
    assert "default-src 'none'" in text
    assert not re.search(r"(src|href)=.https?:", text)


def figure(page, name):
    return page.locator(f"[data-figure='{name}'] .drawing")


def slider(page):
    return page.locator("#valley input[type=range]")


def test_every_part_is_there_in_both_languages(visit, digits_page):
    page = visit.open(digits_page)
    assert page.locator("html").get_attribute("lang") == "en"
    parts = [section.get_attribute("id") for section in page.locator("main > section").all()]
    assert parts == [
        "summary", "findings", "valley", "trust", "curves", "network", "mistakes", "reproduce",
    ]  # fmt: skip
    english = [title.inner_text() for title in page.locator("h2").all()]
    page.get_by_role("button", name="日本語").click()
    japanese = [title.inner_text() for title in page.locator("h2").all()]
    assert english[2] == "The valley"
    assert japanese[2] == "谷"
    assert not {*english} & {*japanese}


def test_the_address_chooses_the_language(visit, digits_page):
    page = visit.open(digits_page, "?lang=ja")
    assert page.locator("#summary h2").inner_text() == "概要"
    # No English sentence is left: what letters there are belong to data, formulas and code.
    text = page.locator("main > section:not(#reproduce)").all_inner_texts()
    latin = [
        line for line in "\n".join(text).splitlines() if re.search(r"[a-z]{4,} [a-z]{2,} ", line)
    ]
    assert latin == []


def test_numbers_explain_themselves_and_are_the_runs(visit, digits_page, run):
    page = visit.open(digits_page)
    first = page.locator("#summary dl div").first
    assert first.locator("dd").inner_text() == f"{run.accuracy('test'):.2%}"
    assert "Share of the test examples" in first.get_attribute("title")


def test_the_surface_is_drawn_and_turns(visit, digits_page):
    page = visit.open(digits_page)
    canvas = page.locator("[data-figure='valley-surface'] canvas").first
    canvas.scroll_into_view_if_needed()
    page.wait_for_timeout(500)
    before = pixels(canvas)
    assert before.std() > 10
    box = canvas.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 120, y + 30, steps=6)
    page.mouse.up()
    page.wait_for_timeout(300)
    after = pixels(canvas)
    assert after.std() > 10
    assert np.abs(after - before).mean() > 2


def test_the_slider_moves_every_part(visit, digits_page):
    page = visit.open(digits_page)
    page.wait_for_timeout(500)
    names = ["valley-surface", "valley-map", "network", "activations", "first-weights"]
    names += [
        each.get_attribute("data-figure")
        for part in ("trust", "curves")
        for each in page.locator(f"#{part} [data-figure]").all()
    ]
    before = {name: pixels(figure(page, name)) for name in names}
    last = page.locator("#valley").inner_text()
    slider(page).focus()
    for _ in range(3):
        page.keyboard.press("PageDown")
    page.wait_for_timeout(500)
    assert page.locator("#valley").inner_text() != last
    for name in names:
        assert np.abs(pixels(figure(page, name)) - before[name]).max() > 30, name


def test_play_runs_from_the_start_to_the_end(visit, digits_page):
    page = visit.open(digits_page)
    page.get_by_role("button", name="Play").click()
    page.wait_for_timeout(1500)
    early = int(slider(page).input_value())
    page.wait_for_timeout(1500)
    later = int(slider(page).input_value())
    assert 0 < early < later
    page.wait_for_function(
        "() => { const s = document.querySelector('#valley input[type=range]');"
        " return s.value === s.max }",
        timeout=15_000,
    )


def test_a_cell_of_the_confusion_matrix_shows_its_examples(visit, digits_page, run):
    page = visit.open(digits_page)
    confusion = run.confusion()
    i, j = np.unravel_index(np.argmax(confusion - np.diag(np.diag(confusion))), confusion.shape)
    shown = page.locator("#mistakes canvas").count()
    assert shown >= min(12, confusion[i, j])


def test_every_chart_can_be_saved(visit, digits_page, tmp_path):
    page = visit.open(digits_page)
    page.wait_for_timeout(500)
    figures = page.locator("[data-figure]").all()
    assert len(figures) >= 8
    for each in figures:
        name = each.get_attribute("data-figure")
        with page.expect_download() as png:
            each.get_by_role("button", name="Save as PNG").click()
        file = tmp_path / f"{name}.png"
        png.value.save_as(file)
        with Image.open(file) as picture:
            grey = np.asarray(picture.convert("L"), np.float64)
        assert grey.std() > 3, name
        assert min(grey.shape) > 80
        with page.expect_download() as svg:
            each.get_by_role("button", name="Save as SVG").click()
        text = svg.value.path().read_text(encoding="utf-8")
        assert text.startswith("<svg")
        assert "var(--" not in text


def test_the_lines_that_repeat_it_are_copied(visit, digits_page, run):
    page = visit.open(digits_page)
    block = page.locator("#reproduce .block").last
    assert "kb.train(" in block.locator("pre").inner_text()
    block.get_by_role("button").click()
    page.wait_for_timeout(200)
    assert block.get_by_role("button").inner_text() == "Copied"


def test_a_page_with_a_large_grid_is_small(visit, tmp_path, run):
    file = kb.landscape(run, size=101).save(tmp_path / "big.html")
    assert file.stat().st_size < 3e6
    page = visit.open(file)
    page.wait_for_function("() => performance.getEntriesByName('koubai: surface drawn')[0]")


@pytest.mark.parametrize("width", [390, 1280, 1920])
def test_nothing_is_wider_than_the_window(visit, digits_page, width):
    visit.page.set_viewport_size({"width": width, "height": 900})
    page = visit.open(digits_page)
    page.wait_for_timeout(300)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_several_optimisers_have_a_legend_that_toggles(visit, tmp_path):
    both = kb.compare(kb.surfaces["rosenbrock"], ["sgd", "adam"], [-1.2, 1.0], steps=60)
    page = visit.open(both.save(tmp_path / "both.html", size=21))
    page.wait_for_timeout(500)
    before = pixels(figure(page, "valley-map"))
    page.get_by_role("button", name="adam").click()
    page.wait_for_timeout(300)
    assert np.abs(pixels(figure(page, "valley-map")) - before).max() > 30


def test_a_function_of_one_variable_is_a_profile(visit, tmp_path):
    path = kb.descend(lambda x: (x[0] ** 2 - 1) ** 2, start=[1.8], learning_rate=0.02, steps=30)
    page = visit.open(path.save(tmp_path / "line.html", size=31))
    assert pixels(figure(page, "valley-profile")).std() > 3
    assert page.locator("canvas").count() == 0


def test_a_scene_of_another_form_is_refused_in_words(visit, digits_page, tmp_path):
    text = digits_page.read_text(encoding="utf-8").replace('{"format":1,', '{"format":99,', 1)
    file = tmp_path / "other.html"
    file.write_text(text, encoding="utf-8")
    visit.page.goto(file.as_uri())
    assert "does not know" in visit.page.locator("#page").inner_text()


def test_fifty_hostile_strings_are_text(visit, tmp_path):
    """As class names, as the run's title and as the data's name."""
    assert len(HOSTILE) == 50
    rng = np.random.default_rng(0)
    t = np.array(HOSTILE)[np.arange(200) % len(HOSTILE)]
    data = kb.data.arrays(rng.normal(size=(200, 4)).astype(np.float32), t)
    data = replace(data, name=HOSTILE[0])
    run = kb.train(kb.Network([4, 3, 50]), data, epochs=2)
    page = visit.open(run.report(tmp_path / "page.html", title=" ".join(HOSTILE[:3])))
    page.wait_for_timeout(500)
    assert page.evaluate("window.hurt") is None
    assert page.locator("h1").inner_text().startswith("</script><script>")


def test_pages_say_what_they_cannot_do(run, tmp_path):
    with pytest.raises(SettingError, match=r"'page\.txt', and .txt is not supported"):
        save_page(run, "page.txt")
    with pytest.raises(UnknownNameError, match="language"):
        save_page(run, tmp_path / "page.html", language="fr")
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingError, match="cannot be written"):
        save_page(run, tmp_path / "file" / "page.html", size=5)


def test_a_finding_leads_to_its_chart(visit, tmp_path):
    """Ten sigmoid layers: the signal vanishes, which the norms of the gradients show."""
    deep = kb.Network([64, *[10] * 10, 10], hidden="sigmoid")
    stuck = kb.train(deep, kb.data.digits(), "sgd", 0.1, epochs=2)
    page = visit.open(stuck.report(tmp_path / "deep.html", size=5))
    assert "Vanishing gradients" in page.locator("#findings h3").first.inner_text()
    page.locator("#findings a").first.click()
    chart = page.locator("[data-figure='gradient-norm']")
    page.wait_for_function(
        "() => Math.abs(document.querySelector(\"[data-figure='gradient-norm']\")"
        ".getBoundingClientRect().top) < 200"
    )
    assert chart.is_visible()
