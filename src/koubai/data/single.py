"""A single example, of which every number can be followed by hand."""

from __future__ import annotations

import numpy as np

from koubai.data.dataset import Dataset, Source, Split


def single() -> Dataset:
    """One example of the last of three classes, x = (0.6, 0.9): training and test data at once.

    With two inputs and three outputs, the gradient of a layer's six weights fits in a line.

    Shapes: 2 inputs, 3 classes; float32.
    Reference: Saitō (2016), Deep Learning from Scratch, 4.4.2.
    """
    example = Split(np.array([[0.6, 0.9]], np.float32), np.array([2], np.int32))
    return Dataset("single", example, example, ("0", "1", "2"), Source("single"))
