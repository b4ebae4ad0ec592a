"""What the page asks for and what it is told: every message, by name.

One description serves both sides: `web/src/play/messages.ts` has the same types, made from these.
Requests come as JSON text and are decoded strictly; answers go as `wire` packs them. The benches
of slope and neuron are pure: for how they are set there is one answer, and the page walks along
the path in it. The network bench remembers: it learns, and goes back.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
import numpy as np
from jaxtyping import Num

from koubai.play.lessons import Lesson
from koubai.play.limits import (
    LONGEST_NAME,
    LONGEST_REQUEST,
    MOST_ACTS,
    MOST_BATCH,
    MOST_DRAWN,
    MOST_LAYERS,
    MOST_POINTS,
    MOST_UNITS,
)
from koubai.report.scene import Scene, Text
from koubai.training.acts import Act, Edit, Setting

Numbers = Num[np.ndarray, "..."]
Name = Annotated[str, msgspec.Meta(max_length=LONGEST_NAME)]
Units = Annotated[int, msgspec.Meta(ge=1, le=MOST_UNITS)]
Whole = Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]
Bench = Literal["slope", "neuron", "network"]


class _Struct(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    pass


# --- how the benches are set --------------------------------------------------------------------


class Slope(_Struct, frozen=True, kw_only=True):
    """Descent on a function of one or two variables.

    formula: of one's own, in x and y or x alone, or the name of a surface. optimizers: a path
    each, from the same start, with the learning rate at the same place; None for one that suits.
    start: None for one that suits.
    """

    formula: str = "bowl"
    optimizers: Annotated[tuple[Name, ...], msgspec.Meta(min_length=1, max_length=7)] = ("sgd",)
    learning_rates: Annotated[
        tuple[float | None, ...], msgspec.Meta(min_length=1, max_length=7)
    ] = (None,)
    start: Annotated[tuple[float, ...], msgspec.Meta(min_length=1, max_length=2)] | None = None
    gradient: Literal["exact", "numerical"] = "exact"


class Neuron(_Struct, frozen=True, kw_only=True):
    """One unit y = φ(w x + b), its data (x, t), and a descent from (w, b) = start."""

    x: Annotated[tuple[float, ...], msgspec.Meta(min_length=1, max_length=MOST_POINTS)]
    t: Annotated[tuple[float, ...], msgspec.Meta(min_length=1, max_length=MOST_POINTS)]
    activation: Name = "sigmoid"
    loss: Name = "squared_error"
    optimizer: Name = "sgd"
    learning_rate: float = 0.5
    start: tuple[float, float] = (0.0, 0.0)


class Network(_Struct, frozen=True, kw_only=True):
    """Any layers, on any data; the rest as `koubai.train` has it.

    data: a name in `Hello.datasets`; hidden: units of each hidden layer; activations: one for each
    of them; output, loss, initialiser, learning_rate: None for the one that suits.
    """

    data: Name = "bitmaps"
    hidden: Annotated[tuple[Units, ...], msgspec.Meta(max_length=MOST_LAYERS)] = (3,)
    activations: Annotated[tuple[Name, ...], msgspec.Meta(max_length=MOST_LAYERS)] = ("sigmoid",)
    output: Name | None = None
    loss: Name | None = None
    initialiser: Name | None = None
    optimizer: Name = "sgd"
    learning_rate: float | None = None
    batch_size: Annotated[int, msgspec.Meta(ge=1, le=MOST_BATCH)] = 8
    weight_decay: float = 0.0
    seed: Whole = 0
    gradient: Literal["backprop", "numerical"] = "backprop"


class Stops(_Struct, frozen=True, kw_only=True):
    """When a network stops by itself; None for never."""

    epochs: Annotated[int, msgspec.Meta(ge=1)] | None = None
    train_loss: float | None = None
    test_accuracy: float | None = None


# --- what the page asks for ---------------------------------------------------------------------


class _Request(_Struct, frozen=True, kw_only=True):
    """number: of the request, as the page counts them; the answer names it."""

    number: Whole


class SetSlope(_Request, frozen=True, kw_only=True, tag="set_slope"):
    """Descend as set: answered by a `SlopeView`."""

    slope: Slope


class SetNeuron(_Request, frozen=True, kw_only=True, tag="set_neuron"):
    """Descend as set: answered by a `NeuronView`."""

    neuron: Neuron


class LookAround(_Request, frozen=True, kw_only=True, tag="around"):
    """How a function of two variables changes in every direction from a point, for steps as long
    as the radius: answered by an `Around`.
    """

    formula: str
    at: tuple[float, float]
    radius: float


class SetNetwork(_Request, frozen=True, kw_only=True, tag="set_network"):
    """Begin anew as set, and do those acts: answered by a `NetworkMade` and a `Frame`."""

    network: Network
    acts: Annotated[tuple[Act, ...], msgspec.Meta(max_length=MOST_ACTS)] = ()


class Advance(_Request, frozen=True, kw_only=True, tag="advance"):
    """So many iterations of the network, or epochs: answered by a `Frame`."""

    steps: Annotated[int, msgspec.Meta(ge=1, le=100_000)] = 1
    unit: Literal["iteration", "epoch"] = "iteration"


class Back(_Request, frozen=True, kw_only=True, tag="back"):
    """So many iterations back, or the last change alone: answered by a `Frame`."""

    steps: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] = 1


class Rewind(_Request, frozen=True, kw_only=True, tag="rewind"):
    """The network as it was drawn: answered by a `Frame`."""


class Run(_Request, frozen=True, kw_only=True, tag="run"):
    """Learn on and on, or stop: answered by `Frame`s, as fast as the page has `Seen` them."""

    on: bool


class Seen(_Request, frozen=True, kw_only=True, tag="seen"):
    """The page has drawn a frame, and can take the next. Not answered."""


class SetStops(_Request, frozen=True, kw_only=True, tag="set_stops"):
    """When a run stops by itself: answered by a `Frame`."""

    stops: Stops


class ChangeSetting(_Request, frozen=True, kw_only=True, tag="change"):
    """Another learning rate or weight decay, from the next iteration on: answered by a `Frame`."""

    name: Setting
    value: float


class EditParameter(_Request, frozen=True, kw_only=True, tag="edit"):
    """A weight or a bias set by hand: answered by a `Frame`."""

    edit: Edit


class LookAt(_Request, frozen=True, kw_only=True, tag="look"):
    """Every number of the iteration that comes next: answered by a `LookView`.

    example: its place in the mini-batch; own: instead, inputs that the page brings, such as a
    drawn digit.
    """

    example: Whole = 0
    own: Annotated[tuple[float, ...], msgspec.Meta(min_length=1, max_length=MOST_DRAWN)] | None = (
        None
    )


class ExplainParameter(_Request, frozen=True, kw_only=True, tag="explain"):
    """One parameter's gradient by backpropagation and by differences: answered by an
    `Explanation`. layer, i, j: as in `Edit`.
    """

    layer: Whole
    i: Whole | None
    j: Whole


class ShowRegions(_Request, frozen=True, kw_only=True, tag="regions"):
    """What the network answers all over the plane, for data of two inputs: a `Regions`."""


class ShowLandscape(_Request, frozen=True, kw_only=True, tag="landscape"):
    """The loss round the path so far: answered by a `ValleyView`."""


class TakeAway(_Request, frozen=True, kw_only=True, tag="take_away"):
    """The network's state in a form to keep: answered by a `File`."""

    form: Literal["json", "script", "run", "report"]


class Restore(_Request, frozen=True, kw_only=True, tag="restore"):
    """A state that was taken away as JSON, or came in a link: as `SetNetwork`."""

    state: str


Request = (
    SetSlope
    | SetNeuron
    | LookAround
    | SetNetwork
    | Advance
    | Back
    | Rewind
    | Run
    | Seen
    | SetStops
    | ChangeSetting
    | EditParameter
    | LookAt
    | ExplainParameter
    | ShowRegions
    | ShowLandscape
    | TakeAway
    | Restore
)


# --- what it is told ----------------------------------------------------------------------------


class _Answer(_Struct, frozen=True, kw_only=True):
    """number: of the request that it answers; None where the page did not ask."""

    number: int | None = None


class Choice(_Struct, frozen=True, kw_only=True):
    """A name to choose from, with its formula in LaTeX where it has one."""

    name: str
    formula: str = ""


class DataChoice(_Struct, frozen=True, kw_only=True):
    """A data set. image_shape: (height, width) where inputs are images; classes: () for values."""

    name: str
    train_examples: int
    test_examples: int
    inputs: int
    outputs: int
    classes: tuple[str, ...]
    image_shape: tuple[int, ...] | None
    input_names: tuple[str, ...]


class Hello(_Answer, frozen=True, kw_only=True, tag="hello"):
    """What there is, once the page has come.

    lesson: to open first; lessons: all there are; set: whether this session has a network already,
    of a page that was closed or lost its connection.
    """

    koubai: str
    language: Literal["en", "ja"]
    lesson: Lesson | None
    lessons: tuple[Lesson, ...]
    set: bool
    surfaces: tuple[Choice, ...]
    activations: tuple[Choice, ...]
    losses: tuple[Choice, ...]
    optimizers: tuple[Choice, ...]
    initialisers: tuple[Choice, ...]
    datasets: tuple[DataChoice, ...]
    most_layers: int = MOST_LAYERS
    most_units: int = MOST_UNITS
    most_points: int = MOST_POINTS
    most_batch: int = MOST_BATCH
    longest_request: int = LONGEST_REQUEST


class Refusal(_Answer, frozen=True, kw_only=True, tag="refusal"):
    """Why a request was not done. Nothing has changed."""

    why: Text


class SlopePath(_Struct, frozen=True, kw_only=True):
    """One optimiser's descent: points (steps + 1, variables), values, gradients at each.

    others: the gradients found the other way, numerical for exact ones and exact for numerical;
    apart: the numerical ones − the exact ones.
    downhill: −η∇f, the step that plain descent would take from each. memory: the optimiser's inner
    quantities by name, of the points' shape. stopped: "steps", "converged" or "diverged";
    first_bad_step and message say more of the last.
    """

    optimizer: str
    learning_rate: float
    points: Numbers
    values: Numbers
    gradients: Numbers
    others: Numbers
    apart: Numbers
    downhill: Numbers
    memory: dict[str, Numbers]
    stopped: str
    first_bad_step: int | None
    message: Text


class SlopeView(_Answer, frozen=True, kw_only=True, tag="slope"):
    """A descent as the page shows it, whole.

    slope: as it was set, with what suits filled in. formula: in LaTeX. axes, values: the function
    in the window, values[i, j] at (axes[0][i], axes[1][j]); or a curve. slopes: its gradient there,
    one more axis; empty for a curve. stable: the learning rate
    below which gradient descent is stable on the way, None for none.
    """

    slope: Slope
    formula: str
    variables: tuple[str, ...]
    axes: tuple[Numbers, ...]
    values: Numbers
    slopes: Numbers
    minima: Numbers
    paths: tuple[SlopePath, ...]
    stable: float | None


class NeuronView(_Answer, frozen=True, kw_only=True, tag="neuron"):
    """One unit's descent, whole.

    points (steps + 1, 2), values, gradients: of the descent over (w, b). axes, losses: l(w, b).
    slopes: its gradient there, one more axis.
    curve_x, curve_y: what the unit answers for inputs in the window after each step,
    (steps + 1, inputs). z, y, dl_dy, dy_dz: the factors of the chain rule for each example,
    (steps + 1, examples); dl_dw, dl_db: their products, of which ∂l/∂w and ∂l/∂b are the sums.
    """

    neuron: Neuron
    formulas: tuple[str, ...]
    points: Numbers
    values: Numbers
    gradients: Numbers
    axes: tuple[Numbers, Numbers]
    losses: Numbers
    slopes: Numbers
    curve_x: Numbers
    curve_y: Numbers
    z: Numbers
    y: Numbers
    dl_dy: Numbers
    dy_dz: Numbers
    dl_dw: Numbers
    dl_db: Numbers
    stopped: str
    first_bad_step: int | None
    message: Text
    stable: float | None


class Around(_Answer, frozen=True, kw_only=True, tag="around"):
    """The change of f on a circle, by the angle θ from the gradient, in degrees.

    changes: f(x + Δx) − f(x); predicted: ‖∇f‖·r·cos θ; steepest: the angle in which f falls most.
    """

    at: tuple[float, float]
    radius: float
    gradient: Numbers
    angles: Numbers
    changes: Numbers
    predicted: Numbers
    steepest: float


class NetworkMade(_Answer, frozen=True, kw_only=True, tag="network"):
    """What a network bench is made of, once it is set; with what suits filled in."""

    network: Network
    sizes: tuple[int, ...]
    activations: tuple[str, ...]
    parameters: int
    iterations_per_epoch: int
    batch_size: int
    formulas: dict[str, str]


class Layer(_Struct, frozen=True, kw_only=True):
    """w: (inputs, units), w[i, j] is w_ji of the books; b: (units,)."""

    w: Numbers
    b: Numbers


class Frame(_Answer, frozen=True, kw_only=True, tag="frame"):
    """Where a network stands.

    epoch, batch: that come next, from 0. batch_iterations, batch_losses: of mini-batches;
    measured_at, train_loss, test_loss, train_accuracy, test_accuracy: of all the data (NaN where
    there is none). confusion: of the test data, (classes, classes), or None. rate: iterations a
    second while it runs, compute: milliseconds of computing for each. stopped: why it does not
    run on: "" or "diverged", "epochs", "train_loss", "test_accuracy". first_bad_step, why: of a
    divergence. stops: as they were set. can_go_back: whether anything has been done.
    """

    running: bool
    iteration: int
    epoch: int
    batch: int
    learning_rate: float
    weight_decay: float
    layers: tuple[Layer, ...]
    batch_iterations: Numbers
    batch_losses: Numbers
    measured_at: Numbers
    train_loss: Numbers
    test_loss: Numbers
    train_accuracy: Numbers
    test_accuracy: Numbers
    confusion: Numbers | None
    rate: float
    compute: float
    stopped: str
    first_bad_step: int
    why: Text | None
    stops: Stops
    can_go_back: bool


class LookView(_Answer, frozen=True, kw_only=True, tag="looked"):
    """Every number of one example, and of the mini-batch that it is in.

    iteration: that comes next. examples: the mini-batch, as places in the training data (empty for
    an input of the page's own). x; t: the target of each output, None for an own input. z, a: of
    each layer above the input; slopes: φ'(z) where a unit has one of its own, empty for softmax;
    deltas: ∂L/∂z of this example, None for an own input. loss: of the
    example; batch_loss, gradients, steps: of the mini-batch, and what the update would add.
    """

    iteration: int
    example: int
    examples: Numbers
    x: Numbers
    t: Numbers | None
    z: tuple[Numbers, ...]
    a: tuple[Numbers, ...]
    slopes: tuple[Numbers, ...]
    deltas: tuple[Numbers, ...] | None
    loss: float | None
    batch_loss: float | None
    gradients: tuple[Layer, ...] | None
    steps: tuple[Layer, ...] | None


class Explanation(_Answer, frozen=True, kw_only=True, tag="explained"):
    """One parameter: its gradient by backpropagation, and by central differences.

    agrees: within the tolerance; verdict: why not. formula: ∂L/∂w^l_ji in LaTeX, the mean over the
    mini-batch; numbers: the same with the numbers of its first examples. paths: of a mini-batch of
    one, the sum over every path from the parameter to the cost; empty where these are many.
    """

    backprop: float
    numerical: float
    agrees: bool
    verdict: Text
    formula: str
    numbers: str
    paths: str


class Regions(_Answer, frozen=True, kw_only=True, tag="regions"):
    """axes: of the two inputs; outputs: (points, points, outputs); x, t: the training data."""

    axes: tuple[Numbers, Numbers]
    outputs: Numbers
    x: Numbers
    t: Numbers


class ValleyView(_Answer, frozen=True, kw_only=True, tag="valley"):
    """A landscape, for the viewer."""

    scene: Scene


class File(_Answer, frozen=True, kw_only=True, tag="file"):
    """Something to keep: its name, its kind and its bytes."""

    name: str
    media_type: str
    content: Numbers


Answer = (
    Hello
    | Refusal
    | SlopeView
    | NeuronView
    | Around
    | NetworkMade
    | Frame
    | LookView
    | Explanation
    | Regions
    | ValleyView
    | File
)
