"""What repeats a run: a command, and a few lines of Python."""

from __future__ import annotations

import inspect
import shlex
from typing import Any

import numpy as np
from jax.flatten_util import ravel_pytree

from koubai import data as data_room
from koubai.data.dataset import Source
from koubai.errors import RunError
from koubai.networks.network import Network
from koubai.report.scene import Reproduce
from koubai.training.acts import Act, Change, Edit, Step
from koubai.training.describe import NetworkDescription, describe_network
from koubai.training.run import Run
from koubai.training.settings import CUSTOM, Settings

# What the command line calls the arguments of the loaders that it knows.
_OPTIONS = {
    "table": {"target": "--target", "task": "--task"},
    "images": {"size": "--size", "colour": "--colour"},
    "mnist": {"folder": "--folder"},
}
_FILES = {"table": "file", "images": "folder"}
# Arguments of `train` that are stored in the settings by the same name.
_SETTINGS = (
    "optimizer", "learning_rate", "batch_size", "epochs", "seed", "loss", "schedule",
    "weight_decay", "validation", "patience", "gradient", "record_every",
)  # fmt: skip


def reproduce_run(run: Run) -> Reproduce:
    """The command and the Python that train the same network again, to the same bits.

    What is not stored, data passed as arrays or an optimiser of the user's own, stands as a name
    to be filled in, and then there is no command.
    """
    try:
        network = describe_network(run.network)
    except RunError:
        network = None
    if run.settings.acts:
        return Reproduce("", reproduce_by_hand(network, run.about.source, run.settings))
    given = _settings(run)
    lines = ["import koubai as kb", "", *_data_lines(run.about.source), *_network_lines(network)]
    own = [value for value in given.values() if value.startswith("my_")]
    lines += [f"{name} = …  # of the user's own, which is not stored" for name in own]
    settings = ", ".join(f"{name}={value}" for name, value in given.items())
    extra = "" if _drawn(run) else ", params=params"
    if extra:
        lines.append("params = …  # where training began, which is not stored")
    lines += ["run = kb.train(", "    network,", "    data,", f"    {settings}{extra},", ")"]
    complete = network is not None and not extra and CUSTOM not in _own_settings(run).values()
    return Reproduce(_command(run, network) if complete else "", "\n".join(lines))


def reproduce_by_hand(
    network: NetworkDescription | None, source: Source, settings: Settings
) -> str:
    """The Python that does again what was done to a network by hand."""
    given = {
        "optimizer": settings.optimizer,
        "learning_rate": settings.learning_rate,
        "batch_size": settings.batch_size,
        "seed": settings.seed,
        "loss": settings.loss,
        "weight_decay": settings.weight_decay,
        "gradient": settings.gradient,
    }
    lines = [
        "import koubai as kb",
        "",
        *_data_lines(source),
        *_network_lines(network),
        "learner = kb.Learner(",
        "    network,",
        "    data,",
        *(f"    {name}={value!r}," for name, value in given.items()),
        ")",
        *map(_act_line, settings.acts),
        "run = learner.as_run()",
    ]
    return "\n".join(lines)


def _act_line(act: Act) -> str:
    match act:
        case Step(iterations):
            return f"learner.step({iterations})"
        case Change(name, value):
            return f"learner.change({name!r}, {value!r})"
        case Edit(layer, i, j, value):
            return f"learner.edit({layer}, {i}, {j}, {value!r})"


def _own_settings(run: Run) -> dict[str, Any]:
    return {name: getattr(run.settings, name) for name in _SETTINGS}


def _settings(run: Run) -> dict[str, str]:
    """The arguments of `train` as Python writes them; the user's own by a name to fill in."""
    own = {name: value for name, value in _own_settings(run).items() if value is not None}
    if own["optimizer"] == CUSTOM and own["learning_rate"] == 1:  # it brings its own rate
        del own["learning_rate"], own["schedule"]
    elif own["schedule"] == CUSTOM:  # a function of the iteration, given as the rate
        del own["schedule"]
        own["learning_rate"] = CUSTOM
    return {name: f"my_{name}" if value == CUSTOM else repr(value) for name, value in own.items()}


def _drawn(run: Run) -> bool:
    """Whether training began at the parameters that the seed gives."""
    start = ravel_pytree(run.network.init(run.settings.seed))[0]
    return bool(np.array_equal(run.path.points[0], np.asarray(start)))


def _chosen(source: Source) -> dict[str, Any]:
    """The arguments of the data's loader that are not as it has them by itself."""
    usual = inspect.signature(getattr(data_room, source.loader)).parameters
    return {name: value for name, value in source.arguments.items() if value != usual[name].default}


def _data_lines(source: Source) -> list[str]:
    if source.loader == "arrays":
        return ["data = …  # these data were passed as arrays, which are not stored"]
    given = ", ".join(f"{name}={value!r}" for name, value in _chosen(source).items())
    return [f"data = kb.data.{source.loader}({given})"]


def _network_lines(network: NetworkDescription | None) -> list[str]:
    if network is None:
        return ["network = …  # it has parts of the user's own, which are not stored"]
    *hidden, output = network.activations
    return [
        f"network = kb.Network({list(network.sizes)}, hidden={hidden}, output={output!r}, "
        f"initialiser={list(network.initialisers)})"
    ]


def _command(run: Run, network: NetworkDescription | None) -> str:
    """Empty where the command line cannot say it."""
    data = _data_words(run)
    if data is None or network is None:
        return ""
    *hidden, output = network.activations
    usual = describe_network(Network(network.sizes, hidden, output)).initialisers
    drawn = {*network.initialisers} if network.initialisers != usual else set[str]()
    if len({*hidden}) > 1 or len(drawn) > 1:
        return ""
    words = ["koubai", "train", *data, "--layers", ",".join(map(str, network.sizes[1:-1])) or "0"]
    words += ["--hidden", hidden[0]] if hidden else []
    words += ["--output", output]
    words += ["--initialiser", *drawn] if drawn else []
    for name, value in _own_settings(run).items():
        if value is not None:
            words += [f"--{name.replace('_', '-')}", str(value)]
    return shlex.join(words)


def _data_words(run: Run) -> list[str] | None:
    """The data as the command line names them; None where it cannot."""
    source = run.about.source
    loader = source.loader
    if loader == "arrays":
        return None
    arguments = _chosen(source)
    words = [str(arguments.pop(_FILES[loader]))] if loader in _FILES else [loader]
    options = _OPTIONS.get(loader, {})
    for name, value in arguments.items():
        if name not in options:
            return None
        if value is True:
            words.append(options[name])
        elif value not in (None, False):
            words += [options[name], str(value)]
    return words
