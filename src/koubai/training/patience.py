"""Early stopping: the best parameters on data held back, and how long to wait for better ones."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from koubai.networks.network import Params


class Patience:
    """Keeps the parameters with the least validation loss, and says when to wait no longer.

    epochs: how many without a better loss are borne; None keeps nothing and waits for ever.
    """

    def __init__(self, epochs: int | None, best: Params | None, best_epoch: int | None) -> None:
        self.epochs, self.best, self.best_epoch = epochs, best, best_epoch

    def look(self, losses: Float[np.ndarray, " epochs"], params: Params, epoch: int) -> str | None:
        """Takes the parameters of that epoch, whose loss is the last; returns why to stop."""
        if self.epochs is None:
            return None
        if losses[-1] == np.nanmin(losses):
            self.best, self.best_epoch = params, epoch
        if epoch - (self.best_epoch or 0) < self.epochs:
            return None
        return (
            f"the validation loss has not improved for {self.epochs} epochs; the parameters of "
            f"epoch {self.best_epoch} are kept"
        )
