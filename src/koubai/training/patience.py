"""Early stopping: the best parameters on data held back, and how long to wait for better ones."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from koubai.networks.network import Params
from koubai.told import Told


class Patience:
    """Keeps the parameters with the least validation loss, and says when to wait no longer.

    epochs: how many without a better loss are borne; None keeps nothing and waits for ever.
    losses: those of a run that goes on, whose best parameters were those of `best_epoch`.
    """

    def __init__(
        self,
        epochs: int | None,
        losses: Float[np.ndarray, " epochs"],
        best: Params | None,
        best_epoch: int | None,
    ) -> None:
        self.epochs, self.best, self.best_epoch = epochs, best, best_epoch
        self._least = float(np.fmin.reduce(losses, initial=np.inf))  # NaN is passed over

    def look(self, loss: float | None, params: Params, epoch: int) -> Told | None:
        """Takes an epoch's parameters and their loss, None if not finite; returns why to stop."""
        if self.epochs is None:
            return None
        if loss is not None and loss <= self._least:
            self._least, self.best, self.best_epoch = loss, params, epoch
        if epoch - (self.best_epoch or 0) < self.epochs:
            return None
        return Told(
            f"the validation loss has not improved for {self.epochs} epochs; the parameters of "
            f"epoch {self.best_epoch} are kept",
            f"検証データでの損失が {self.epochs} エポックのあいだ改善しなかった。"
            f"エポック {self.best_epoch} のパラメータを残した",
        )
