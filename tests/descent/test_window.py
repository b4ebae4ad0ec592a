from __future__ import annotations

import numpy as np
import pytest

from koubai.descent.descend import descend
from koubai.descent.path import Path
from koubai.descent.window import interval_of, window_of
from koubai.errors import SettingError, ShapeError
from koubai.functions.surfaces import surfaces


def a_path(points: object) -> Path:
    array = np.array(points, float)
    return Path(array, np.zeros(len(array)), np.arange(len(array)), "steps")


def sides(window: object) -> np.ndarray:
    return np.diff(np.array(window), axis=1)[:, 0]


@pytest.mark.parametrize("shift", [(0, 0), (1000, -3), (-5, 70)])
@pytest.mark.parametrize("scale", [1.0, 1e-4, 1e6])
def test_a_window_moves_and_grows_with_its_path(shift: tuple[int, int], scale: float) -> None:
    points = np.array([[0, 0], [2, 1.0], [1, 3]])
    plain = np.array(window_of(a_path(points)))
    moved = np.array(window_of(a_path(scale * (points + shift))))
    np.testing.assert_allclose(moved, scale * (plain + np.array(shift)[:, None]), rtol=1e-9)


def test_every_point_is_inside_with_room() -> None:
    paths = [a_path([[5, -7], [8, -6]]), a_path([[4, -9], [6, -8]])]
    (left, right), (bottom, top) = window_of(paths)
    assert (left, right) == pytest.approx((4 - 1.4, 8 + 1.4))
    assert (bottom, top) == pytest.approx((-9 - 1.05, -6 + 1.05))


def test_a_path_along_one_axis_is_not_squeezed_to_a_line() -> None:
    wide, high = sides(window_of(a_path([[0, 5], [3, 5]])))
    assert high == pytest.approx(wide / 3)
    assert (sides(window_of(a_path([[40, 5], [40, 5]]))) > 10).all()


def test_very_unequal_sides_are_left_so() -> None:
    wide, high = sides(window_of(a_path([[0, 5], [3, 5.01]])))
    assert high == pytest.approx(wide / 300)


def test_a_surface_brings_its_window_and_it_grows_where_needed() -> None:
    surface = surfaces["six_hump_camel"]
    assert window_of([], surface) == surface.window
    assert window_of(a_path([[0, 0], [1, 1]]), surface) == surface.window
    (left, right), x1 = window_of(a_path([[0, 0], [-2.5, 1]]), surface)
    assert -6 <= left < -2.5
    assert right == 2
    assert x1 == surface.window[1]
    far = window_of(a_path([[0, 0], [1e9, 0]]), surface)
    assert far[0] == (-2, 6)  # by its own size at most


def test_of_a_diverging_path_the_beginning_is_seen() -> None:
    path = descend(lambda x: x[0] ** 2 + x[1] ** 2, [3.0, 4.0], 10.0, 100)
    (left, right), (bottom, top) = window_of(path)
    assert left < -3 < 3 < right < 10
    assert bottom < -4 < 4 < top < 10


@pytest.mark.parametrize("steps", [60, 300, 5000])
@pytest.mark.parametrize("shift", [0.0, 100.0])
def test_of_a_path_that_falls_for_ever_the_beginning_is_seen(steps: int, shift: float) -> None:
    path = descend(
        lambda x: (x[0] - shift) ** 2 - (x[1] - shift) ** 2 / 2,
        [shift + 3.0, shift + 0.4], 0.2, steps,
    )  # fmt: skip
    window = window_of(path)
    (left, right), (bottom, top) = np.array(window) - shift
    assert left < 0 < 3 < right
    assert bottom < 0.4 < 10 < top
    assert (sides(window) < 300).all()


def test_a_path_that_arrives_far_off_is_seen_to_its_end() -> None:
    path = descend(lambda x: (x[0] - 1e4) ** 2 + x[1] ** 2, [0.0, 1.0], 0.01, 500)
    assert window_of(path)[0][1] > 1e4
    short = a_path([[0, 0], [1, 0], [1e6, 0]])
    assert window_of(short)[0][1] > 1e6


def test_points_that_are_not_finite_are_left_out() -> None:
    window = window_of(a_path([[0, 0], [1, 1], [np.nan, 0], [np.inf, 2]]))
    assert np.isfinite(window).all()
    with pytest.raises(SettingError, match="no finite point"):
        window_of(a_path([[np.nan, 0], [np.inf, 2]]))


def test_one_variable() -> None:
    assert interval_of(a_path([[1], [3]])) == pytest.approx((0.3, 3.7))


@pytest.mark.parametrize("size", [1, 5])
def test_other_numbers_of_variables(size: int) -> None:
    with pytest.raises(ShapeError, match=f"{size} variable.*loss_against_step"):
        window_of(a_path(np.zeros((3, size))))


def test_nothing_to_choose_from() -> None:
    with pytest.raises(SettingError, match="window is missing"):
        window_of([])
