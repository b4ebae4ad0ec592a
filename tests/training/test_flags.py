"""What XLA_FLAGS say of its optimisation changes no bit of a run."""

from __future__ import annotations

import os
import subprocess
import sys

import jax
import numpy as np

import koubai as kb

TRAINED = """
import jax, numpy as np, koubai as kb
run = kb.train(kb.Network([2, 7, 5, 2], hidden=["tanh", "relu"]), kb.data.moons(), "adam", epochs=3)
np.savez("params.npz", *map(np.asarray, jax.tree.leaves(run.params)))
"""


def test_a_run_has_the_same_bits_without_the_flags_of_the_tests(tmp_path):
    assert "optimization_level=0" in os.environ["XLA_FLAGS"]
    users = {name: value for name, value in os.environ.items() if name != "XLA_FLAGS"}
    subprocess.run([sys.executable, "-c", TRAINED], cwd=tmp_path, env=users, check=True)
    network = kb.Network([2, 7, 5, 2], hidden=["tanh", "relu"])
    run = kb.train(network, kb.data.moons(), "adam", epochs=3)
    with np.load(tmp_path / "params.npz") as params:
        for own, other in zip(jax.tree.leaves(run.params), params.values(), strict=True):
            np.testing.assert_array_equal(own, other)
