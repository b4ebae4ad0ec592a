"""What a run is, in a table of facts."""

from __future__ import annotations

import numpy as np
from jaxtyping import Int

from koubai.report.missing import data_gone
from koubai.report.scene import Fact, Text
from koubai.training.batches import split_off
from koubai.training.run import Run
from koubai.training.settings import CUSTOM, Settings
from koubai.training.storage import Outcome
from koubai.version import __version__


def summary_of(run: Run) -> tuple[Fact, ...]:
    """What was trained on what, how, for how long, and how good it is."""
    facts = {
        **_good(run.outcome),
        **_regression(run),
        **_data(run),
        "network": "-".join(map(str, run.network.sizes)),
        "activations": ", ".join(a.name for a in run.network.activations),
        "parameters": run.network.parameter_count,
        **_settings(run),
        **_length(run.outcome),
        "koubai": __version__,
    }
    return tuple(
        Fact(key, float(value) if isinstance(value, int) else value) for key, value in facts.items()
    )


def _good(outcome: Outcome) -> dict[str, float | str]:
    splits = {"test": outcome.test, "validation": outcome.validation, "train": outcome.train}
    found = dict[str, float | str]()
    for measure in ("accuracy", "loss"):
        for name, split in splits.items():
            value = None if split is None else getattr(split, measure)
            if value is not None:
                found[f"{name}_{measure}"] = value
    return found


def _regression(run: Run) -> dict[str, float | str]:
    """In the target's unit; of several targets the largest error and the least R²."""
    if run.about.classes is not None:
        return {}
    if data_gone(run) is not None:
        known = run.outcome.test.r_squared
        return {} if known is None else {"r_squared": known}
    return {
        "typical_error": float(np.max(run.typical_error("test"))),
        "r_squared": float(np.min(run.r_squared("test"))),
    }


def _data(run: Run) -> dict[str, float | str]:
    about = run.about
    classes = {} if about.classes is None else {"classes": ", ".join(about.classes)}
    return {
        "data": about.name,
        "train_examples": len(_learnt(run)),
        "test_examples": about.test_examples,
        "inputs": about.inputs,
        **classes,
        "digest": about.digest,
    }


def _learnt(run: Run) -> Int[np.ndarray, " examples"]:
    """The training examples but those held back, by their numbers: known without the data."""
    settings = run.settings
    return split_off(run.about.train_examples, settings.validation, settings.seed)[0]


def _settings(run: Run) -> dict[str, float | str]:
    settings = run.settings
    found: dict[str, float | str] = {
        "loss": settings.loss,
        "optimizer": settings.optimizer,
        **_rate(settings),
        "batch_size": min(settings.batch_size, len(_learnt(run))),
        "seed": settings.seed,
        "gradient": settings.gradient,
    }
    if settings.weight_decay:
        found["weight_decay"] = settings.weight_decay
    if settings.validation:
        found["validation"] = settings.validation
    if settings.patience is not None:
        found["patience"] = settings.patience
    return found


def _rate(settings: Settings) -> dict[str, float | str]:
    """An optimiser of the user's own brings its rate, which is not known."""
    if settings.optimizer == CUSTOM:
        return {}
    return {"learning_rate": settings.learning_rate, "schedule": settings.schedule}


def _length(outcome: Outcome) -> dict[str, float | str | Text]:
    found: dict[str, float | str | Text] = {
        "stopped": outcome.stopped,
        "epochs": outcome.epochs,
        "iterations": outcome.iterations,
        "seconds": outcome.seconds,
        "compile_seconds": outcome.compile_seconds,
    }
    if outcome.message:
        found["message"] = Text(outcome.message, outcome.message_ja or outcome.message)
    if outcome.best_epoch is not None:
        found["best_epoch"] = outcome.best_epoch
    return found
