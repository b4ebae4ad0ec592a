"""What is not of the kind that a picture shows is refused by name, in one line."""

from __future__ import annotations

from typing import Any, cast

import pytest

import koubai as kb
from koubai import figures
from koubai.errors import KoubaiError

_ANY = cast(Any, figures)
_BOWL = kb.surfaces.bowl


def _path() -> kb.Path:
    return kb.descend(_BOWL, [1.0, 2.0], learning_rate=0.1, steps=4)


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda: _ANY.contours(_BOWL, 5), "paths is 5: give a Path"),
        (lambda: _ANY.surface(_BOWL, [1, 2]), "a path is 1: give a Path"),
        (lambda: _ANY.contours(_BOWL, {"a": 7}), "a path is 7: give a Path"),
        (lambda: _ANY.contours("rosenbrock"), r"f is 'rosenbrock', .* kb.surfaces.rosenbrock"),
        (lambda: _ANY.contours(None), "f is None, which is not a function"),
        (lambda: _ANY.curve_and_path(None), "f is None, which is not a function"),
        (lambda: _ANY.loss_against_step(5), "paths is 5: give a Path"),
        (lambda: _ANY.optimiser_memory(5), "paths is 5: give a Path"),
        (lambda: _ANY.learning_curves(5), "history is 5: give the History"),
        (lambda: _ANY.loss_curves(5), "history is 5: give the History"),
        (lambda: _ANY.accuracy_curves(5), "history is 5: give the History"),
        (lambda: _ANY.network_diagram(5), "network is 5: give a Network"),
        (lambda: _ANY.learning_rates(_path()), "rates is .*: give what kb.compare_learning"),
        (lambda: _ANY.step_and_contour(_path(), 0), "path is 0: give a Path"),
        (lambda: _ANY.step_and_contour(None, _path(), "1"), "step is '1': give a whole number"),
        (lambda: _ANY.batch_curves(5), "curves is 5: give what kb.batch_curves found"),
        (lambda: _ANY.batch_losses(5), "samples is 5: give a list"),
        (lambda: _ANY.batch_losses([5]), "a sample is 5: give what kb.batch_losses"),
        (lambda: kb.load_run(cast(Any, 5)), "folder is 5: give the path of a run"),
        (lambda: kb.Network([64, 10], hidden="foo"), "unknown activation 'foo'"),
    ],
)
def test_the_wrong_kind_is_refused_by_name(draw, message) -> None:
    with pytest.raises(KoubaiError, match=message) as caught:
        draw()
    assert "\n" not in str(caught.value)
