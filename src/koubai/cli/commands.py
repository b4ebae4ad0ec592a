"""Commands as koubai has them: help without Python's types, and a line about Ctrl-C."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup, TyperOption

from koubai.cli.terminal import complain

# Either spelling of an option is understood; help shows the second.
_SPELLINGS = {"optimiser": "optimizer", "initializer": "initialiser", "color": "colour"}


def either_spelling(token: str) -> str:
    """The name of an option as koubai spells it."""
    return _SPELLINGS.get(token, token)


class Command(TyperCommand):
    """A command that says in one line that it was interrupted."""

    def get_params(self, ctx: Any) -> list[Any]:
        """The parameters, as help is to show them."""
        return _without_types(super().get_params(ctx))

    def invoke(self, ctx: Any) -> Any:
        """Runs the command."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            complain("interrupted")
            raise typer.Exit(130) from None


class Group(TyperGroup):
    """The command that has the others."""

    def get_params(self, ctx: Any) -> list[Any]:
        """The parameters, as help is to show them."""
        return _without_types(super().get_params(ctx))


def _without_types(params: Sequence[Any]) -> list[Any]:
    """Nothing stands behind a flag, and what an argument is, its name says: no <bool>, no <str>."""
    for param in params:
        if not isinstance(param, TyperOption) or param.is_flag:
            param.display_type_rich = _nothing
    return list(params)


def _nothing(ctx: Any) -> str:
    return ""
