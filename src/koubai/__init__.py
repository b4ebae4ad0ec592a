"""koubai (勾配, the gradient): trains neural networks by gradient descent and shows the descent.

Everything public is reached from here: `import koubai as kb`. Names are imported at first use, so
that importing koubai itself costs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from koubai.version import __version__ as __version__

if TYPE_CHECKING:
    from koubai import data, errors, figures
    from koubai.descent.descend import compare, descend
    from koubai.descent.optimisers import optimisers
    from koubai.descent.path import Path
    from koubai.descent.schedules import schedules
    from koubai.functions.activations import Activation, activations
    from koubai.functions.expressions import expression
    from koubai.functions.losses import Loss, losses
    from koubai.functions.surfaces import surfaces
    from koubai.gradients.backprop import backprop, network_loss
    from koubai.gradients.check import check_gradient, check_gradients, finite_differences
    from koubai.gradients.numerical import gradient, numerical_gradient
    from koubai.networks.initialisers import initialisers
    from koubai.networks.network import Layer, Network
    from koubai.objectives.network import objective
    from koubai.objectives.neuron import neuron
    from koubai.objectives.objective import Objective
    from koubai.training.run import Run, load_run
    from koubai.training.train import resume, train

_HOMES = {
    "Activation": "koubai.functions.activations",
    "activations": "koubai.functions.activations",
    "Loss": "koubai.functions.losses",
    "losses": "koubai.functions.losses",
    "surfaces": "koubai.functions.surfaces",
    "expression": "koubai.functions.expressions",
    "Layer": "koubai.networks.network",
    "Network": "koubai.networks.network",
    "initialisers": "koubai.networks.initialisers",
    "numerical_gradient": "koubai.gradients.numerical",
    "gradient": "koubai.gradients.numerical",
    "backprop": "koubai.gradients.backprop",
    "network_loss": "koubai.gradients.backprop",
    "check_gradient": "koubai.gradients.check",
    "check_gradients": "koubai.gradients.check",
    "finite_differences": "koubai.gradients.check",
    "Objective": "koubai.objectives.objective",
    "objective": "koubai.objectives.network",
    "neuron": "koubai.objectives.neuron",
    "descend": "koubai.descent.descend",
    "compare": "koubai.descent.descend",
    "optimisers": "koubai.descent.optimisers",
    "schedules": "koubai.descent.schedules",
    "Path": "koubai.descent.path",
    "Run": "koubai.training.run",
    "load_run": "koubai.training.run",
    "train": "koubai.training.train",
    "resume": "koubai.training.train",
}
_ROOMS = ("data", "errors", "figures")

__all__ = [
    "Activation",
    "Layer",
    "Loss",
    "Network",
    "Objective",
    "Path",
    "Run",
    "activations",
    "backprop",
    "check_gradient",
    "check_gradients",
    "compare",
    "data",
    "descend",
    "errors",
    "expression",
    "figures",
    "finite_differences",
    "gradient",
    "initialisers",
    "load_run",
    "losses",
    "network_loss",
    "neuron",
    "numerical_gradient",
    "objective",
    "optimisers",
    "resume",
    "schedules",
    "surfaces",
    "train",
]


def __getattr__(name: str) -> Any:
    if name in _ROOMS:
        return importlib.import_module(f"koubai.{name}")
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"koubai has no {name!r}")


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
