"""Every exception that koubai raises for something a user passed in.

Each message names the argument, says what came and says what to do next. The command line prints
the message alone, on one line.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class KoubaiError(Exception):
    """The base of all of koubai's own errors."""


class ShapeError(KoubaiError, ValueError):
    """An array does not have the shape that the network or the function takes."""


class UnknownNameError(KoubaiError, KeyError):
    """A name (of an activation, a loss, an optimiser, a data set …) that koubai does not know."""

    def __str__(self) -> str:
        return str(self.args[0])  # KeyError would show the message in quotes


class UnknownAttributeError(UnknownNameError, AttributeError):
    """Such a name after a dot: an AttributeError too, so that hasattr() works as ever."""


class SettingError(KoubaiError, ValueError):
    """A setting outside its range, or two settings that contradict each other."""


class DataError(KoubaiError, ValueError):
    """Data that cannot be learnt from: missing, not finite, damaged, or of the wrong kind."""


class FunctionError(KoubaiError, ValueError):
    """A function of the user's that cannot be differentiated or descended as it is."""


class RunError(KoubaiError):
    """A run folder that is missing, damaged, occupied, or written by a newer koubai."""


class MissingExtraError(KoubaiError, ImportError):
    """An optional package is not installed."""


def unknown_name(kind: str, name: object, known: Iterable[str]) -> UnknownNameError:
    """The error for an unknown name, with the nearest known one and the whole list."""
    known = list(known)
    stem = str(name).partition("(")[0].lower()  # he(3) is nearest to he
    meant = {_initials(each): each for each in known if "_" in each}
    meant |= {each.lower(): each for each in known}
    nearest = difflib.get_close_matches(stem, meant, n=1, cutoff=0.6)
    nearest += [each for each in meant if len(stem) > 2 and each.startswith(stem)]
    hint = f" Did you mean {meant[nearest[0]]!r}?" if nearest else ""
    return UnknownNameError(f"unknown {kind} {name!r}.{hint} Known: {', '.join(known)}.")


def _initials(name: str) -> str:
    """What a long name is often called: mse is mean_squared_error."""
    return "".join(word[0] for word in name.lower().split("_"))


def missing_extra(what: str, extra: str) -> MissingExtraError:
    """The error for an optional package that is not installed."""
    return MissingExtraError(
        f"{what} needs an optional package: pip install '.[{extra}]' in koubai's checkout"
    )


def counted(count: int, noun: str) -> str:
    """A number of things in words: 1 epoch, 1,200 epochs."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def first_line(error: BaseException) -> str:
    """What another library's exception says, in its first line; its name where it says nothing."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
