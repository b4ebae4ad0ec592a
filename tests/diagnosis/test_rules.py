"""The rules by themselves, on evidence that was made up: none of it comes from a run."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import matplotlib.axes
import numpy as np
import pytest

import koubai as kb
from koubai.diagnosis.diagnose import EXPLAINS, EXPLAINS_LATE, RULES, diagnose, findings
from koubai.diagnosis.evidence import DataFacts, Evidence
from koubai.diagnosis.finding import KINDS, Finding
from koubai.training.history import History
from koubai.training.layers import QUANTITIES, Layers

EPOCHS = 12
ITERATIONS = 7  # in an epoch
ACTIVATIONS = tuple(kb.activations[name] for name in ("tanh", "relu", "softmax"))
HEALTHY_LOSS = np.geomspace(2.2, 0.1, EPOCHS + 1)
BASELINE = 2.3


def layers(**quantities: Any) -> Layers:
    """Three layers at five moments, in which all is well but what is given: one row for each."""
    usual = {
        "gradient_norm": 0.3, "weight_norm": 5.0, "update_ratio": 0.01, "gradient_noise": 0.4,
        "error_signal": 0.8, "activation_mean": 0.1, "activation_std": 0.5,
        "flat": 0.2, "dead": 0.05, "alike": 0.0,
    }  # fmt: skip
    assert {*usual} == {*QUANTITIES}
    values = {
        name: np.broadcast_to(np.asarray(quantities.get(name, value), np.float32), (5, 3)).copy()
        for name, value in usual.items()
    }
    return Layers(iterations=21 * np.arange(5), **values)


def history(train: Any = HEALTHY_LOSS, test: Any = None, seen: Layers | None = None) -> History:
    nothing = np.full(EPOCHS + 1, np.nan)
    losses = np.broadcast_to(np.asarray(train, np.float64), (EPOCHS + 1,))
    return History(
        batch_iterations=np.arange(ITERATIONS * EPOCHS),
        batch_losses=np.ones(ITERATIONS * EPOCHS, np.float32),
        batch_stride=1,
        epochs=np.arange(EPOCHS + 1),
        iterations=ITERATIONS * np.arange(EPOCHS + 1),
        train_loss=losses,
        train_accuracy=np.full(EPOCHS + 1, 0.9),
        validation_loss=nothing,
        validation_accuracy=nothing,
        test_loss=losses * 1.1 if test is None else np.asarray(test),
        test_accuracy=np.full(EPOCHS + 1, 0.9),
        layers=layers() if seen is None else seen,
    )


FACTS = DataFacts(
    means=np.array([0.3, -0.1]),
    stds=np.array([0.9, 1.4]),
    one_unit=False,
    counts=np.array([40, 30, 30]),
    classes=("cat", "dog", "eel"),
    recall=np.array([0.9, 0.8, 0.9]),
    score=0.88,
    chance=0.4,
    neighbours=0.85,
    test_examples=50,
)


def evidence(record: History | None = None, facts: DataFacts | None = FACTS, **changes: Any):
    usual = Evidence(
        history=history() if record is None else record,
        activations=ACTIVATIONS,
        baseline=BASELINE,
        optimizer="sgd",
        adaptive=False,
        learning_rate=0.1,
        usual_rate=0.1,
        stopped="epochs",
        kept_best=False,
        data=lambda: facts,
        stable_rate=lambda: 0.6,
    )
    return replace(usual, **changes)


STUCK = np.linspace(2.3, 2.2, EPOCHS + 1)
LOST = np.full(EPOCHS + 1, np.nan)
STEPPED = tuple(kb.activations[name] for name in ("tanh", "step", "softmax"))
SPREAD = np.array([0.01, 0.0, 0.3])
RISES = [*np.geomspace(2.2, 0.5, 6), *np.linspace(0.6, 1.3, 7)]
FAULTS = {
    "data not finite": evidence(history(LOST, seen=layers(activation_std=np.nan))),
    "unscaled inputs": evidence(history(STUCK), replace(FACTS, means=np.array([0.3, 1900.0]))),
    "labels out of order": evidence(facts=replace(FACTS, score=0.42, neighbours=0.36)),
    "zero gradients": evidence(history(STUCK), activations=STEPPED),
    "initial weights too large": evidence(
        history(LOST, seen=layers(activation_std=[1e31, np.inf, np.nan])), stopped="diverged"
    ),
    "symmetric units": evidence(history(STUCK, seen=layers(alike=[1, 0.2, 0]))),
    "exploding gradients": evidence(history(STUCK, seen=layers(error_signal=[90, 9, 1]))),
    "saturated units": evidence(history(STUCK, seen=layers(flat=[0.8, 0.3, 0]))),
    "dead units": evidence(history(STUCK, seen=layers(dead=[0.1, 0.7, 0]))),
    "vanishing gradients": evidence(history(STUCK, seen=layers(error_signal=[2e-5, 0.1, 0.9]))),
    "weight decay too large": evidence(history(STUCK), weight_decay=30.0),
    "learning rate too large": evidence(history(HEALTHY_LOSS[::-1] * 3), learning_rate=2.0),
    "learning rate too small": evidence(history(STUCK, seen=layers(update_ratio=1e-6))),
    "unbalanced classes": evidence(
        facts=replace(
            FACTS, counts=np.array([90, 5, 5]), recall=np.array([1, 0.1, 0.9]), chance=0.88
        )
    ),
    "over-fitting": evidence(history(test=RISES)),
    "network too small": evidence(history(1.9), replace(FACTS, score=0.5, neighbours=0.9)),
}


@pytest.mark.parametrize("kind", KINDS)
def test_each_fault_is_named_with_its_numbers_a_way_out_and_a_figure(kind):
    found = findings(FAULTS[kind])
    assert [finding.kind for finding in found] == [kind]
    text = str(found[0])
    assert text.startswith(f"{kind}: ")
    assert text.endswith(".")
    assert not text.endswith(("?.", "!.", ".."))
    assert any(character.isdigit() for character in found[0].evidence)
    assert found[0].advice.startswith(("Try", "Draw", "Give", "Start", "Repeat", "Look", "Stop"))
    axes = np.atleast_1d(np.asarray(found[0].plot(), dtype=object))
    assert all(isinstance(ax, matplotlib.axes.Axes) for ax in axes)
    assert found[0].figure in kb.figures.__all__


def test_what_goes_well_is_not_accused():
    assert findings(evidence()) == []


def test_every_kind_has_its_rule_and_its_place():
    assert len(RULES) == len(KINDS) == len(FAULTS)
    assert {*EXPLAINS} <= {*KINDS}
    assert set().union(*EXPLAINS.values()) <= {*KINDS}
    assert all(kind not in explained for kind, explained in EXPLAINS.items())
    assert {*EXPLAINS_LATE} | set().union(*EXPLAINS_LATE.values()) <= {*KINDS}


def only(kind: str, **changes: Any) -> Finding:
    (found,) = findings(replace(FAULTS[kind], **changes))
    assert found.kind == kind
    return found


def test_data_that_is_not_finite_is_told_from_weights_that_overflow():
    seen = "layer 2 answers NaN or Inf before the first update, with weights of norm 5"
    assert seen in only("data not finite").evidence
    targets = only("data not finite", history=history(LOST))
    assert "though every layer's answers are (with a spread up to 0.5)" in targets.evidence
    overflow = layers(activation_std=np.nan, weight_norm=[1e30, 5, 5])
    kinds = [f.kind for f in findings(evidence(history(LOST, seen=overflow)))]
    assert kinds == ["initial weights too large"]


def test_a_signal_that_is_0_has_vanished_where_the_last_layers_is_not():
    gone = history(STUCK, seen=layers(error_signal=[0, 1e-9, 0.5], update_ratio=1e-6))
    found = only("vanishing gradients", history=gone)
    assert found.layer == 2
    assert "is less than 1e-20 of the output layer's at the start" in found.evidence


def test_what_is_no_run_is_not_diagnosed():
    with pytest.raises(kb.errors.SettingError, match="run is None: give what"):
        kb.diagnose(None)


def test_layers_are_counted_from_the_input_which_is_layer_1():
    assert only("vanishing gradients").layer == 2
    assert "2.2e-05 of the output layer's" in only("vanishing gradients").evidence
    assert only("dead units").layer == 3
    assert "70% of the units of layer 3" in only("dead units").evidence


def test_when_it_began_is_said():
    dead = np.zeros((5, 3))
    dead[2:, 1] = 0.8  # from iteration 42, which ends epoch 6
    seen = history(STUCK, seen=layers(dead=dead))
    assert "from epoch 6 on" in only("dead units", history=seen).evidence
    assert "from the start" in only("dead units").evidence
    assert "from epoch 5 on" in only("over-fitting").evidence


@pytest.mark.parametrize(
    ("quantity", "kind"), [("flat", "saturated units"), ("dead", "dead units")]
)
def test_units_that_were_lost_at_the_start_are_not_the_learning_rates_fault(quantity, kind):
    layer = 0 if quantity == "flat" else 1
    shares = np.zeros((5, 3))
    shares[1:, layer] = 0.9
    rising = HEALTHY_LOSS[::-1] * 3
    late = evidence(history(rising, seen=layers(**{quantity: shares})), learning_rate=2.0)
    assert [f.kind for f in findings(late)] == ["learning rate too large"]
    shares[0, layer] = 0.9
    early = evidence(history(rising, seen=layers(**{quantity: shares})), learning_rate=2.0)
    assert [f.kind for f in findings(early)] == [kind, "learning rate too large"]


def test_what_saturates_when_most_is_learnt_has_done_its_learning():
    flat = np.zeros((5, 3))
    flat[1:, 0] = 0.9  # from iteration 21, which ends epoch 3
    fallen = np.array([2.3, 1.2, 1.1, 1.0, *[0.9] * (EPOCHS - 3)])
    stuck = np.array([2.3, 2.3, 2.3, 2.3, *[2.2] * (EPOCHS - 3)])
    good = replace(FACTS, score=0.9, neighbours=0.9)
    assert findings(evidence(history(fallen, seen=layers(flat=flat)), good)) == []
    found = findings(evidence(history(stuck, seen=layers(flat=flat)), good))
    assert [f.kind for f in found] == ["saturated units"]


def test_weights_that_are_gone_are_blamed_on_the_decay():
    norms = np.full((5, 3), 5.0) * np.array([1, 0.3, 0.1, 0.03, 0.01])[:, None]
    seen = layers(weight_norm=norms)
    stuck = replace(FACTS, score=0.4, neighbours=0.9)
    (found,) = findings(evidence(history(2.3, seen=seen), stuck, weight_decay=0.5))
    assert found.kind == "weight decay too large"
    assert "no layer's weights kept more than 0.01 of their norm" in found.evidence
    assert [f.kind for f in findings(evidence(history(2.3, seen=seen), stuck))] == [
        "network too small"
    ]


def test_a_saturated_relu_is_a_dead_one_and_a_dead_tanh_a_saturated_one():
    swapped = (ACTIVATIONS[1], ACTIVATIONS[0], ACTIVATIONS[2])
    stuck = history(STUCK, seen=layers(flat=[0.9, 0.1, 0], dead=[0.8, 0, 0]))
    assert [f.kind for f in findings(evidence(stuck))] == ["saturated units"]
    assert [f.kind for f in findings(evidence(stuck, activations=swapped))] == ["dead units"]


def test_the_stable_bound_is_named_where_it_holds():
    large = only("learning rate too large")
    assert "η is 2, which is beyond the stable bound 2/λ_max = 0.6" in large.evidence
    assert large.advice == "Try learning_rate=0.3"
    adam = only("learning rate too large", optimizer="adam", adaptive=True)
    assert "λ_max" not in adam.evidence
    assert adam.advice == "Try learning_rate=0.2"
    small = only("learning rate too small")
    assert small.advice == "Try learning_rate=0.3"
    unknown = only("learning rate too small", stable_rate=lambda: None)
    assert unknown.advice == "Try learning_rate=0.1"


def test_stopping_early_is_no_over_fitting():
    assert findings(replace(FAULTS["over-fitting"], kept_best=True)) == []


def test_a_loss_that_still_falls_says_nothing_of_the_size_of_the_network():
    falling = history(np.linspace(2.2, 1.2, EPOCHS + 1))
    assert findings(replace(FAULTS["network too small"], history=falling)) == []


def test_a_schedule_that_brings_the_loss_to_a_halt_says_nothing_of_the_size_of_the_network():
    """Three quarters of the way that the rates allow are done at epoch 3, and it fell since."""
    losses = [2.2, 2.1, 2.0, *np.geomspace(1.9, 1.7, 4), *np.full(6, 1.69)]
    small = replace(FAULTS["network too small"], history=history(losses))
    assert [finding.kind for finding in findings(small)] == ["network too small"]
    assert findings(replace(small, pace=lambda epochs: 0.01 ** (epochs / EPOCHS))) == []


def test_no_number_of_units_is_advised_that_the_network_may_have_already():
    assert not any(character.isdigit() for character in only("network too small").advice)


@pytest.mark.parametrize("examples", [1, 3, 5])
@pytest.mark.parametrize("chance", [0.0, 1.0])
def test_a_few_test_examples_do_not_show_that_labels_are_out_of_order(examples, chance):
    facts = replace(FACTS, score=0.0, neighbours=0.0, chance=chance, test_examples=examples)
    assert findings(evidence(facts=facts)) == []


def test_an_activation_without_slope_is_neither_saturated_nor_the_networks_size():
    flat = history(1.9, seen=layers(flat=[0.2, 1, 0], dead=[0, 1, 0]))
    small = replace(FACTS, score=0.5, neighbours=0.9)
    (found,) = findings(evidence(flat, small, activations=STEPPED))
    assert (found.kind, found.layer) == ("zero gradients", 3)
    assert "the derivative of step in layer 3 is 0 everywhere" in found.evidence
    at_the_end = evidence(activations=(*STEPPED[::2], STEPPED[1]))
    assert findings(at_the_end)[0].layer == 4


def test_a_loss_lost_before_the_first_update_is_no_fault_of_the_learning_rate():
    """Where the activations were of a usual size, the targets must be to blame."""
    (found,) = findings(evidence(history(LOST), stopped="diverged"))
    assert found.kind == "data not finite"
    assert "some targets are not" in found.evidence


def test_a_decay_that_turns_the_weights_round_is_blamed_and_not_the_learning_rate():
    diverged = history([2.3, *np.full(EPOCHS, np.nan)])
    (found,) = findings(evidence(diverged, stopped="diverged", weight_decay=30.0))
    assert found.kind == "weight decay too large"
    assert "λ·w is at least 5e+02 times" in found.evidence  # 30 · 5 / 0.3
    assert "η·λ is 3, and beyond 2" in found.evidence
    adam = only("weight decay too large", optimizer="adam", adaptive=True)
    assert "beyond 2" not in adam.evidence  # its steps are as long as the rate says
    weak = evidence(diverged, stopped="diverged", weight_decay=0.01)
    assert [finding.kind for finding in findings(weak)] == ["learning rate too large"]


def test_noise_that_the_neighbour_cannot_tell_either_is_not_the_networks_fault():
    facts = replace(FACTS, score=0.65, neighbours=0.6)
    assert findings(evidence(history(1.5), facts)) == []


def test_pixels_may_be_lit_as_rarely_as_they_like():
    stds = np.array([0.001, 0.001, 0.5, 0.4])
    facts = replace(FACTS, means=np.full(4, 0.2), stds=stds)
    table = findings(evidence(history(1.9), facts))
    assert [finding.kind for finding in table] == ["unscaled inputs"]
    assert findings(evidence(history(1.9), replace(facts, one_unit=True))) == []


def test_without_data_or_layers_the_losses_speak():
    blind = history(HEALTHY_LOSS[::-1], seen=Layers.none())
    assert [f.kind for f in findings(evidence(blind, None))] == ["learning rate too large"]
    assert findings(evidence(history(seen=Layers.none()), None)) == []


def test_a_run_diagnoses_itself():
    network = kb.Network([2, 6, 3], hidden="tanh")
    run = kb.train(network, kb.data.spirals(n=83, seed=4), learning_rate=1e-7, epochs=3)
    assert [str(f) for f in run.diagnose()] == [str(f) for f in diagnose(run)]
    (found,) = kb.diagnose(run)
    assert isinstance(found, kb.Finding)
    assert found.kind == "learning rate too small"
    assert "with η = 1e-07" in found.evidence


def test_a_run_without_an_epoch_has_nothing_to_diagnose():
    network = kb.Network([2, 6, 3], hidden="tanh")
    assert kb.train(network, kb.data.spirals(n=83, seed=4), epochs=0).diagnose() == []


def test_a_regression_and_an_optimiser_of_ones_own_are_diagnosed():
    import optax

    network = kb.Network([1, 1, 1], hidden="tanh", output="identity", initialiser="zeros")
    run = kb.train(network, kb.data.sine(n=90, seed=3), optax.adam(1e-9), epochs=2)
    assert all(isinstance(finding, Finding) for finding in run.diagnose())


def test_the_stable_bound_of_a_line_is_that_of_its_hessian():
    """½(w x + b − t)² over the data: the Hessian by (w, b) is the mean of (x, 1)(x, 1)ᵀ."""
    from koubai.diagnosis.of_run import evidence_of

    data = kb.data.line(seed=2)
    run = kb.train(kb.Network([1, 1], output="identity"), data, epochs=1)
    rows = np.hstack([data.train.x, np.ones_like(data.train.x)]).astype(np.float64)[:300]
    expected = 2 / np.linalg.eigvalsh(rows.T @ rows / len(rows))[-1]
    assert evidence_of(run).stable_rate() == pytest.approx(expected, rel=1e-3)


def test_neighbours_are_found_in_standardised_inputs():
    from koubai.data.dataset import Split
    from koubai.diagnosis.neighbours import nearest

    rng = np.random.default_rng(7)
    x = rng.normal(size=(57, 3)).astype(np.float32) * [1, 1000, 0] + [5, -3, 2]
    y = rng.normal(size=(23, 3)).astype(np.float32) * [1, 1000, 0] + [5, -3, 2]
    train = Split(x.astype(np.float32), np.zeros(57, np.int32))
    test = Split(y.astype(np.float32), np.zeros(23, np.int32))
    asked, known = nearest(train, test)
    std = np.where(x.std(axis=0) > 1e-9, x.std(axis=0), 1)
    expected = [np.argmin((((x - one) / std) ** 2).sum(axis=1)) for one in y]
    assert asked.tolist() == list(range(23))
    assert known.tolist() == expected


@pytest.mark.parametrize(("examples", "found"), [(1, False), (4, False), (400, True)])
def test_a_rise_on_a_few_examples_is_no_over_fitting(examples, found):
    seen = findings(replace(FAULTS["over-fitting"], held_back=examples))
    assert ("over-fitting" in [finding.kind for finding in seen]) is found


def test_after_a_few_iterations_no_loss_has_come_to_rest():
    run = kb.train(kb.Network([2, 5, 3]), kb.data.blobs(), learning_rate=0.1, epochs=5)
    assert "network too small" not in {finding.kind for finding in run.diagnose()}
