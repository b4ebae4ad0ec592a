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
        (lambda: _ANY.chain_paths(5), "explanation is 5: give what kb.explain found"),
        (lambda: _ANY.cost_of_the_chain_rule(kb.Network([2, 1])), "networks is Network.*: give a"),
        (lambda: _ANY.cost_of_the_chain_rule([5]), "network is 5: give one"),
        (lambda: _ANY.learning_rate_range(5), "found is 5: give what kb.learning_rate_range"),
        (lambda: _ANY.vanishing_gradients(5), "found is 5: give what kb.vanishing_gradients"),
        (lambda: _ANY.step_sizes(5), "check is 5: give what kb.check_gradient"),
        (lambda: _ANY.layer_curves(5), "history is 5: give the History"),
        (lambda: _ANY.overfitting(5), "history is 5: give the History"),
        (lambda: _ANY.input_scales([1.0], [1.0, 2.0]), r"means has shape \(1,\) and stds \(2,\)"),
        (lambda: _ANY.input_scales("a", [1.0]), "means is 'a'"),
        (lambda: _ANY.class_shares([1, 2], [0.5], ["a", "b"]), r"recall \(1,\), but .* 2 classes"),
        (lambda: _ANY.against_guessing(0.5, 1.5, 0.5, 0.5), "test is 1.5: give a share"),
        (lambda: _ANY.activation("relu", ax=5), "ax is 5: give matplotlib's axes"),
        (lambda: _ANY.save(None, "a.png"), "picture is None: give a figure"),
        (lambda: _ANY.save([], "a.png"), r"picture is \[\]: give a figure"),
        (lambda: _ANY.save(_path().plot(), 5), "file is 5: give the path of a picture"),
        (lambda: kb.load_run(cast(Any, 5)), "folder is 5: give the path of a run"),
        (lambda: kb.Network([64, 10], hidden="foo"), "unknown activation 'foo'"),
    ],
)
def test_the_wrong_kind_is_refused_by_name(draw, message) -> None:
    with pytest.raises(KoubaiError, match=message) as caught:
        draw()
    assert "\n" not in str(caught.value)
