"""Very large and very small numbers, as the books write them."""

from __future__ import annotations

import math
from decimal import Decimal

from koubai.figures.words import number


def power_of_ten(value: float) -> str:
    r"""A number of few digits: 1.40 × 10⁻⁶ for matplotlib, where it would be long written out.

    >>> power_of_ten(0.0000014)
    '$1.40 \\times 10^{-6}$'
    """
    if not 0 < abs(value) < math.inf or 0.001 <= abs(value) < 1e6:
        return number(value)
    digits, exponent = f"{Decimal(value):.2e}".split("e")  # whole numbers are longer than floats
    return rf"${digits} \times 10^{{{int(exponent)}}}$"
