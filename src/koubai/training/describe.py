"""Networks and data by the names of their parts: what a run's description holds of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from koubai.data.dataset import Column, Dataset, Source
from koubai.errors import RunError
from koubai.functions.activations import activations
from koubai.networks.initialisers import initialisers
from koubai.networks.network import Network


class NetworkDescription(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A network by the names of its parts."""

    sizes: tuple[int, ...]
    activations: tuple[str, ...]
    initialisers: tuple[str, ...]


class DataDescription(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a run has to know of its data: enough to predict without it, and to get it again."""

    name: str
    source: Source
    digest: str
    train_examples: int
    test_examples: int
    inputs: int
    classes: tuple[str, ...] | None
    scale: float
    image_shape: tuple[int, ...] | None
    columns: tuple[Column, ...]
    target: Column | None


def describe_network(network: Network) -> NetworkDescription:
    """The network by names. Raises RunError when a part of it is not in koubai's catalogues."""
    return NetworkDescription(
        network.sizes,
        tuple(_name(a.name, a, activations) for a in network.activations),
        tuple(_name(str(i), i, initialisers) for i in network.initialisers),
    )


def build_network(description: NetworkDescription) -> Network:
    """The network of that description."""
    *hidden, output = description.activations
    return Network(description.sizes, hidden, output, description.initialisers)


def describe_data(data: Dataset) -> DataDescription:
    """What a run has to know of its data."""
    return DataDescription(
        name=data.name,
        source=data.source,
        digest=data.digest,
        train_examples=len(data.train),
        test_examples=len(data.test),
        inputs=data.inputs,
        classes=data.classes,
        scale=data.train.scale,
        image_shape=data.image_shape,
        columns=data.columns,
        target=data.target,
    )


def _name(name: str, record: object, catalogue: Mapping[str, Any]) -> str:
    if name.split("(")[0] not in catalogue or catalogue[name] != record:
        raise RunError(
            f"the network uses {record!r}, which is not one of koubai's own, so a saved run could "
            f"not be loaded again: keep the run in memory (no out, no save), or use a known one"
        )
    return name
