"""Training: mini-batch, gradient, update, repeat; with everything worth knowing written down."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import jax
import jax.numpy as jnp
import msgspec
import optax
import zarr
from zarr.storage import MemoryStore

from koubai.data.dataset import Dataset
from koubai.descent.optimisers import Optimiser, find_optimiser, optimisers
from koubai.errors import RunError, SettingError, ShapeError
from koubai.functions.losses import Loss, binary_cross_entropy, cross_entropy, losses
from koubai.gradients.backprop import loss_for
from koubai.networks.network import Layer, Network, Params
from koubai.told import Told
from koubai.training.batches import split_off
from koubai.training.describe import describe_network
from koubai.training.gradients import gradients
from koubai.training.history import Records
from koubai.training.layers import moments_apart
from koubai.training.loop import Method, fresh_state
from koubai.training.rates import LearningRate, checked_rate, rate_at
from koubai.training.run import Run, load_run
from koubai.training.session import Session
from koubai.training.settings import CUSTOM, Settings
from koubai.training.storage import RunFolder, open_record, read_description
from koubai.training.tensors import restored_state

T = TypeVar("T")

# Points of the path that a run records, unless told otherwise, and the bytes they may take.
_PATH_POINTS = 256
_PATH_BYTES = 64 * 2**20


def train(
    network: Network,
    data: Dataset,
    optimizer: str | Optimiser | optax.GradientTransformation = "sgd",
    learning_rate: float | Callable[[int], float] | None = None,
    batch_size: int = 100,
    epochs: int = 10,
    seed: int = 0,
    *,
    loss: str | Loss | None = None,
    schedule: str = "constant",
    weight_decay: float = 0.0,
    validation: float = 0.0,
    patience: int | None = None,
    params: Params | None = None,
    out: str | os.PathLike[str] | None = None,
    force: bool = False,
    gradient: str = "backprop",
    record_every: int | None = None,
    path_budget: int = 256 * 2**20,
    progress: bool | None = None,
) -> Run:
    """Trains a network by mini-batch gradient descent.

        repeat: a mini-batch without replacement,  g = ∂L/∂θ + λ w,  θ ← θ − η_k · d(g)

    An epoch goes once through the training data, reshuffled from the seed; its last mini-batch
    is smaller where batch_size does not divide it. The same arguments give the same bits on the
    same machine.

    Arguments:
        network, data: their widths must fit; a single sigmoid output serves two classes.
        optimizer: a name in `kb.optimisers`, or any Optax gradient transformation.
        learning_rate: η, or an Optax schedule (η from the iteration, counted from 0). Without it
            the optimiser's usual one. An Optax transformation has its own, so leave it out.
        schedule: how η changes over the run: a name in `kb.schedules`; leave it out where
            learning_rate or the Optax transformation has a schedule.
        loss: a name in `kb.losses`; without it the one that belongs to the output layer.
        weight_decay: λ, for L + ½ λ ‖w‖² over all weights, not biases.
        validation: the share of the training data held back to watch; with `patience`, training
            stops after so many epochs without a better validation loss, and the best are kept.
        params: where to start; without it drawn from the seed.
        out: a folder to write to while training goes on, to `load_run` and `resume` from.
        gradient: "backprop", or "numerical" to learn by finite differences alone, in float64.
        record_every: iterations between points of the path; without it about 256 are recorded,
            fewer of a large network.
        path_budget: bytes for them; when full, every other point goes and the stride doubles.
        progress: show a bar; None means where standard error is a terminal.

    Losses are of the targets as the data has them, which a table standardises: see
    `run.typical_error()` for a regression's error in the target's own unit.

    The first Ctrl-C or SIGTERM stops at the next look, every 256 iterations at the latest, and
    keeps what was learnt. A loss that is not finite stops training at once: `run.stopped` is
    "diverged", `run.outcome.message` says where and why, and the last parameters with a finite
    loss are kept. A run that did all its epochs is called "diverged" too when its loss over the
    training data ended above ten times that of the start, and ten times that of a network which
    answers every x with the mean target; its parameters are kept as they are.

    Raises SettingError, UnknownNameError, ShapeError for arguments that do not fit, RunError when
    `out` already holds a run.
    """
    _check_kinds(network, data, progress)
    way = gradients[gradient]
    method = Method(network, loss_for(network, loss), find_optimiser(optimizer), way)
    rate = _learning_rate(method.optimiser, learning_rate)
    settings = Settings(
        optimizer=_name(method.optimiser, optimisers),
        learning_rate=rate_at(rate, 0) if callable(rate) else rate,
        schedule=_schedule_name(method.optimiser, rate, schedule),
        batch_size=batch_size,
        epochs=epochs,
        seed=seed,
        loss=_name(method.loss, losses),
        weight_decay=weight_decay,
        validation=validation,
        patience=patience,
        gradient=gradient,
        record_every=1 if record_every is None else record_every,
        path_budget=path_budget,
    ).checked()
    if record_every is None:
        settings = msgspec.structs.replace(settings, record_every=_stride(network, data, settings))
    check_fit(method, data)
    start = network.init(settings.seed) if params is None else _as_params(params)
    network.check(start, (data.inputs,))
    # What cannot be done is refused before any folder is made.
    split_off(len(data.train), settings.validation, settings.seed)
    if out is not None:
        describe_network(network)
    folder = None if out is None else RunFolder.create(out, force)
    root = zarr.create_group(MemoryStore()) if folder is None else folder.root
    records = Records(
        root, network, settings.path_budget, settings.record_every, _apart(data, settings)
    )
    session = Session(method, settings, rate, data, fresh_state(method, start), records, folder)
    return session.run(progress)


def resume(
    folder: str | os.PathLike[str],
    *,
    epochs: int | None = None,
    data: Dataset | None = None,
    optimizer: Optimiser | optax.GradientTransformation | None = None,
    learning_rate: Callable[[int], float] | None = None,
    loss: Loss | None = None,
    progress: bool | None = None,
) -> Run:
    """Goes on with a run that was interrupted, or killed, or is to have more epochs.

    It ends with the same bits as a run that was never interrupted. With other epochs a schedule is
    laid over all of them anew, so that it ends elsewhere than a run that was to have as many from
    the start. `data`, `optimizer`, `learning_rate` and `loss` are needed, and taken, only where
    the run used some that have no name.

    Raises RunError when the folder is not a run or is damaged, when it diverged or has nothing
    left to do; DataError when the data is no longer what it was; SettingError when one of these
    arguments is missing, or does not belong here.
    """
    run = load_run(folder, data)
    _check_kinds(run.network, run.data, progress)
    settings = (
        run.settings if epochs is None else msgspec.structs.replace(run.settings, epochs=epochs)
    ).checked()
    if run.settings.acts:
        raise RunError(
            f"{os.fspath(folder)!r} was trained by hand and cannot be resumed: go on with "
            f"kb.Learner(…, acts=run.settings.acts)"
        )
    if run.stopped == "diverged":
        raise RunError(
            f"{os.fspath(folder)!r} diverged and cannot go on: train again with a smaller "
            f"learning rate. {run.outcome.message}"
        )
    if run.outcome.epochs >= settings.epochs or run.stopped == "early":
        raise RunError(
            f"{os.fspath(folder)!r} has nothing left to do: it stopped ({run.stopped}) after "
            f"{run.outcome.epochs} epochs. Give more epochs, or train a new run"
        )
    loss = _again("loss", settings.loss, loss)
    optimizer = _again("optimizer", settings.optimizer, optimizer)
    learning_rate = _again("learning_rate", settings.schedule, learning_rate)
    method = Method(
        run.network,
        loss_for(run.network, settings.loss if loss is None else loss),
        find_optimiser(settings.optimizer if optimizer is None else optimizer),
        gradients[settings.gradient],
    )
    rate = settings.learning_rate if learning_rate is None else learning_rate
    session = Session(
        method,
        settings,
        rate,
        run.data,
        restored_state(method, run.tensors),
        run.records,
        open_record(folder, read_description(folder)),
        before=run,
    )
    return session.run(progress)


def check_fit(method: Method, data: Dataset) -> None:
    """Raises ShapeError or SettingError when the network or the loss does not suit the data."""
    network, loss = method.network, method.loss
    if network.sizes[0] != data.inputs:
        raise ShapeError(
            f"the network takes {network.sizes[0]} inputs but data {data.name!r} has "
            f"{data.inputs}: use Network([{data.inputs}, …, {data.outputs}])"
        )
    two_classes_on_one = data.outputs == 2 and data.classes is not None and network.sizes[-1] == 1
    if network.sizes[-1] != data.outputs and not two_classes_on_one:
        what = "classes" if data.classes is not None else "target values"
        raise ShapeError(
            f"the network has {network.sizes[-1]} outputs but data {data.name!r} has "
            f"{data.outputs} {what}: use Network([{data.inputs}, …, {data.outputs}])"
        )
    if data.classes is None and loss in (cross_entropy, binary_cross_entropy):
        raise SettingError(
            Told(
                f"loss {loss.name!r} needs classes, but data {data.name!r} has values: use "
                f"output='identity' and loss='squared_error'",
                f"損失 {loss.name} にはクラスが要りますが、データ {data.name} の目標は数値です。"
                f"出力層を identity、損失を squared_error にしてください",
            )
        )


def _learning_rate(
    optimiser: Optimiser, learning_rate: float | Callable[[int], float] | None
) -> LearningRate:
    if learning_rate is None:
        return optimiser.learning_rate
    if optimiser.name == CUSTOM:
        raise SettingError(
            "learning_rate is given, but an Optax transformation brings its own: leave it out"
        )
    return checked_rate(learning_rate)


def _schedule_name(optimiser: Optimiser, rate: LearningRate, schedule: str) -> str:
    if schedule != "constant" and optimiser.name == CUSTOM:
        raise SettingError(
            f"schedule is {schedule!r}, but an Optax transformation brings its own step: give it "
            f"one of Optax's, as in optax.adam(optax.cosine_decay_schedule(0.01, 1000))"
        )
    if not callable(rate):
        return schedule
    if schedule != "constant":
        raise SettingError(
            f"learning_rate is a schedule already, and schedule is {schedule!r}: give only one"
        )
    return CUSTOM


def _name(record: Optimiser | Loss, catalogue: Mapping[str, Any]) -> str:
    return record.name if catalogue.get(record.name) is record else CUSTOM


def _stride(network: Network, data: Dataset, settings: Settings) -> int:
    """Iterations between points of the path, for about as many as are worth their room."""
    points = min(_PATH_POINTS, _PATH_BYTES // (4 * network.parameter_count))
    return max(1, math.ceil(_iterations(data, settings) / max(16, points)))


def _apart(data: Dataset, settings: Settings) -> int:
    """Iterations between looks at the layers."""
    iterations = _iterations(data, settings)
    return moments_apart(iterations, settings.batch_size, settings.record_every)


def _iterations(data: Dataset, settings: Settings) -> int:
    return settings.epochs * math.ceil(len(data.train) / settings.batch_size)


def _as_params(params: Any) -> Params:
    """Parameters of the user's own in float32; SettingError unless they are a tuple of Layers."""
    if not isinstance(params, tuple) or not all(isinstance(layer, Layer) for layer in params):  # pyright: ignore[reportUnknownVariableType]
        raise SettingError(
            f"params is a {type(params).__name__}: give a tuple of kb.Layer(w, b), such as "
            f"network.init(seed)"
        )
    return jax.tree.map(lambda a: jnp.asarray(a, jnp.float32), params)


def _check_kinds(network: Any, data: Any, progress: Any) -> None:
    """Raises SettingError for an argument that is another kind of thing altogether."""
    if not isinstance(network, Network):
        raise SettingError(f"network is {network!r}: give one, such as kb.Network([64, 50, 10])")
    if not isinstance(data, Dataset):
        raise SettingError(f"data is {data!r}: give a Dataset, such as kb.data.digits()")
    if not isinstance(progress, bool | None):
        raise SettingError(
            f"progress is {progress!r}: give True, False, or None for a bar on terminals only"
        )


def _again(argument: str, name: str, given: T | None) -> T | None:
    """What has to be given once more where the run used something that has no name."""
    if (name == CUSTOM) == (given is not None) and not isinstance(given, str | int | float):
        return given
    if name != CUSTOM:
        raise SettingError(
            f"{argument} is given, but the run goes on as it began: leave it out, or train a new "
            f"run"
        )
    raise SettingError(
        f"this run used {argument} of the user's own, which is not stored: pass the same again, "
        f"resume(folder, {argument}=…)"
    )
