"""Catalogues behave as the mappings they say they are, and every record in them is complete."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping

import pytest

import koubai as kb
from koubai.errors import UnknownNameError

CATALOGUES = {
    "activation": kb.activations,
    "loss": kb.losses,
    "initialiser": kb.initialisers,
    "optimizer": kb.optimisers,
    "schedule": kb.schedules,
}
every_catalogue = pytest.mark.parametrize("kind", CATALOGUES)
every_record = pytest.mark.parametrize(
    "record",
    [record for catalogue in CATALOGUES.values() for record in catalogue.values()],
    ids=lambda record: record.name,
)


@every_catalogue
def test_a_record_is_found_by_name_in_three_ways(kind: str) -> None:
    catalogue = CATALOGUES[kind]
    assert isinstance(catalogue, Mapping)
    assert len(catalogue) == len(list(catalogue)) > 0
    for name, record in catalogue.items():
        assert record.name == name
        assert catalogue[name] is record
        assert getattr(catalogue, name) is record
        assert name in dir(catalogue)
        assert name in catalogue


@every_catalogue
def test_an_unknown_name_is_answered_with_the_nearest_and_all(kind: str) -> None:
    catalogue = CATALOGUES[kind]
    first = next(iter(catalogue))
    typo = first[:-1] + first[-1] * 2
    with pytest.raises(UnknownNameError) as caught:
        catalogue[typo]
    message = str(caught.value)
    assert f"unknown {kind} {typo!r}" in message
    assert f"Did you mean {first!r}?" in message
    assert all(name in message.split("Known: ")[1] for name in catalogue)


@every_catalogue
def test_a_name_like_no_other_gets_no_guess(kind: str) -> None:
    with pytest.raises(UnknownNameError, match=r"unknown .* 'qqqq'\. Known: "):
        CATALOGUES[kind]["qqqq"]


@every_catalogue
@pytest.mark.parametrize("wrong", [None, 3])
def test_what_is_not_a_name_is_refused_as_an_unknown_one(kind: str, wrong: object) -> None:
    with pytest.raises(UnknownNameError, match=f"unknown {kind} {wrong}"):
        CATALOGUES[kind][wrong]  # type: ignore[index]


@every_catalogue
def test_asking_whether_a_name_is_there_is_answered(kind: str) -> None:
    assert "no_such_name" not in CATALOGUES[kind]
    assert CATALOGUES[kind].get("no_such_name") is None
    assert CATALOGUES[kind].get("no_such_name", 1) == 1


@every_catalogue
def test_an_unknown_attribute_is_an_attribute_error(kind: str) -> None:
    assert not hasattr(CATALOGUES[kind], "no_such_name")
    with pytest.raises(AttributeError, match=f"unknown {kind} 'no_such_name'"):
        CATALOGUES[kind].no_such_name  # noqa: B018


@pytest.mark.parametrize(
    ("catalogue", "typo", "meant"),
    [(kb.activations, "relo", "relu"), (kb.optimisers, "adamm", "adam")],
)
def test_a_misspelt_attribute_is_answered_with_the_nearest(catalogue, typo, meant) -> None:
    with pytest.raises(UnknownNameError, match=f"'{typo}'. Did you mean '{meant}'"):
        getattr(catalogue, typo)


@every_catalogue
def test_a_catalogue_can_be_copied_and_prints_its_names(kind: str) -> None:
    catalogue = CATALOGUES[kind]
    assert list(copy.deepcopy(catalogue)) == list(copy.copy(catalogue)) == list(catalogue)
    plural = {"loss": "losses"}.get(kind, kind + "s")
    assert repr(catalogue) == f"<{len(catalogue)} {plural}: {', '.join(catalogue)}>"


@every_record
def test_every_formula_is_there_and_its_brackets_close(record) -> None:
    formulas = [record.formula]
    if hasattr(record, "derivative_formula"):
        formulas.append(record.derivative_formula)
    for formula in formulas:
        assert formula
        plain = formula.replace(r"\{", "").replace(r"\}", "")
        assert plain.count("{") == plain.count("}")
        opening, closing = (re.findall(rf"\\{side}\b", formula) for side in ("left", "right"))
        assert len(opening) == len(closing)
        assert formula.count(r"\begin") == formula.count(r"\end")
    assert getattr(record, "reference", "a schedule has none")
