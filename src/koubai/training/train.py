"""Training: mini-batch, gradient, update, repeat; with everything worth knowing written down."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import msgspec
import numpy as np
import optax
import zarr
from zarr.storage import MemoryStore

from koubai.data.dataset import Dataset
from koubai.descent.optimisers import Optimiser, find_optimiser, optimisers
from koubai.errors import RunError, SettingError, ShapeError
from koubai.functions.losses import Loss, binary_cross_entropy, cross_entropy, losses
from koubai.gradients.backprop import loss_for
from koubai.networks.network import Network, Params
from koubai.training.batches import split_off
from koubai.training.describe import describe_network
from koubai.training.history import Records
from koubai.training.loop import Method, fresh_state
from koubai.training.run import Run, load_run
from koubai.training.session import LearningRate, Session
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
        schedule: how η changes over the run: a name in `kb.schedules`.
        loss: a name in `kb.losses`; without it the one that belongs to the output layer.
        weight_decay: λ, for L + ½ λ ‖w‖² over all weights, not biases.
        validation: the share of the training data held back to watch; with `patience`, training
            stops after so many epochs without a better validation loss, and the best are kept.
        params: where to start; without it drawn from the seed.
        out: a folder to write to while training goes on, to `load_run` and `resume` from.
        record_every: iterations between points of the path; without it about 256 are recorded,
            fewer of a large network.
        path_budget: bytes for them; when full, every other point goes and the stride doubles.
        progress: show a bar; None means where standard error is a terminal.

    Ctrl-C stops after the mini-batch at hand and keeps what was learnt. A loss that is not finite
    stops training at once: `run.stopped` is "diverged", `run.outcome.message` says where and why,
    and the last parameters with a finite loss are kept.

    Raises SettingError, UnknownNameError, ShapeError for arguments that do not fit, RunError when
    `out` already holds a run.
    """
    _check_kinds(network, data, batch_size=batch_size, epochs=epochs, seed=seed)
    method = Method(network, loss_for(network, loss), find_optimiser(optimizer))
    rate = _learning_rate(method.optimiser, learning_rate)
    if record_every is None:
        record_every = _stride(network, data, batch_size, epochs)
    settings = Settings(
        optimizer=_name(method.optimiser, optimisers),
        learning_rate=float(rate(0)) if callable(rate) else rate,
        schedule=_schedule_name(rate, schedule),
        batch_size=batch_size,
        epochs=epochs,
        seed=seed,
        loss=_name(method.loss, losses),
        weight_decay=weight_decay,
        validation=validation,
        patience=patience,
        record_every=record_every,
        path_budget=path_budget,
    )
    settings.check()
    check_fit(method, data)
    start = network.init(seed) if params is None else params
    network.check(start, (data.inputs,))
    split_off(len(data.train), validation, seed)  # what cannot be done is refused before any
    if out is not None:  # folder is made
        describe_network(network)
    folder = None if out is None else RunFolder.create(out, force)
    root = zarr.create_group(MemoryStore()) if folder is None else folder.root
    records = Records(root, network.parameter_count, path_budget, settings.record_every)
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

    It ends with the same bits as a run that was never interrupted. `data`, `optimizer`,
    `learning_rate` and `loss` are needed only where the run used some that have no name.

    Raises RunError when the folder is not a run, when it diverged or has nothing left to do;
    DataError when the data is no longer what it was.
    """
    run = load_run(folder, data)
    settings = (
        run.settings if epochs is None else msgspec.structs.replace(run.settings, epochs=epochs)
    )
    settings.check()
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
    method = Method(
        run.network,
        _unnamed("loss", settings.loss, loss, losses),
        _unnamed(
            "optimizer", settings.optimizer, optimizer and find_optimiser(optimizer), optimisers
        ),
    )
    rate = settings.learning_rate
    if settings.schedule == CUSTOM:
        rate = _unnamed("learning_rate", CUSTOM, learning_rate, {})
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
    network, loss, _ = method
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
            f"loss {loss.name!r} needs classes, but data {data.name!r} has values: use "
            f"output='identity' and loss='squared_error'"
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
    return learning_rate


def _schedule_name(rate: LearningRate, schedule: str) -> str:
    if not callable(rate):
        return schedule
    if schedule != "constant":
        raise SettingError(
            f"learning_rate is a schedule already, and schedule is {schedule!r}: give only one"
        )
    return CUSTOM


def _name(record: Optimiser | Loss, catalogue: Mapping[str, Any]) -> str:
    return record.name if catalogue.get(record.name) is record else CUSTOM


def _stride(network: Network, data: Dataset, batch_size: int, epochs: int) -> int:
    """Iterations between points of the path, for about as many as are worth their room."""
    points = min(_PATH_POINTS, _PATH_BYTES // (4 * network.parameter_count))
    iterations = epochs * math.ceil(len(data.train) / batch_size)
    return max(1, math.ceil(iterations / max(16, points)))


def _check_kinds(network: Any, data: Any, **numbers: Any) -> None:
    """Raises SettingError for an argument that is another kind of thing altogether."""
    if not isinstance(network, Network):
        raise SettingError(f"network is {network!r}: give one, such as kb.Network([64, 50, 10])")
    if not isinstance(data, Dataset):
        raise SettingError(f"data is {data!r}: give a Dataset, such as kb.data.digits()")
    for name, number in numbers.items():
        if isinstance(number, bool) or not isinstance(number, int | np.integer):
            raise SettingError(f"{name} is {number!r}: give a whole number")
        lowest = 1 if name == "batch_size" else 0
        if number < lowest:
            raise SettingError(f"{name} is {number}: give a whole number, {lowest} or more")


def _unnamed(argument: str, name: str, given: T | None, catalogue: Mapping[str, T]) -> T:
    """What the run used: from the catalogue, or given again where it has no name."""
    if name != CUSTOM:
        return catalogue[name]
    if given is None:
        raise SettingError(
            f"this run used {argument} of the user's own, which is not stored: pass it again, "
            f"resume(folder, {argument}=…)"
        )
    return given
