"""The scene: everything that the viewer is handed, by name.

One description serves the report, the notebook and the playground. It is written as JSON, and
`web/src/scene.ts` has the same types, made from these.
"""

from __future__ import annotations

from typing import Literal

import msgspec

# Of the form of a scene: a viewer refuses any other.
FORMAT = 1


# What numbers are packed as.
Packing = Literal["f8", "f4", "i4", "u2", "u1"]


class Array(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Numbers, row by row, in little-endian binary and base64.

        value = offset + scale · raw

    raw: "f8" and "f4" are floating-point numbers, "i4" signed and "u2" and "u1" unsigned whole
    ones. NaN and Inf occur as they are in floating-point numbers alone.
    """

    type: Packing
    shape: tuple[int, ...]
    data: str
    scale: float = 1.0
    offset: float = 0.0


class Text(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A sentence in both languages."""

    en: str
    ja: str


class Fact(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A line of a table: the viewer has a name and a meaning for each key, in both languages.

    value: a number is written with its unit; words are data, and shown as they are; a text is
    shown in the page's language.
    """

    key: str
    value: float | str | bool | Text


class Finding(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What goes wrong in a training.

    place, chart: the part of the page that shows it, and the chart there; "" for none of its own.
    """

    kind: str
    title: Text
    evidence: Text
    advice: Text
    layer: int | None
    place: Literal["summary", "valley", "curves", "network", "mistakes"]
    chart: str


class Axis(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An axis of a valley: its name, in short too, and the coordinates along it."""

    label: Text
    short: Text
    values: Array


class Trail(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A path beside a plane, a row for each point that is shown.

    coordinates: (α, β), (points, dimensions); values: the true loss at the point; beneath: the loss
    at its projection on the plane, whatever the surface shows; distances: how far it is off the
    plane; share: of the path's movement, in the plane; iterations: steps taken before each. name:
    "" for a single one.
    """

    name: str
    coordinates: Array
    iterations: Array
    values: Array
    beneath: Array
    distances: Array
    share: float


class Valley(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An objective over a plane, or along a line, with the paths taken there.

    values: at (axes[0][i], axes[1][j]); errors: their standard errors, or None; slopes: ∂f/∂α and
    ∂f/∂β, one more axis; gram: the metric dᵢ · dⱼ of the plane, by which angles and steepest
    directions are measured. metric: "loss", "value" of a plain function, "accuracy" or
    "gradient_norm". about: what it rests on, in sentences.
    """

    title: Text
    axes: tuple[Axis, ...]
    metric: str
    values: Array
    errors: Array | None
    slopes: Array
    gram: Array
    trails: tuple[Trail, ...]
    about: tuple[Text, ...]


class Series(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A measure of one split at the end of each epoch; accuracy is None where there are no classes.

    split: "train", "validation" or "test".
    """

    split: Literal["train", "validation", "test"]
    loss: Array
    accuracy: Array | None


class Gap(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Over-fitting: from the epoch where the held-back loss was least, how far it rose again."""

    split: str
    epoch: int
    least: float
    last: float


class Curves(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How learning went: the loss of mini-batches, and of whole splits at the end of each epoch."""

    batch_iterations: Array
    batch_losses: Array
    batch_stride: int
    epochs: Array
    iterations: Array
    series: tuple[Series, ...]
    gap: Gap | None


class Histograms(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Of activations: edges of the bins (bins + 1,), and the share in each (moments, bins)."""

    edges: Array
    shares: Array


class LayerView(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One layer above the input: what it is made of and what it did while the network learnt.

    w: (inputs, units) and b: (units,) at the end, exact; w_moments, b_moments: the same, rougher,
    at each of the network's moments, with one more axis in front. histograms: of its activations
    at each moment; None where the data are gone.
    """

    activation: str
    units: int
    w: Array
    b: Array
    w_moments: Array
    b_moments: Array
    histograms: Histograms | None


class Looks(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was seen of each layer while it learnt: (looks, layers) at each of the iterations."""

    iterations: Array
    gradient_norm: Array
    update_ratio: Array


class NetworkView(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The network: its layers above the input at some moments, by the iterations done by then.

    inputs: how many; input_names: where they have some. image_shape: (height, width) or with
    colours behind, where an input is an image.
    """

    inputs: int
    input_names: tuple[str, ...]
    image_shape: tuple[int, ...] | None
    classes: tuple[str, ...]
    moments: Array
    layers: tuple[LayerView, ...]
    looks: Looks | None


class Example(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An example of the test data: its place there, its class, and what it was taken for.

    sure: what the network put out for that class; a probability if the mistakes' are.
    """

    index: int
    truth: int
    taken_for: int
    sure: float


class Mistakes(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How often class i (row) was taken for class j (column), and some examples of each.

    images: what the network saw of each example: (examples, height, width) or with colours behind,
    or (examples, inputs), with input_names, where the data has no images.
    """

    split: str
    classes: tuple[str, ...]
    confusion: Array
    examples: tuple[Example, ...]
    images: Array
    input_names: tuple[str, ...]
    are_probabilities: bool


class Reproduce(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What repeats it: a command, "" where there is none, and Python."""

    command: str
    python: str


# The parts of a page.
Part = Literal["summary", "findings", "valley", "curves", "network", "mistakes", "reproduce"]


class Missing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A part that a page would have, and why it has not."""

    part: Part
    why: Text


class Scene(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A page. What is None, or empty, is not on it; `missing` says why where one expects it."""

    format: int = FORMAT
    koubai: str
    title: str
    subtitle: Text
    language: Literal["en", "ja"] = "en"
    summary: tuple[Fact, ...] = ()
    findings: tuple[Finding, ...] | None = None
    valley: Valley | None = None
    curves: Curves | None = None
    network: NetworkView | None = None
    mistakes: Mistakes | None = None
    reproduce: Reproduce | None = None
    missing: tuple[Missing, ...] = ()
