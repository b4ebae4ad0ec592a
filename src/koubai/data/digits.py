"""scikit-learn's handwritten digits: small, and on every machine that koubai is on."""

from __future__ import annotations

from typing import Any, cast

import numpy as np

from koubai.data.dataset import Dataset, Source
from koubai.data.splits import split_examples


def digits(test_fraction: float = 0.2, seed: int = 0) -> Dataset:
    """1 797 handwritten digits of 8×8 pixels in ten classes, split with the seed.

    A pixel counts the ink in a block of 4×4 finer pixels, 0 to 16: x = pixel / 16.

    Shapes: 64 inputs, image_shape (8, 8); 1 437 training and 360 test examples by default.
    Raises SettingError for a test_fraction outside (0, 1) or a bad seed.
    Reference: Alpaydin & Kaynak (1998), Optical Recognition of Handwritten Digits, UCI.
    """
    import sklearn.datasets  # here because it takes a second

    bundled = cast(Any, sklearn.datasets).load_digits()
    stored = bundled.data.astype(np.uint8)
    t = bundled.target.astype(np.int32)
    train, test = split_examples(stored, t, test_fraction, seed, scale=1 / 16)
    return Dataset(
        name="digits",
        train=train,
        test=test,
        classes=tuple("0123456789"),
        source=Source("digits", {"test_fraction": float(test_fraction), "seed": int(seed)}),
        image_shape=(8, 8),
    )
