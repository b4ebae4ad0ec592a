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
    from koubai.adapters.data_parallel import data_parallel
    from koubai.adapters.jax_objective import jax_objective
    from koubai.adapters.path_recorder import PathRecorder
    from koubai.adapters.torch_objective import torch_objective
    from koubai.adapters.watch import watch
    from koubai.descent.descend import compare, descend
    from koubai.descent.directions import directions
    from koubai.descent.optimisers import optimisers
    from koubai.descent.path import Path
    from koubai.descent.rates import compare_learning_rates
    from koubai.descent.schedules import schedules
    from koubai.diagnosis.diagnose import diagnose
    from koubai.diagnosis.finding import Finding
    from koubai.diagnosis.vanishing import vanishing_gradients
    from koubai.functions.activations import Activation, activations
    from koubai.functions.expressions import expression
    from koubai.functions.losses import Loss, losses
    from koubai.functions.surfaces import surfaces
    from koubai.gradients.backprop import backprop, network_loss
    from koubai.gradients.check import check_gradient, check_gradients
    from koubai.gradients.differences import finite_differences
    from koubai.gradients.numerical import gradient, numerical_gradient
    from koubai.gradients.paths import explain, multiplications
    from koubai.landscapes.curvature import curvature
    from koubai.landscapes.landscape import landscape
    from koubai.landscapes.plane import Plane
    from koubai.landscapes.result import Landscape, load_landscape
    from koubai.networks.initialisers import initialisers
    from koubai.networks.network import Layer, Network
    from koubai.objectives.network import objective
    from koubai.objectives.neuron import neuron
    from koubai.objectives.objective import Objective
    from koubai.objectives.sample import batch_curves, batch_losses
    from koubai.training.learner import Learner
    from koubai.training.rate_range import learning_rate_range
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
    "finite_differences": "koubai.gradients.differences",
    "explain": "koubai.gradients.paths",
    "multiplications": "koubai.gradients.paths",
    "Objective": "koubai.objectives.objective",
    "objective": "koubai.objectives.network",
    "neuron": "koubai.objectives.neuron",
    "batch_losses": "koubai.objectives.sample",
    "batch_curves": "koubai.objectives.sample",
    "descend": "koubai.descent.descend",
    "compare": "koubai.descent.descend",
    "directions": "koubai.descent.directions",
    "optimisers": "koubai.descent.optimisers",
    "schedules": "koubai.descent.schedules",
    "Path": "koubai.descent.path",
    "compare_learning_rates": "koubai.descent.rates",
    "Run": "koubai.training.run",
    "load_run": "koubai.training.run",
    "train": "koubai.training.train",
    "Learner": "koubai.training.learner",
    "resume": "koubai.training.train",
    "learning_rate_range": "koubai.training.rate_range",
    "curvature": "koubai.landscapes.curvature",
    "Plane": "koubai.landscapes.plane",
    "landscape": "koubai.landscapes.landscape",
    "Landscape": "koubai.landscapes.result",
    "load_landscape": "koubai.landscapes.result",
    "Finding": "koubai.diagnosis.finding",
    "diagnose": "koubai.diagnosis.diagnose",
    "vanishing_gradients": "koubai.diagnosis.vanishing",
    "torch_objective": "koubai.adapters.torch_objective",
    "jax_objective": "koubai.adapters.jax_objective",
    "data_parallel": "koubai.adapters.data_parallel",
    "PathRecorder": "koubai.adapters.path_recorder",
    "watch": "koubai.adapters.watch",
}
_ROOMS = ("data", "errors", "figures")

__all__ = [
    "Activation",
    "Finding",
    "Landscape",
    "Layer",
    "Learner",
    "Loss",
    "Network",
    "Objective",
    "Path",
    "PathRecorder",
    "Plane",
    "Run",
    "activations",
    "backprop",
    "batch_curves",
    "batch_losses",
    "check_gradient",
    "check_gradients",
    "compare",
    "compare_learning_rates",
    "curvature",
    "data",
    "data_parallel",
    "descend",
    "diagnose",
    "directions",
    "errors",
    "explain",
    "expression",
    "figures",
    "finite_differences",
    "gradient",
    "initialisers",
    "jax_objective",
    "landscape",
    "learning_rate_range",
    "load_landscape",
    "load_run",
    "losses",
    "multiplications",
    "network_loss",
    "neuron",
    "numerical_gradient",
    "objective",
    "optimisers",
    "resume",
    "schedules",
    "surfaces",
    "torch_objective",
    "train",
    "vanishing_gradients",
    "watch",
]


def __getattr__(name: str) -> Any:
    if name in _ROOMS:
        return importlib.import_module(f"koubai.{name}")
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    if name.startswith("__"):  # Python's own question, asked of every module
        raise AttributeError(name)
    from koubai.errors import UnknownAttributeError, unknown_name

    raise UnknownAttributeError(str(unknown_name("name in koubai", name, __all__)))


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
