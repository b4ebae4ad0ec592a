"""What a diagnosis tells in English it tells in Japanese too, with the same numbers."""

from __future__ import annotations

import copy
import pickle
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pytest
from diagnosis.test_rules import (
    ACTIVATIONS,
    FACTS,
    FAULTS,
    LOST,
    STEPPED,
    STUCK,
    history,
    layers,
)
from planted.training import FAULTS as PLANTED
from planted.training import HELD_OUT, LATER_FAULTS

from koubai.diagnosis.diagnose import RULES
from koubai.diagnosis.evidence import Evidence
from koubai.diagnosis.finding import KINDS, TITLES, Finding
from koubai.diagnosis.of_run import evidence_of
from koubai.report.findings import findings_of
from koubai.told import Told
from koubai.training.settings import CUSTOM

# Quick ones, in which several rules find something.
QUICK = (
    "weights that overflow before the first update",
    "a decay that turns the weights round at every step",
    "a line beyond its stable bound",
    "circles with shuffled labels",
)
# Numbers that English has words for are written in figures in Japanese.
IN_WORDS = {"a quarter of": "4 1", "a tenth of": "10 1", "twice": "2", "one more": "1"}


def varied(name: str, kind: str, **changes: object):
    return pytest.param(replace(FAULTS[kind], **changes), kind, id=name)


# What the rules say in other cases than those of FAULTS.
DEAD_LATE = np.array([[0, 0.1, 0], *[[0, 0.7, 0]] * 4])
FADED = np.geomspace(5, 0.05, 5)[:, None] * np.ones(3)
DIVERGED = history([2.3, *np.full(12, np.nan)])
JUMPS = np.where(np.arange(13) % 2, 2.9, 2.2)
VARIANTS = [
    varied("targets", "data not finite", history=history(LOST)),
    varied(
        "small", "unscaled inputs",
        data=lambda: replace(FACTS, means=np.full(2, 3e-4), stds=np.full(2, 2e-3)),
    ),
    varied(
        "apart", "unscaled inputs",
        data=lambda: replace(FACTS, means=np.zeros(4), stds=np.array([0.001, 0.001, 0.5, 0.4])),
    ),
    varied("output", "zero gradients", activations=(*ACTIVATIONS[:2], STEPPED[1])),
    varied("late", "dead units", history=history(STUCK, seen=layers(dead=DEAD_LATE))),
    varied(
        "nothing", "vanishing gradients",
        history=history(STUCK, seen=layers(error_signal=[0, 1e-9, 0.5])),
    ),
    varied("no slope", "vanishing gradients", activations=(STEPPED[1], *ACTIVATIONS[1:])),
    varied("turned", "weight decay too large", history=DIVERGED, stopped="diverged"),
    varied(
        "faded", "weight decay too large",
        history=history(STUCK, seen=layers(weight_norm=FADED)), weight_decay=0.5,
    ),
    varied("diverged", "learning rate too large", history=DIVERGED, stopped="diverged"),
    varied("thrown", "learning rate too large", history=history(JUMPS)),
    varied("unknown bound", "learning rate too large", stable_rate=lambda: None),
    varied("own", "learning rate too large", optimizer=CUSTOM),
    varied("unknown bound", "learning rate too small", stable_rate=lambda: None),
    varied("no hidden layer", "network too small", activations=ACTIVATIONS[2:]),
    varied(
        "values", "network too small",
        data=lambda: replace(
            FACTS, counts=np.zeros(0, int), recall=np.zeros(0), score=-0.5, neighbours=0.9
        ),
    ),
]  # fmt: skip


def all_that_is_found(seen: Evidence) -> list[Finding]:
    """What every rule finds, also what another finding explains."""
    return [finding for rule in RULES if (finding := rule(seen)) is not None]


def numbers(text: str) -> Counter[str]:
    return Counter(re.findall(r"-?\d+(?:[.,]\d+)*(?:e[-+]?\d+)?%?", text))


def assert_told_in_both(findings: Iterable[Finding]) -> None:
    for finding in findings:
        for told in (finding.evidence, finding.advice):
            assert isinstance(told, Told), told
            assert re.search(r"[ぁ-んァ-ヶ]", told.ja), told.ja
            assert not re.search(r"[^\x00-\x7fηλ·×−←²]", told), told
            assert not re.search(r"[{}]|  |。。|。$|^ | $", told.ja), told.ja
            spelt = (figures for words, figures in IN_WORDS.items() if words in told)
            assert numbers(f"{told} {' '.join(spelt)}") == numbers(told.ja), (told, told.ja)


def test_every_kind_has_a_name_in_japanese():
    assert tuple(TITLES) == KINDS
    assert len({*TITLES.values()}) == len(KINDS)
    assert all(re.search(r"[ぁ-んァ-ヶ一-龯]", title) for title in TITLES.values())


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_told_in_both_languages(kind):
    found = all_that_is_found(FAULTS[kind])
    assert kind in [finding.kind for finding in found]
    assert_told_in_both(found)


@pytest.mark.parametrize(("seen", "kind"), VARIANTS)
def test_so_is_what_a_rule_says_in_other_cases(seen, kind):
    found = [finding for finding in all_that_is_found(seen) if finding.kind == kind]
    (usual,) = [finding for finding in all_that_is_found(FAULTS[kind]) if finding.kind == kind]
    assert [str(finding) for finding in found] != [str(usual)]
    assert len(found) == 1
    assert_told_in_both(found)


@pytest.mark.parametrize("name", QUICK)
def test_a_planted_fault_is_told_in_both_languages_on_the_page_too(name):
    (case,) = [case for case in (*PLANTED, *LATER_FAULTS) if case.name == name]
    run = case.train(HELD_OUT[0])
    assert_told_in_both(all_that_is_found(evidence_of(run)))
    shown, found = findings_of(run), run.diagnose()
    assert shown[0].kind == case.kind
    assert [finding.title.ja for finding in shown] == [TITLES[finding.kind] for finding in found]
    for there, here in zip(shown, found, strict=True):
        assert (there.evidence.en, there.evidence.ja) == (here.evidence, here.evidence.ja)
        assert (there.advice.en, there.advice.ja) == (here.advice, here.advice.ja)
        assert type(there.advice.en) is str  # msgspec writes no other


def test_what_is_told_is_its_english_text():
    told = Told("from 2.3 to 0.21", "2.3 から 0.21 に")
    assert told == "from 2.3 to 0.21"
    assert {told: 1}["from 2.3 to 0.21"] == 1
    assert f"{told}|{told!r}" == "from 2.3 to 0.21|'from 2.3 to 0.21'"
    assert type(str(told)) is str


@pytest.mark.parametrize(
    "copied",
    [copy.copy, copy.deepcopy]
    + [lambda told, p=p: pickle.loads(pickle.dumps(told, p)) for p in (0, 2, 5)],  # noqa: S301
)
def test_what_is_told_survives_copies(copied):
    found = copied(Told("nothing", "何もない"))
    assert type(found) is Told
    assert (found, found.ja) == ("nothing", "何もない")


def test_a_watch_names_layers_and_torchs_functions_in_both():
    torch = pytest.importorskip("torch")
    import koubai as kb

    torch.manual_seed(3)
    module = torch.nn.Sequential(
        torch.nn.Linear(4, 13), torch.nn.ReLU(), torch.nn.Linear(13, 7), torch.nn.ReLU(),
        torch.nn.Linear(7, 2),
    )  # fmt: skip
    torch.nn.init.constant_(module[2].bias, -50)
    with kb.watch(module, every=2) as watch:
        for _ in range(6):
            loss = torch.nn.functional.mse_loss(module(torch.randn(30, 4)), torch.ones(30, 2))
            loss.backward()
            watch.step(loss)
    found = next(finding for finding in watch.diagnose() if finding.kind == "dead units")
    assert "layer 3 (2)" in found.evidence
    assert "第 3 層（2）のユニットの 100%" in found.evidence.ja
    assert "hidden=" not in found.advice + found.advice.ja
    assert "torch.nn.LeakyReLU" in found.advice.ja
    assert_told_in_both([found])
