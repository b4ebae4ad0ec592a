"""What a network bench gives to take away: a state, a script, a run, a report, a landscape."""

from __future__ import annotations

import io
import tempfile
import zipfile
from pathlib import Path
from typing import Literal

import msgspec
import numpy as np

from koubai.errors import SettingError
from koubai.play.limits import MOST_ACTS
from koubai.play.messages import File, Network
from koubai.play.network import NetworkBench
from koubai.report import page_of, scene_of
from koubai.report.reproduce import reproduce_by_hand
from koubai.report.scene import Scene
from koubai.told import Told
from koubai.training.acts import Act
from koubai.training.by_hand import settings_of
from koubai.training.describe import describe_network

# What a script prints: as many digits as tell two float32 apart.
_PRINTS = """
for layer, (w, b) in enumerate(run.params, start=2):
    print(layer, "w", *(f"{x:.9g}" for x in w.ravel()))
    print(layer, "b", *(f"{x:.9g}" for x in b))
print("iteration", learner.iteration)
print("train loss", run.outcome.train.loss, "test loss", run.outcome.test.loss)
print("train accuracy", run.outcome.train.accuracy, "test accuracy", run.outcome.test.accuracy)
"""


class State(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All that leads to where a network stands: how it was set, and what was done to it."""

    koubai_play: Literal[1]
    network: Network
    acts: tuple[Act, ...]


def state_of(bench: NetworkBench) -> str:
    """The state as JSON: `restored` gives it back, in a link as well."""
    return msgspec.json.encode(State(1, bench.setting, bench.learner.acts)).decode()


def restored(state: str) -> tuple[Network, tuple[Act, ...]]:
    """A setting and acts from JSON. Raises SettingError for anything else."""
    try:
        found = msgspec.json.decode(state, type=State)
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise SettingError(
            Told(
                f"the state cannot be read ({error}): give one that the playground wrote",
                f"この状態は読めません（{error}）。プレイグラウンドが書き出したものを使ってください",
            )
        ) from None
    if len(found.acts) > MOST_ACTS:
        raise SettingError(
            Told(
                f"the state has {len(found.acts):,} acts, and the playground takes {MOST_ACTS:,}",
                f"この状態には操作が {len(found.acts):,} 個ありますが、読めるのは {MOST_ACTS:,} 個"
                f"までです",
            )
        )
    return found.network, found.acts


def landscape_scene(bench: NetworkBench) -> Scene:
    """The loss round the path so far, for the viewer."""
    return msgspec.structs.replace(
        scene_of(bench.learner.as_run(), size=31),
        summary=(), findings=None, curves=None, network=None, mistakes=None, reproduce=None,
    )  # fmt: skip


def taken_away(bench: NetworkBench, form: str, number: int | None = None) -> File:
    """The state in one of its forms: "json", "script", "run" (a folder, zipped), "report"."""
    name, kind, content = _FORMS[form](bench)
    return File(number=number, name=name, media_type=kind, content=np.frombuffer(content, np.uint8))


def script_of(bench: NetworkBench) -> str:
    """Python that comes to the same network, and prints every digit of where it stands."""
    learner = bench.learner
    network = describe_network(learner.network)
    return f"{reproduce_by_hand(network, learner.data.source, settings_of(learner))}\n{_PRINTS}"


def _json(bench: NetworkBench) -> tuple[str, str, bytes]:
    return "koubai.json", "application/json", state_of(bench).encode()


def _script(bench: NetworkBench) -> tuple[str, str, bytes]:
    return "koubai_network.py", "text/x-python", script_of(bench).encode()


def _report(bench: NetworkBench) -> tuple[str, str, bytes]:
    return "report.html", "text/html", page_of(scene_of(bench.learner.as_run())).encode()


def _run(bench: NetworkBench) -> tuple[str, str, bytes]:
    """The folder of the run, zipped."""
    content = io.BytesIO()
    with tempfile.TemporaryDirectory() as place:
        root = Path(place) / "run"
        bench.learner.as_run().save(root)
        with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in sorted(root.rglob("*")):
                archive.write(file, file.relative_to(place))
    return "run.zip", "application/zip", content.getvalue()


_FORMS = {"json": _json, "script": _script, "run": _run, "report": _report}
