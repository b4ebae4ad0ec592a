"""A network that runs: changed meanwhile, stopped by itself, lost, found again, and taken away."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import zipfile

import numpy as np
import pytest
from browser import Visit
from playground import PATIENCE, NetworkPage, is_close, speak, told, until, untranslated

import koubai as kb


@pytest.fixture
def network(visit, address):
    return NetworkPage(visit, address)


def field(network, label):
    return network.page.locator(".setup").get_by_label(label, exact=True).last


def fill(network, label, value):
    field(network, label).fill(str(value))
    field(network, label).press("Enter")


def running(network):
    return network.page.locator(".stepper .run").get_attribute("aria-pressed") == "true"


def run(network):
    network.page.locator(".stepper .run").click()


def taken(network, form):
    """The file that the menu gives in that form."""
    page = network.page
    if not page.locator(".menu .panel").count():
        page.get_by_role("button", name="Take it away").click()
    with page.expect_download() as download:
        page.locator(f'[data-form="{form}"]').click()
    return download.value.path()


def of_state(text):
    """What a state says, done by kb.Learner."""
    state = json.loads(text)
    setting = state["network"]
    own = kb.Learner(
        kb.Network([12, *setting["hidden"], 2]), kb.data.bitmaps(),
        setting["optimizer"], setting["learning_rate"], setting["batch_size"], setting["seed"],
    )  # fmt: skip
    for act in state["acts"]:
        match act.pop("type"):
            case "step":
                own.step(act["iterations"])
            case "change":
                own.change(act["name"], act["value"])
            case _:
                own.edit(**act)
    return own


def stands_as(network, own):
    """Whether the page shows what a learner has."""
    shown = [network.parameter(name) for name in ("w²₁₅", "b²₂", "w³₂₃", "b³₁")]
    (w, b), (above, c) = own.params
    return network.iteration() == own.iteration and is_close(
        shown, [w[4, 0], b[1], above[2, 1], c[0]], rtol=6e-3, atol=1e-6
    )


def test_a_run_is_changed_meanwhile_paused_and_taken_away(network, chromium, address, tmp_path):
    page = network.page
    fill(network, "Seed", 3)
    until(
        lambda: (
            network.parameter("w²₁₅")
            == pytest.approx(float(kb.Network([12, 3, 2]).init(3)[0].w[4, 0]), rel=6e-3)
        )
    )
    run(network)
    until(lambda: network.iteration() > 200)
    fill(network, "Learning rate η", 0.5)
    changed = network.iteration()
    until(lambda: network.iteration() > changed + 200)
    run(network)
    page.locator(".stepper .step:enabled").wait_for()
    stays = network.iteration()
    time.sleep(0.3)
    assert network.iteration() == stays
    page.locator('[data-parameter="b²₁"]').click()
    page.locator(".parameter input").fill("0.125")
    page.locator(".parameter input").press("Enter")
    until(lambda: network.parameter("b²₁") == 0.125)
    network.step()
    state = taken(network, "json").read_text()
    own = of_state(state)
    assert (own.iteration, own.learning_rate) == (stays + 1, 0.5)
    assert own.anew().learning_rate == pytest.approx(0.1)
    assert stands_as(network, own)

    script = tmp_path / "script.py"
    script.write_bytes(taken(network, "script").read_bytes())
    process = subprocess.Popen(
        [sys.executable, script], cwd=tmp_path, stdout=subprocess.PIPE, text=True
    )
    with zipfile.ZipFile(taken(network, "run")) as archive:
        archive.extractall(tmp_path)
    for layer, wanted in zip(kb.load_run(tmp_path / "run").params, own.params, strict=True):
        np.testing.assert_array_equal(layer.w, wanted.w)
        np.testing.assert_array_equal(layer.b, wanted.b)
    report = tmp_path / "report.html"
    report.write_bytes(taken(network, "report").read_bytes())

    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    other = Visit(context.new_page())
    other.open(report)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Link to this state").click()
    page.get_by_text("The link is copied").wait_for()
    other.page.goto(page.evaluate("navigator.clipboard.readText()"))
    other.page.reload()
    other.page.locator(".stepper .step:enabled").wait_for()
    there = object.__new__(NetworkPage)
    there.page = other.page
    until(lambda: stands_as(there, own))
    assert field(there, "Seed").input_value() == "3"
    there.rewind()
    for content in (" " * 2_100_000, "{}", state):  # what is no state is refused
        if not there.page.locator(".menu .panel").count():
            there.page.get_by_role("button", name="Take it away").click()
        there.page.locator(".menu input[type=file]").set_input_files(
            {"name": "koubai.json", "mimeType": "application/json", "buffer": content.encode()}
        )
        if content != state:
            says = "the state cannot be read" if content == "{}" else "too large"
            there.page.get_by_text(says).wait_for()
            assert there.iteration() == 0  # and nothing changes
    until(lambda: stands_as(there, own))
    assert there.page.get_by_text("the state cannot be read").count() == 0
    assert other.complaints == []
    context.close()

    said = process.communicate(timeout=PATIENCE)[0]
    printed = {tuple(line.split()[:2]): line.split()[2:] for line in said.splitlines()}
    for layer, (w, b) in enumerate(own.params, start=2):
        for letter, wanted in (("w", w), ("b", b)):
            np.testing.assert_array_equal(
                np.array(printed[str(layer), letter], np.float32), np.ravel(wanted)
            )


@pytest.mark.parametrize(
    ("label", "value", "says"),
    [
        ("epochs", 2, "epochs that you asked for"),
        ("training loss ≤", 0.6, "training loss has come down"),
        ("test accuracy ≥ (0–1)", 0.9, "test accuracy has reached"),
    ],
)
def test_a_run_stops_where_it_was_asked_to(network, label, value, says):
    fill(network, "Learning rate η", 1)
    fill(network, label, value)
    run(network)
    until(lambda: not running(network) and network.iteration() > 0)
    network.page.get_by_text(says).wait_for()
    own = kb.Learner(kb.Network([12, 3, 2]), kb.data.bitmaps(), batch_size=8)
    own.change("learning_rate", 1.0)
    own.step(network.iteration())
    found = own.measure()
    assert told(network.counted(3)) == pytest.approx(found.train.loss, rel=1e-3)
    shown = float(network.counted(5).rstrip("%"))
    assert shown == pytest.approx(100 * found.test.accuracy, abs=0.051)
    assert {
        "epochs": network.iteration() == 16,
        "training loss ≤": found.train.loss <= 0.6,
        "test accuracy ≥ (0–1)": found.test.accuracy >= 0.9,
    }[label]


def test_a_run_that_is_lost_says_where_why_and_the_way_out(network):
    page = network.page
    page.get_by_label("Activation of layer 2").select_option("relu")
    page.get_by_label("Activation of layer 3").select_option("identity")
    field(network, "Loss").select_option("squared_error")
    until(lambda: field(network, "Loss").input_value() == "squared_error")
    page.locator(".stepper .step:enabled").wait_for()
    fill(network, "Learning rate η", 1000)
    run(network)
    alert = page.get_by_role("alert")
    alert.wait_for()
    own = kb.Learner(
        kb.Network([12, 3, 2], hidden="relu", output="identity"), kb.data.bitmaps(),
        batch_size=8, loss="squared_error",
    )  # fmt: skip
    own.change("learning_rate", 1000.0)
    while own.diverged is None:
        own.step()
        own.measure()
    for language in ("en", "ja"):
        speak(page, language)
        said = alert.inner_text()
        message = own.diverged.message
        assert str(own.diverged.step) in said.splitlines()[0]
        assert {"en": str(message), "ja": message.ja}[language] in said
        assert "NaN" not in page.locator("body").inner_text()
        assert not page.locator(".stepper .step").is_enabled()
    assert untranslated(page) is None
    alert.get_by_role("button").nth(0).click()  # a tenth of the learning rate
    alert.wait_for(state="detached")
    assert float(field(network, "学習率 η").input_value()) == 100


def test_the_landscape_on_demand(network):
    page = network.page
    show = page.get_by_role("button", name="Show the landscape of the loss")
    assert not show.is_enabled()
    network.step(2)
    show.click()
    dialog = page.get_by_role("dialog")
    dialog.locator('[data-figure="valley-map"] [data-ball]').wait_for()
    assert dialog.locator("canvas").count() >= 1
    dialog.get_by_role("button", name="Close").click()
    assert dialog.count() == 0
