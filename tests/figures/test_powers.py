from __future__ import annotations

import pytest

from koubai.figures.powers import power_of_ten


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.4e-6, r"$1.40 \times 10^{-6}$"),
        (-7.999e-4, r"$-8.00 \times 10^{-4}$"),
        (9.996e15, r"$1.00 \times 10^{16}$"),
        (10**400, r"$1.00 \times 10^{400}$"),  # more than there are floats
        (50**9, r"$1.95 \times 10^{15}$"),
        (0.00407, "0.00407"),
        (25_000, "25,000"),
        (2, "2"),
        (-0.0272, "−0.0272"),
        (0.0, "0"),
        (float("inf"), "inf"),
        (float("nan"), "nan"),
    ],
)
def test_a_number_as_the_books_write_it(value: float, text: str) -> None:
    assert power_of_ten(value) == text
