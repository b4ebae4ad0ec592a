"""Formulas as matplotlib can set them, which knows a part of LaTeX only."""

from __future__ import annotations

import re

from matplotlib.mathtext import MathTextParser

_CASES = re.compile(r"\\begin\{cases\}(.*?)\\end\{cases\}", re.DOTALL)
_SHORT = re.compile(r"\\(le|ge|ne)\b")


def set_formula(formula: str) -> str:
    r"""A formula between dollar signs, with its cases in one row: 1 (z > 0), 0 (z ≤ 0).

    Fractions are as large as displayed ones. What matplotlib cannot set is left as it was written.
    """
    formula = formula.replace(r"\frac", r"\dfrac")
    text = "$" + _SHORT.sub(r"\\\1q", _CASES.sub(_in_one_row, formula)) + "$"
    try:
        MathTextParser("path").parse(text)
    except ValueError:
        return formula
    return text


def _in_one_row(cases: re.Match[str]) -> str:
    rows = (row.split("&") for row in cases[1].split(r"\\"))
    return r", \;\; ".join(rf"{value.strip()} \; ({when.strip()})" for value, when in rows)
