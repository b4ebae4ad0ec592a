"""The error of a regression in the target's own unit, against scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import r2_score, root_mean_squared_error

import koubai as kb


@pytest.fixture(scope="module")
def houses(tmp_path_factory):
    """A table whose target is far off centre: prices about 31 000 with a spread of 900."""
    rng = np.random.default_rng(4)
    area, rooms = rng.uniform(40, 160, 93), rng.integers(1, 6, 93)
    price = 31_000 + 17.3 * area + 211 * rooms + rng.normal(0, 300, 93)
    file = tmp_path_factory.mktemp("tables") / "houses.csv"
    lines = [f"{a},{r},{p}" for a, r, p in zip(area, rooms, price, strict=True)]
    file.write_text("\n".join(["area,rooms,price", *lines]))
    return kb.data.table(file, target="price")


@pytest.fixture(scope="module")
def run(houses):
    network = kb.Network([2, 4, 1], hidden="tanh", output="identity")
    return kb.train(network, houses, "adam", 0.02, batch_size=10, epochs=30, validation=0.2)


@pytest.mark.parametrize("which", ["train", "validation", "test"])
def test_a_tables_error_is_in_the_targets_own_unit(run, houses, which):
    split = run.split(which)
    prices = split.t[:, 0].astype(np.float64) * houses.target.std + houses.target.mean
    predicted = run.predict(split.x)[:, 0]
    assert 100 < run.typical_error(which) < 900  # euros, and no standard deviations
    expected = root_mean_squared_error(prices, predicted)
    assert run.typical_error(which) == pytest.approx(expected, rel=1e-4)
    assert run.r_squared(which) == pytest.approx(r2_score(prices, predicted), rel=1e-4)


def test_a_loss_is_of_standardised_targets(run, houses):
    spread = run.typical_error("train") / houses.target.std
    assert run.outcome.train.loss == pytest.approx(0.5 * spread**2, rel=1e-5)


def test_several_outputs_have_one_figure_each():
    rng = np.random.default_rng(5)
    x = rng.normal(3.0, 2.0, (71, 2))
    t = np.stack([500 + 7 * x[:, 0], -30 + x[:, 1] ** 2, np.full(71, 8.0)], axis=1)
    data = kb.data.arrays(x, t)
    run = kb.train(kb.Network([2, 6, 3], output="identity"), data, "adam", 0.5, epochs=300)
    y = run.predict(data.test.x)
    expected = root_mean_squared_error(data.test.t, y, multioutput="raw_values")
    np.testing.assert_allclose(run.typical_error(), expected, rtol=1e-5)
    r_squared = r2_score(data.test.t, y, multioutput="raw_values")
    np.testing.assert_allclose(run.r_squared()[:2], r_squared[:2], rtol=1e-4)
    assert np.isnan(run.r_squared()[2])  # there is nothing to explain in what never varies


def test_classes_have_no_such_error():
    run = kb.train(kb.Network([2, 3]), kb.data.spirals(n=30), epochs=1)
    for ask in (run.typical_error, run.r_squared):
        with pytest.raises(kb.errors.SettingError, match=r"has classes.*run\.accuracy\('train'\)"):
            ask("train")
