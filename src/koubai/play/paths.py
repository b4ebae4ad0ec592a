"""What the page is told of any descent: how far it is worth following, and why it diverged."""

from __future__ import annotations

import numpy as np

from koubai.descent.path import Path
from koubai.report.scene import Text

# A point so far from 0 is out of all bounds.
_FAR = 1e6


def followed(path: Path) -> int:
    """So many points of a path are worth following: up to the first that is out of all bounds."""
    with np.errstate(invalid="ignore"):
        near = np.abs(path.points.reshape(len(path), -1)).max(axis=1) < _FAR
    near &= np.isfinite(path.values)
    return len(path) if near.all() else max(1, int(near.argmin()))


def diverged(path: Path) -> Text:
    """Why a descent diverged, and the way out; empty where it did not."""
    if path.stopped != "diverged":
        return Text("", "")
    bound = path.stable_learning_rate
    way_out = (
        f"ステップ {path.first_bad_step} から値が上がっています。学習率を小さくしてください"
        if bound is None
        else f"ステップ {path.first_bad_step} から値が上がっています。学習率を安定の限界 "
        f"2/λₘₐₓ = {bound:.3g} より小さくしてください"
    )
    return Text(path.message, way_out)
