"""A run on disk.

A run is a folder. `run.json` describes it and names the files that hold its numbers: a safetensors
file with the parameters and the optimiser's memory, and a Zarr group with the records. New
numbers go to new files, or behind the rows that are valid; then `run.json` is replaced in one
step. So a kill at any moment leaves the old state or the new one, never something between.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import msgspec
import safetensors.numpy
import zarr
from zarr.storage import LocalStore

from koubai.errors import RunError
from koubai.training.chunks import DAMAGE, read_chunk
from koubai.training.describe import DataDescription, NetworkDescription
from koubai.training.evaluate import Measure
from koubai.training.history import Mark
from koubai.training.settings import Settings
from koubai.training.tensors import Tensors
from koubai.version import __version__

# 1 had no record of the layers, and knew of backpropagation alone; 2 had no R².
FORMAT = 3
DESCRIPTION = "run.json"
FIGURES = "figures"
_RESTORE = "Restore it from a copy, or train again"


class Outcome(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How far training came and how good the network is.

    stopped: "epochs" (all done), "early" (validation no longer improved), "diverged" (the loss
    is not finite, or ended far above its start), "interrupted" (Ctrl-C or SIGTERM), or
    "unfinished" while it goes on or after it was killed. iterations are mini-batches done, epochs
    whole passes over the training data; best_epoch is the epoch whose parameters were kept,
    where a validation split chose them. message: where and why, message_ja the same in Japanese
    ("" in runs of before it was kept). seconds: what training took, the measures of each epoch
    included; compile_seconds: what went before, mostly into compiling.
    """

    stopped: str
    message: str
    iterations: int
    epochs: int
    seconds: float
    train: Measure
    test: Measure
    validation: Measure | None = None
    best_epoch: int | None = None
    compile_seconds: float = 0.0
    message_ja: str = ""


class Description(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything about a run but its arrays: the content of run.json."""

    format: int
    koubai: str
    network: NetworkDescription
    data: DataDescription
    settings: Settings
    outcome: Outcome
    state: Annotated[str, msgspec.Meta(pattern=r"^state-[0-9a-f]{16}\.safetensors$")]
    state_sha256: str
    record: Annotated[str, msgspec.Meta(pattern=r"^record-[0-9a-f]{8}\.zarr$")]
    marks: dict[str, Mark]


class _Format(msgspec.Struct):
    format: int
    koubai: str


def _not_of_a_run(folder: Path) -> list[str]:
    """What a folder holds that no run has left there: a kill leaves records that nothing names."""
    names = sorted(entry.name for entry in folder.iterdir()) if folder.exists() else []
    ours = (".", "record-", "state-", FIGURES)
    return [name for name in names if not name.startswith(ours)]


class RunFolder:
    """A folder being written to. Nothing in it counts until `commit` has named it in run.json."""

    def __init__(self, path: Path, record: str) -> None:
        self.path = path
        self.record = record
        self.root = zarr.open_group(LocalStore(path / record), mode="a")

    @staticmethod
    def create(path: str | os.PathLike[str], force: bool) -> RunFolder:
        """A folder for a new run. An older run in it stays valid until the first commit.

        Raises RunError when it holds a run, or anything else, and `force` is not given, or when it
        cannot be written.
        """
        if not os.fspath(path):
            raise RunError("out is empty: name a folder, such as runs/first")
        folder = Path(path)
        if folder.exists() and not folder.is_dir():
            raise RunError(f"out is {os.fspath(path)!r}, which is a file: name a folder")
        if (folder / DESCRIPTION).exists() and not force:
            raise RunError(
                f"out is {os.fspath(path)!r}, which already holds a run: choose another folder, "
                f"or overwrite it with force=True"
            )
        try:
            others = [] if force else _not_of_a_run(folder)
            if others:
                raise RunError(
                    f"out is {os.fspath(path)!r}, which holds {others[0]!r} and is no run: choose "
                    f"a new folder, or write into this one with force=True"
                )
            folder.mkdir(parents=True, exist_ok=True)
            return RunFolder(folder, f"record-{secrets.token_hex(4)}.zarr")
        except OSError as error:
            raise RunError(
                f"out is {os.fspath(path)!r}, which cannot be written: {error}"
            ) from None

    def commit(
        self,
        network: NetworkDescription,
        data: DataDescription,
        settings: Settings,
        outcome: Outcome,
        tensors: Tensors,
        marks: dict[str, Mark],
    ) -> None:
        """Makes this the state of the run, in one step, and deletes what it no longer needs."""
        content = safetensors.numpy.save(tensors)
        digest = hashlib.sha256(content).hexdigest()
        state = f"state-{digest[:16]}.safetensors"
        _write(self.path / state, content)
        description = Description(
            format=FORMAT,
            koubai=__version__,
            network=network,
            data=data,
            settings=settings,
            outcome=outcome,
            state=state,
            state_sha256=digest,
            record=self.record,
            marks=marks,
        )
        encoded = msgspec.json.format(msgspec.json.encode(description), indent=2)
        _write(self.path / DESCRIPTION, encoded + b"\n")
        self._clean(keep={state, self.record})

    def _clean(self, keep: set[str]) -> None:
        for pattern in ("state-*", "record-*.zarr", "*.partial"):
            for leftover in self.path.glob(pattern):
                if leftover.name not in keep:
                    shutil.rmtree(leftover) if leftover.is_dir() else leftover.unlink()


def read_description(folder: str | os.PathLike[str]) -> Description:
    """The content of a run's run.json, strictly decoded.

    Raises RunError when the folder is not a run, its description is damaged, or a newer koubai
    wrote it.
    """
    file = Path(folder) / DESCRIPTION
    try:
        content = file.read_bytes()
    except OSError:
        raise RunError(
            f"{os.fspath(folder)!r} is not a run: it has no {DESCRIPTION}. "
            f"List the runs there are with: koubai runs"
        ) from None
    try:
        written = msgspec.json.decode(content, type=_Format)
        if written.format > FORMAT:
            raise RunError(
                f"{os.fspath(folder)!r} was written by koubai {written.koubai} in format "
                f"{written.format}, and this koubai reads up to {FORMAT}: upgrade koubai"
            )
        return msgspec.json.decode(content, type=Description)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RunError(f"{os.fspath(file)!r} is damaged: {error}") from None


def read_tensors(folder: str | os.PathLike[str], description: Description) -> Tensors:
    """The parameters and the optimiser's memory. Raises RunError when the file was altered."""
    file = Path(folder) / description.state
    try:
        content = file.read_bytes()
    except OSError as error:
        raise RunError(f"{os.fspath(file)!r} cannot be read: {error.strerror}") from None
    if hashlib.sha256(content).hexdigest() != description.state_sha256:
        raise RunError(
            f"{os.fspath(file)!r} is damaged: its content is not what {DESCRIPTION} says. "
            f"{_RESTORE}"
        )
    return safetensors.numpy.load(content)


def read_run(folder: str | os.PathLike[str]) -> tuple[Description, Tensors]:
    """The description of a run and the arrays it names; errors as theirs.

    A session that trains into the folder may have replaced both between the two readings: then
    they are read once more.
    """
    description = read_description(folder)
    try:
        return description, read_tensors(folder, description)
    except RunError:
        newer = read_description(folder)
        if newer.state == description.state:
            raise
        return newer, read_tensors(folder, newer)


def open_record(folder: str | os.PathLike[str], description: Description) -> RunFolder:
    """The folder with the records of a run. Raises RunError when they are not there."""
    if not (Path(folder) / description.record / "zarr.json").exists():
        raise RunError(f"{os.fspath(folder)!r} is damaged: {description.record} is missing")
    return RunFolder(Path(folder), description.record)


def check_record(opened: RunFolder, marks: Mapping[str, Mark]) -> None:
    """Reads all that is valid in the records once. RunError names the file that is damaged."""
    for name, mark in marks.items():
        group: Any = opened.root[f"{name}-{mark.stride}"]
        for _, array in group.arrays():
            for chunk in range(-(-mark.rows // array.chunks[0])):
                read_chunk(opened.path / opened.record, array, chunk, _RESTORE)


@contextmanager
def reading_record(folder: str | os.PathLike[str] | None) -> Generator[None]:
    """Turns what Zarr raises for altered or missing chunks into a RunError."""
    try:
        yield
    except DAMAGE as error:
        raise RunError(
            f"the record in {os.fspath(folder or 'memory')!r} is damaged: {error}. {_RESTORE}"
        ) from None


def _write(file: Path, content: Any) -> None:
    """Replaces a file in one step; on disk before this returns."""
    temporary = file.with_name(f"{file.name}.{secrets.token_hex(4)}.partial")
    with temporary.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    temporary.replace(file)
    directory = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
