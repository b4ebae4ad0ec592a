"""The inside of a run's network as the viewer takes it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree

from koubai.networks.network import Layer, Params
from koubai.report.missing import data_gone
from koubai.report.pack import exact, rough, single
from koubai.report.scene import Histograms, LayerView, Looks, NetworkView
from koubai.training.activity import Activity, activity
from koubai.training.run import Run

# Bytes for all weights at all moments, and how many moments that leaves.
_BUDGET, _FEWEST, _MOST = 300_000, 2, 21


def network_of(run: Run) -> NetworkView:
    """The layers of a run's network at some moments of its path, and what was seen of them."""
    path, network = run.path, run.network
    count = min(len(path), max(_FEWEST, min(_MOST, _BUDGET // network.parameter_count)))
    chosen = np.unique(np.linspace(0, len(path) - 1, count).round().astype(int))
    unravel = ravel_pytree(run.params)[1]
    moments: list[Params] = [unravel(jnp.asarray(path.points[k], jnp.float32)) for k in chosen]
    active = [] if data_gone(run) is not None else activity(run, moments)
    return NetworkView(
        inputs=network.sizes[0],
        input_names=input_names(run),
        image_shape=run.about.image_shape,
        classes=run.about.classes or (),
        moments=exact(path.iterations[chosen]),
        layers=tuple(
            _layer(run, level, [p[level] for p in moments], active[level] if active else None)
            for level, _ in enumerate(pairwise(network.sizes))
        ),
        looks=_looks(run),
    )


def input_names(run: Run) -> tuple[str, ...]:
    """What each input of a table is called: a column, or one of its categories."""
    names = list[str]()
    for column in run.about.columns:
        if column.categories is None:
            names.append(column.name)
        else:
            names += [f"{column.name} = {category}" for category in column.categories]
    return tuple(names)


def _layer(run: Run, level: int, moments: Sequence[Layer], active: Activity | None) -> LayerView:
    layer = run.params[level]
    return LayerView(
        activation=run.network.activations[level].name,
        units=run.network.sizes[level + 1],
        w=single(layer.w),
        b=single(layer.b),
        w_moments=rough([each.w for each in moments]),
        b_moments=rough([each.b for each in moments]),
        histograms=active and Histograms(single(active.edges), single(active.shares)),
    )


def _looks(run: Run) -> Looks | None:
    layers = run.history.layers
    if not len(layers):
        return None
    return Looks(
        iterations=exact(layers.iterations),
        gradient_norm=single(layers.gradient_norm),
        update_ratio=single(layers.update_ratio),
    )
