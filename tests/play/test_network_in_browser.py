"""The network bench as a learner has it, against kb.Learner, backpropagation and differences."""

from __future__ import annotations

import re

import numpy as np
import pytest
from playground import NetworkPage, numbers, speak, told, until, untranslated

import koubai as kb


@pytest.fixture
def network(visit, address):
    return NetworkPage(visit, address)


def learner(steps=0, sizes=(12, 3, 2), data=None, batch_size=8, **settings):
    made = {name: settings.pop(name) for name in ("hidden", "initialiser") if name in settings}
    own = kb.Learner(
        kb.Network(list(sizes), **made),
        data or kb.data.bitmaps(),
        batch_size=batch_size,
        **settings,
    )
    if steps:
        own.step(steps)
    return own


def near(value):
    """Of three digits, as the diagram shows them."""
    return pytest.approx(float(value), rel=6e-3, abs=1e-6)


def answers(network):
    return numbers(network.page.locator("section:has(#data-title) tbody td:nth-child(2)"))


def pixels(network):
    return network.page.get_by_role("group", name="Pixels of the input").get_by_role("button")


def example(network):
    """The 4×3 bitmap that is looked at."""
    return numbers(pixels(network))


def latex(network):
    return network.page.locator(".readout annotation").all_text_contents()


def test_steps_forth_and_back_show_the_numbers_of_the_engine(network):
    network.step(3)
    own = learner(3).params
    assert network.parameter("w²₁₅") == near(own[0].w[4, 0])
    assert network.parameter("b³₂") == near(own[1].b[1])
    network.back()
    until(lambda: network.iteration() == 2)
    assert network.parameter("w³₁₁") == near(learner(2).params[1].w[0, 0])
    network.page.reload()
    network.page.locator(".stepper .step").wait_for()
    until(lambda: network.iteration() == 2)
    network.pace("epoch")
    network.page.locator(".stepper .step:enabled").click()
    until(lambda: network.iteration() == 8)
    own = learner(8)
    assert (network.counted(1), network.counted(2)) == ("0 / 8", "1")
    assert told(network.counted(3)) == pytest.approx(own.measure().train.loss, rel=1e-3)
    wrong = own.confusion()[0, 1] + own.confusion()[1, 0]
    assert f"{wrong} of 16 wrong" in network.page.locator("figure h3").all_inner_texts()
    network.back()
    until(lambda: network.iteration() == 0)
    network.pace("batch")
    network.step()
    network.rewind()
    assert network.parameter("w²₁₅") == near(learner().params[0].w[4, 0])
    network.page.get_by_label("Seed", exact=True).fill("5")
    network.page.get_by_label("Seed", exact=True).press("Enter")
    until(lambda: network.parameter("w²₁₅") == near(learner(seed=5).params[0].w[4, 0]))
    network.page.get_by_role("button", name="New seed").click()
    field = network.page.get_by_label("Seed", exact=True)
    until(lambda: field.input_value() != "5")
    seed = int(field.input_value())
    until(lambda: network.parameter("w³₁₁") == near(learner(seed=seed).params[1].w[0, 0]))


def card(network, unit):
    """z, a and δ of a unit; NaN for what is not known yet."""
    label = network.page.locator(f'[data-unit="{unit}"]').get_attribute("aria-label")
    found = [re.search(rf"{letter} ([^ ,]*)", label) for letter in "zaδ"]
    return [told(each.group(1) or "nan") if each else np.nan for each in found]


def test_an_iteration_is_walked_phase_by_phase(network):
    page, step = network.page, network.page.locator(".stepper .step:enabled")
    page.get_by_label("Batch size").fill("2")
    page.get_by_label("Batch size").press("Enter")
    page.get_by_text("of 2 in the mini-batch").wait_for()
    network.pace("example")
    own = learner(batch_size=2)
    look = own.look()
    assert answers(network) == []
    for n in range(2):
        z, a, delta = (
            float(of[1][n, 0])
            for of in (look.trace.weighted_inputs, look.trace.activations[1:], look.deltas)
        )
        step.click()  # forward
        until(lambda n=n: answers(network) == [near(a) for a in look.trace.activations[-1][n]])
        assert example(network) == look.x[n].tolist()
        assert card(network, "2-0") == [near(z), near(a), pytest.approx(np.nan, nan_ok=True)]
        assert latex(network)[1].endswith(f"= {float(look.trace.weighted_inputs[0][n, 0]):.4g}")
        step.click()  # loss
        shown = page.locator("section:has(#data-title) b").first
        assert told(shown.inner_text()) == pytest.approx(float(look.losses[n]), rel=1e-4)
        step.click()  # backward
        until(lambda z=z, a=a, d=delta: card(network, "2-0") == [near(z), near(a), near(d)])
    page.locator('[data-parameter="w³₁₁"]').click()
    step.click()  # update
    until(lambda: page.locator(".parameter dd").count() == 2)
    gradient, update = numbers(page.locator(".parameter dd"))
    assert gradient == pytest.approx(float(look.gradients[1].w[0, 0]), rel=1e-4)
    assert update == pytest.approx(-own.learning_rate * gradient, rel=1e-4)
    network.back()  # out of the phases of this iteration, one by one
    until(lambda: page.locator(".parameter dd").count() == 1)
    step.click()
    step.click()
    until(lambda: network.iteration() == 1)
    own.step()
    assert network.parameter("w³₁₁") == near(own.params[1].w[0, 0])


def set_parameter(network, name, value):
    network.page.locator(f'[data-parameter="{name}"]').click()
    field = network.page.locator(".parameter input")
    field.fill(str(value))
    field.press("Enter")
    until(lambda: network.parameter(name) == value)


def loss_of(own, w):
    """The cross-entropy of the mini-batch that comes next, with those weights of layer 2."""
    look, (_, b, w3, b3) = own.look(), [np.asarray(p, float) for layer in own.params for p in layer]
    z = 1 / (1 + np.exp(-(np.asarray(look.x, float) @ w + b))) @ w3 + b3
    logs = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    return -(np.asarray(look.targets) * logs).sum(axis=1).mean()


def test_parameters_are_set_by_hand_and_checked_against_differences(network):
    page, own = network.page, learner()
    set_parameter(network, "w²₁₅", 0.75)
    set_parameter(network, "b³₂", -0.5)
    page.locator('[data-parameter="w²₁₅"]').hover()
    assert latex(network)[0] == "w^{2}_{15} = 0.75"
    own.edit(2, 5, 1, 0.75)
    own.edit(3, None, 2, -0.5)
    network.step(2)
    own.step(2)
    assert network.parameter("w²₁₅") == near(own.params[0].w[4, 0])
    assert network.parameter("b³₂") == near(own.params[1].b[1])

    def check(name):
        page.locator(f'[data-parameter="{name}"]').click()
        page.locator(".parameter .check").click()
        page.locator(".parameter .told").wait_for()
        return numbers(page.locator(".parameter .told dd"))

    backprop, numerical = check("w²₁₅")
    w, step = np.asarray(own.params[0].w, float), np.zeros((12, 3))
    step[4, 0] = 1e-5
    slope = (loss_of(own, w + step) - loss_of(own, w - step)) / 2e-5
    assert backprop == pytest.approx(slope, rel=1e-4)
    assert numerical == pytest.approx(slope, rel=1e-4)
    assert "They agree." in page.locator(".parameter .told").inner_text()
    network.back()
    network.back()
    until(lambda: network.iteration() == 0)
    network.back()  # the edit of the bias
    until(lambda: network.parameter("b³₂") == 0)
    assert network.parameter("w²₁₅") == 0.75


def test_at_a_kink_of_relu_the_check_says_why_it_differs(network):
    page = network.page
    page.get_by_label("Activation of layer 2").select_option("relu")
    page.get_by_label("Initial weights").select_option("zeros")
    until(lambda: network.parameter("w²₁₅") == 0)
    set_parameter(network, "w³₁₁", 1)
    # Each z² is 0: backpropagation takes the slope 0 to its left, the difference half of both.
    page.locator('[data-parameter="b²₁"]').click()
    page.locator(".parameter .check").click()
    page.locator(".parameter .told").wait_for()
    backprop, numerical = numbers(page.locator(".parameter .told dd"))
    own = learner(hidden="relu", initialiser="zeros")
    own.edit(3, 1, 1, 1.0)
    assert backprop == 0
    assert numerical == pytest.approx(float(np.mean(own.look().deltas[1][:, 0])) / 2, rel=1e-3)
    assert "kink" in page.locator(".parameter .told").inner_text()
    speak(page, "ja")
    assert untranslated(page) is None


def test_pixels_are_clicked(network):
    own = learner(5)
    network.step(5)
    pixels = example(network)
    assert pixels == own.look().x[0].tolist()
    for k in (0, 7):
        network.page.get_by_role("group", name="Pixels of the input").get_by_role("button").nth(
            k
        ).click()
        pixels[k] = 1 - pixels[k]
    until(lambda: example(network) == pixels)
    until(lambda: answers(network) == [near(a) for a in own.outputs([pixels])[0]])
    network.page.get_by_role("button", name="Back to the data").click()
    until(lambda: example(network) == own.look().x[0].tolist())
    network.page.get_by_role("button", name="Next example").click()
    until(lambda: example(network) == own.look().x[1].tolist())


def test_a_digit_is_drawn_on_the_pad(network):
    page = network.page
    page.get_by_label("Data", exact=True).select_option("digits")
    pad = page.get_by_role("application", name="Pad to draw on")
    pad.wait_for()
    network.pace("epoch")
    page.locator(".stepper .step:enabled").click()
    until(lambda: network.counted(2) == "1")
    own = learner(network.iteration(), (64, 3, 10), kb.data.digits())
    page.get_by_role("button", name="Clear").click()
    until(lambda: answers(network) == [near(a) for a in own.outputs([[0.0] * 64])[0]])
    box = pad.bounding_box()
    page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 0.1 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 0.9 * box["height"], steps=8)
    page.mouse.up()
    # What is drawn, from the colours: paper is 0 and ink 1.
    grey = pad.evaluate(
        """pad => {
            const canvas = pad.querySelector('canvas'), side = canvas.width / 8;
            const context = canvas.getContext('2d');
            return Array.from({ length: 64 }, (_, k) => context.getImageData(
                (k % 8 + 0.5) * side, (Math.floor(k / 8) + 0.5) * side, 1, 1).data[0]);
        }"""
    )
    drawn = (max(grey) - np.array(grey)) / (max(grey) - min(grey))
    assert drawn.reshape(8, 8)[1:7, 3:5].min() > 0.4
    assert drawn.reshape(8, 8)[:, [0, 1, 6, 7]].max() == 0
    wanted = own.outputs([drawn])[0]
    until(lambda: np.allclose(answers(network), wanted, atol=0.01))


def test_points_of_the_plane_and_their_regions(network):
    page = network.page
    page.get_by_label("Data", exact=True).select_option("moons")
    plane = page.get_by_label(re.compile("Plane of the two inputs"))
    plane.wait_for()
    rate = page.get_by_label("Learning rate η").last
    rate.fill("1")
    rate.press("Enter")
    network.pace("epoch")
    for epochs in range(1, 11):
        page.locator(".stepper .step:enabled").click()
        until(lambda epochs=epochs: network.counted(2) == str(epochs))
    own = learner(0, (2, 3, 2), kb.data.moons())
    own.change("learning_rate", 1.0)
    own.step(network.iteration())
    box = plane.bounding_box()

    def asked(across, down):
        """Clicks in the plane; where that is, as x and y."""
        at = {"x": across * box["width"], "y": down * box["height"]}
        plane.click(position=at)
        page.get_by_text("an input of your own").wait_for()
        label = plane.get_attribute("aria-label")
        return [told(each) for each in re.search(r"at \((\S+), (\S+)\)", label).groups()]

    corners = []
    for place in (0.3, 0.8):
        corners.append(asked(place, place))
        wanted = own.outputs([corners[-1]])[0]
        until(lambda wanted=wanted: np.allclose(answers(network), wanted, atol=0.02))
    # Blue and orange regions: where the network is sure of a class, its colour.
    many = np.array([(x, y) for x in np.linspace(0.2, 0.9, 15) for y in np.linspace(0.1, 0.85, 15)])
    points = corners[0] + (many - 0.3) / 0.5 * (np.array(corners[1]) - corners[0])
    sure = own.outputs(points)
    colours = np.array(
        plane.evaluate(
            """(plane, many) => {
                const canvas = plane.parentElement.querySelector('canvas');
                const box = plane.getBoundingClientRect(), own = canvas.getBoundingClientRect();
                const ratio = canvas.width / own.width;
                const context = canvas.getContext('2d');
                return many.map(([x, y]) => Array.from(context.getImageData(
                    (x * box.width + box.left - own.left) * ratio,
                    (y * box.height + box.top - own.top) * ratio, 1, 1).data));
            }""",
            many.tolist(),
        )
    )
    red = colours[:, 0] - colours[:, 2]
    first, second = (np.median(red[sure[:, k] > 0.8]) for k in (0, 1))
    assert first * second < 0
