"""Any JAX function of a pytree as an objective."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import koubai as kb
from koubai.errors import FunctionError, SettingError
from koubai.landscapes.evaluate import evaluator
from koubai.landscapes.plane import Plane

rng = np.random.default_rng(5)
W = rng.normal(size=(4, 3)).astype(np.float32)
B = np.array([0.5, -1, 2], np.float32)
X = rng.normal(size=(7, 4)).astype(np.float32)
PARAMS = {"dense": {"kernel": jnp.asarray(W), "bias": jnp.asarray(B)}, "name": "a", "count": 3}


def f(params: Any) -> Any:
    assert params["name"] == "a"
    assert params["dense"]["kernel"].dtype == jnp.float32
    return jnp.mean(jnp.square(X @ params["dense"]["kernel"] + params["dense"]["bias"]))


def test_values_gradient_and_params() -> None:
    objective = kb.jax_objective(f, PARAMS)
    np.testing.assert_array_equal(objective.start, np.concatenate([B, W.ravel()]))
    assert objective.start.dtype == np.float32
    assert [block.shape for block in objective.blocks] == [(3,), (4, 3)]
    assert [block.filters for block in objective.blocks] == [None, 1]
    z = X.astype(np.float64) @ W + B
    np.testing.assert_allclose(objective.value(objective.start), np.mean(z**2), rtol=1e-6)
    slope = np.concatenate([2 * z.mean(0) / 3, (2 * X.T @ z / z.size).ravel()])
    found = objective.gradient(objective.start)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, slope, rtol=1e-4, atol=1e-6)
    back = objective.params(objective.start + 1)
    np.testing.assert_array_equal(back["dense"]["kernel"], W + 1)
    assert (back["name"], back["count"]) == ("a", 3)


def test_a_plane_through_it() -> None:
    objective = kb.jax_objective(f, PARAMS, names=["bias", "kernel"])
    assert [block.name for block in objective.blocks] == ["bias", "kernel"]
    plane = Plane.random(objective, seed=3)
    kernel = plane.directions[0, 3:].reshape(4, 3)
    np.testing.assert_allclose(np.linalg.norm(kernel, axis=0), np.linalg.norm(W, axis=0), rtol=1e-6)
    found = evaluator(objective, plane)(np.array([[0.7, 0.0]])).values
    expected = np.mean((X @ (W + 0.7 * kernel) + B) ** 2)
    np.testing.assert_allclose(found, [[expected]], rtol=1e-5)


def test_float64_stays_and_the_axis_can_be_the_first() -> None:
    params = (np.eye(2, 3), jnp.ones(2, jnp.float32))
    objective = kb.jax_objective(lambda p: jnp.sum(p[0]) ** 2 + p[1][0], params, filter_axis=0)
    assert objective.start.dtype == np.float64
    assert objective.blocks[0].filters == 0
    assert objective.value(objective.start) == 5
    assert jax.tree.map(lambda a: a.dtype.name, objective.params(objective.start))[1] == "float32"


def test_an_equinox_module_has_its_filters_first() -> None:
    @jax.tree_util.register_pytree_node_class
    class Linear:
        def __init__(self, weight: Any) -> None:
            self.weight = weight

        def tree_flatten(self) -> Any:
            return (self.weight,), None

        @classmethod
        def tree_unflatten(cls, _: Any, children: Any) -> Any:
            return cls(*children)

    weight = jnp.ones((2, 5))
    assert kb.jax_objective(lambda p: p.weight.sum(), Linear(weight)).blocks[0].filters == 1
    Linear.__module__ = "equinox.nn._linear"
    assert kb.jax_objective(lambda p: p.weight.sum(), Linear(weight)).blocks[0].filters == 0


def test_in_one_line() -> None:
    assert repr(kb.jax_objective(f, PARAMS)) == "JaxObjective(15 parameters in 2 arrays)"


def test_what_does_not_fit() -> None:
    with pytest.raises(SettingError, match="pytree"):
        kb.jax_objective(f, {"a": 3, "b": "text"})
    with pytest.raises(SettingError, match="names has 1"):
        kb.jax_objective(f, PARAMS, names=["one"])
    with pytest.raises(FunctionError, match="f is 3: give a function"):
        kb.jax_objective(3, PARAMS)  # pyright: ignore[reportArgumentType]
    with pytest.raises(SettingError, match="filter_axis"):
        kb.jax_objective(f, PARAMS, filter_axis=1)
