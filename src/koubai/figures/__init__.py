"""Figures: one picture a function, drawn from what it is handed.

They are matplotlib figures outside pyplot: `ax.figure.savefig("picture.png")`.
"""

from __future__ import annotations

from koubai.figures.activation import activation, compare_activations
from koubai.figures.angle import step_and_contour
from koubai.figures.animation import animate
from koubai.figures.chain import chain_paths
from koubai.figures.class_shares import class_shares
from koubai.figures.confusion import confusion_matrix
from koubai.figures.contours import contours
from koubai.figures.cost import cost_of_the_chain_rule
from koubai.figures.curve import curve_and_path
from koubai.figures.curves import accuracy_curves, learning_curves, loss_curves
from koubai.figures.directions import circle_of_directions
from koubai.figures.field import gradient_field
from koubai.figures.guessing import against_guessing
from koubai.figures.input_scales import input_scales
from koubai.figures.landscape import landscape_figure
from koubai.figures.languages import language
from koubai.figures.layers import layer_curves
from koubai.figures.memory import optimiser_memory
from koubai.figures.minibatch import batch_curves, batch_losses
from koubai.figures.mistakes import mistakes
from koubai.figures.network import network_diagram
from koubai.figures.overfitting import overfitting
from koubai.figures.path import comparison_figure, path_figure
from koubai.figures.rate_range import learning_rate_range
from koubai.figures.rates import learning_rates
from koubai.figures.run import save_run_figures
from koubai.figures.save import save
from koubai.figures.sheet import surface_sheet
from koubai.figures.softmax import softmax_overflow
from koubai.figures.spectrum import spectrum
from koubai.figures.step_sizes import step_sizes
from koubai.figures.style import in_style
from koubai.figures.surface import surface
from koubai.figures.tangent import tangent_line
from koubai.figures.values import loss_against_step
from koubai.figures.vanishing import vanishing_gradients

__all__ = [  # noqa: RUF022 (grouped by what they are for)
    # a network
    "network_diagram",
    # activation functions
    "activation",
    "compare_activations",
    "softmax_overflow",
    # a function, and the descent of it
    "contours",
    "surface",
    "curve_and_path",
    "path_figure",
    "comparison_figure",
    "loss_against_step",
    "learning_rates",
    "optimiser_memory",
    "surface_sheet",
    "animate",
    # the gradient
    "gradient_field",
    "circle_of_directions",
    "step_and_contour",
    "tangent_line",
    "step_sizes",
    # the chain rule
    "chain_paths",
    "cost_of_the_chain_rule",
    # what training is telling
    "learning_rate_range",
    "vanishing_gradients",
    # the data of a training that goes wrong
    "input_scales",
    "class_shares",
    "against_guessing",
    # how a function bends
    "spectrum",
    # an objective on a plane through its parameters
    "landscape_figure",
    # how learning went
    "learning_curves",
    "loss_curves",
    "accuracy_curves",
    "overfitting",
    "batch_curves",
    "batch_losses",
    "layer_curves",
    # how right a network is
    "confusion_matrix",
    "mistakes",
    # all of a run
    "save_run_figures",
    # to a file
    "save",
    # the look
    "in_style",
    "language",
]
