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
    nearest = difflib.get_close_matches(str(name), known, n=1, cutoff=0.5)
    hint = f" Did you mean {nearest[0]!r}?" if nearest else ""
    return UnknownNameError(f"unknown {kind} {name!r}.{hint} Known: {', '.join(known)}.")


def missing_extra(what: str, extra: str) -> MissingExtraError:
    """The error for an optional package that is not installed."""
    return MissingExtraError(f"{what} needs an optional package: pip install 'koubai[{extra}]'")
