"""What was compiled for the networks of before is given back: a playground may run for days."""

from __future__ import annotations

import threading

from koubai.engine import forget_compiled
from koubai.play.limits import MOST_COMPILED

_lock = threading.Lock()
_met = set[object]()


def met(network: object) -> None:
    """Counts the different networks; with one too many, all that was compiled is forgotten."""
    with _lock:
        _met.add(network)
        if len(_met) > MOST_COMPILED:
            _met.clear()
            _met.add(network)
            forget_compiled()
