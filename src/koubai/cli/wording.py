"""The library's messages in the words of the command line: options in place of arguments."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from typer.core import TyperCommand, TyperOption

# Where an argument of the library has another name than the option that it comes from.
_OTHER_NAMES = {"file": "figure"}

# What is quoted came from the user, and a call such as load_run(folder, data=…) is Python.
_LEFT_ALONE = r"(?<!\w)'[^']*'|\"[^\"]*\"|\w+\([^()]*=[^()]*\)"
_VALUE = r"'[^']*'|\([^()]*\)|…|[\w.]*\w"


class Option(NamedTuple):
    """An option as it is typed: --size, and what stands behind it, HxW; nothing behind a flag."""

    flag: str
    metavar: str


def options_of(command: TyperCommand) -> dict[str, Option]:
    """The options of a command by the names of the library's arguments."""
    options = {
        param.name: Option(param.opts[0], "" if param.is_flag else param.metavar or "")
        for param in command.params
        if isinstance(param, TyperOption)
    }
    others = {name: options[option] for name, option in _OTHER_NAMES.items() if option in options}
    return others | options


def in_options(message: str, options: Mapping[str, Option]) -> str:
    """A message of the library with the options that its arguments come from.

        learning_rate is 0: give …               --learning-rate is 0: give …
        patience needs …: add validation=0.1     --patience needs …: add --validation 0.1
        colour is True but …                     --colour is given but …

    An argument is known as such at the beginning, before "=", or by the "_" in its name.
    """
    if not options:
        return message
    known, long = "|".join(options), "|".join(name for name in options if "_" in name) or "(?!)"
    pattern = "|".join(
        (
            _LEFT_ALONE,
            rf"\b(?P<given>{known})=(?P<value>{_VALUE})",
            rf"^(?P<first>{known})(?P<set> is True)?(?=\s)",
            rf"(?<![\w/.-])(?P<long>{long})s?(?![\w/-])",
        )
    )

    def as_option(match: re.Match[str]) -> str:
        if match["given"]:
            return _with_value(options[match["given"]], match["value"])
        name = match["first"] or match["long"]
        flag = options[name].flag if name else match[0]
        return f"{flag} is given" if match["set"] else flag

    return re.sub(pattern, as_option, message)


def _with_value(option: Option, value: str) -> str:
    """The option with the value as it is typed, or with what is to be typed there."""
    open_ended = value == "…" or value.startswith("(")
    text = option.metavar if open_ended else value.strip("'")
    return f"{option.flag} {text}" if option.metavar else option.flag


def from_here(message: str) -> str:
    """The message with the paths below the current folder as seen from it."""
    return message.replace(f"{Path.cwd()}/", "")
