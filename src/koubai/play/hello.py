"""What there is to choose from, as the page is told when it comes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from koubai.descent.optimisers import optimisers
from koubai.functions.activations import activations
from koubai.functions.losses import losses
from koubai.functions.surfaces import surfaces
from koubai.networks.initialisers import initialisers
from koubai.play.datasets import Datasets
from koubai.play.lessons import LESSONS
from koubai.play.messages import Choice, Hello
from koubai.version import __version__


def hello_of(datasets: Datasets, number: int | None = None) -> Hello:
    """The catalogues of everything that can be chosen."""
    return Hello(
        number=number,
        koubai=__version__,
        language="en",
        lesson=None,
        lessons=LESSONS,
        set=False,
        surfaces=_choices(surfaces),
        activations=_choices(activations),
        losses=_choices(losses),
        optimizers=_choices(optimisers),
        initialisers=_choices(initialisers),
        datasets=datasets.choices(),
    )


def _choices(catalogue: Mapping[str, Any]) -> tuple[Choice, ...]:
    return tuple(Choice(name=name, formula=record.formula) for name, record in catalogue.items())
