"""Targets: what is taken for labels, one-hot rows and values, and what is refused."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from koubai.errors import DataError, ShapeError
from koubai.functions.targets import as_targets

THREE_OUTPUTS = jnp.zeros((2, 3))
ONE_OUTPUT = jnp.zeros((2, 1))


@pytest.mark.parametrize(
    ("t", "y", "expected"),
    [
        ([1, 2], THREE_OUTPUTS, [[0, 1, 0], [0, 0, 1]]),
        (np.array([1, 2], np.uint8), THREE_OUTPUTS, [[0, 1, 0], [0, 0, 1]]),
        ([[0, 1, 0], [0, 0, 1]], THREE_OUTPUTS, [[0, 1, 0], [0, 0, 1]]),
        ([[0.2, 0.3, 0.5], [-7, 4, 1]], THREE_OUTPUTS, [[0.2, 0.3, 0.5], [-7, 4, 1]]),
        ([0.5, -3], ONE_OUTPUT, [[0.5], [-3]]),
        ([0, 1], ONE_OUTPUT, [[0], [1]]),  # with a single output a label is a value
        ([[0.5], [-3]], ONE_OUTPUT, [[0.5], [-3]]),
        (2, jnp.zeros(3), [0, 0, 1]),
        ([0, 0, 1], jnp.zeros(3), [0, 0, 1]),
        (4.5, jnp.zeros(1), [4.5]),
        ([[0, 2], [1, 1]], jnp.zeros((2, 2, 3)), np.eye(3)[[[0, 2], [1, 1]]]),
        (np.zeros((0, 3)), jnp.zeros((0, 3)), np.zeros((0, 3))),
        (np.zeros(0, int), jnp.zeros((0, 3)), np.zeros((0, 3))),
    ],
)
def test_what_is_accepted(t, y, expected) -> None:
    targets = as_targets(t, y)
    assert targets.shape == y.shape
    assert targets.dtype == y.dtype
    np.testing.assert_array_equal(targets, np.asarray(expected, np.float32))


@pytest.mark.parametrize(
    ("t", "y", "shape", "kind"),
    [
        ([0, 1, 2], THREE_OUTPUTS, (3,), "int32"),  # three labels for two examples
        ([0.0, 1.0], THREE_OUTPUTS, (2,), "float32"),  # classes as numbers that are no labels
        ([True, False], THREE_OUTPUTS, (2,), "bool"),
        ([[0, 1]], THREE_OUTPUTS, (1, 2), "int32"),
        ([[0, 1, 0]], THREE_OUTPUTS, (1, 3), "int32"),  # would broadcast over the batch
        ([[1.0, 2.0]], ONE_OUTPUT, (1, 2), "float32"),  # would broadcast to (2, 2)
        (1, THREE_OUTPUTS, (), "int32"),
    ],
)
def test_what_does_not_fit_is_named(t, y, shape, kind) -> None:
    with pytest.raises(ShapeError) as caught:
        as_targets(t, y)
    message = str(caught.value)
    assert f"t has shape {shape} and type {kind}" in message
    assert f"the output has shape {y.shape}" in message
    assert f"label for each example, shape {y.shape[:-1]}" in message


@pytest.mark.parametrize(("t", "wrong"), [([0, 3], 3), ([-1, 0], -1), ([9, -2], -2)])
def test_a_label_outside_the_classes_is_named(t, wrong) -> None:
    with pytest.raises(DataError, match=rf"label {wrong}, but .* 3 outputs: .* from 0 to 2"):
        as_targets(t, THREE_OUTPUTS)


def test_labels_are_turned_into_rows_inside_compiled_functions_too() -> None:
    rows = jax.jit(lambda t: as_targets(t, THREE_OUTPUTS))(np.array([2, 0]))
    np.testing.assert_array_equal(rows, [[0, 0, 1], [1, 0, 0]])


def test_a_wrong_label_in_a_function_being_differentiated_is_refused() -> None:
    """t is a constant of f(W): the label is looked at although W is being traced."""

    def loss(w: jax.Array) -> jax.Array:
        return as_targets(7, w).sum()

    with pytest.raises(DataError, match="label 7, but there are 2 outputs"):
        jax.eval_shape(loss, jnp.ones(2))
