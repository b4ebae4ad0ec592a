"""Pictures of a path on a function that it did not descend, and how they are saved."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

import koubai as kb
from koubai.figures.contours import PATH_COLOURS

HIMMELBLAU = kb.surfaces.himmelblau


def bowl(x):
    return x[0] ** 2 + x[1] ** 2


def test_a_path_lies_on_the_surface_that_is_drawn(tmp_path) -> None:
    path = kb.descend(bowl, start=[3.0, 4.0], learning_rate=0.1, steps=100)
    for draw in (kb.figures.surface, kb.figures.contours):
        ax = draw(HIMMELBLAU, path)
        assert "170" in " ".join(text.get_text() for text in ax.get_legend().get_texts())
        ax.savefig(tmp_path / f"{draw.__name__}.png")
        assert (tmp_path / f"{draw.__name__}.png").stat().st_size > 10_000
    # And its own function leaves it as it is: 25 · 0.64^100 at the end.
    own = kb.figures.contours(bowl, path)
    assert "1.04e" in " ".join(text.get_text() for text in own.get_legend().get_texts())


def nearest(picture: Image.Image, colour: str) -> int:
    """How far the nearest pixel is from a colour."""
    wanted = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    return int(np.abs(np.asarray(picture.convert("RGB")).astype(int) - wanted).sum(axis=-1).min())


@pytest.mark.parametrize("name", ["rastrigin", "rosenbrock"])
def test_thin_lines_keep_their_colours(name: str, tmp_path) -> None:
    """Of 256 colours chosen by how often they occur none would be left for them."""
    optimizers = ["sgd", "momentum", "adagrad", "rmsprop", "adam"]
    compared = kb.compare(kb.surfaces[name], optimizers)
    file = kb.figures.save(compared.plot(), tmp_path / "picture.png")
    with Image.open(file) as picture:
        for colour in PATH_COLOURS[: len(optimizers)]:
            assert nearest(picture, colour) < 12


def test_an_animation_keeps_the_colour_of_its_path(tmp_path) -> None:
    path = kb.descend(HIMMELBLAU, steps=8)
    file = kb.figures.animate(path, None, tmp_path / "ball.gif")
    with Image.open(file) as film:
        film.seek(film.n_frames - 1)
        assert nearest(film, PATH_COLOURS[0]) < 12
