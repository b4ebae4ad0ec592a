"""The names of a network's quantities as the books write them: w²₁₁, z³₂, ∂C/∂b²₁."""

from __future__ import annotations

_SUPER = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_SUB = str.maketrans("0123456789,", "₀₁₂₃₄₅₆₇₈₉,")


def quantity(letter: str, layer: int, units: tuple[int, ...]) -> str:
    """W²₁₃ from its letter "w", its layer 2, counted from 1, the input, and its units (1, 3)."""
    return f"{letter}{str(layer).translate(_SUPER)}{_joined(units).translate(_SUB)}"


def quantity_latex(letter: str, layer: int, units: tuple[int, ...]) -> str:
    """The same for LaTeX: w^{2}_{13}."""
    return f"{letter}^{{{layer}}}_{{{_joined(units)}}}"


def derivative(of: str, by: str) -> str:
    """∂z²₁/∂w²₁₁, from the names of both."""
    return f"∂{of}/∂{by}"


def derivative_latex(of: str, by: str) -> str:
    """The same for LaTeX."""
    return rf"\frac{{\partial {of}}}{{\partial {by}}}"


def _joined(units: tuple[int, ...]) -> str:
    # w²₁,₁₂ needs its comma; the books write w²₁₁ without one.
    return ("," if max(units) > 9 else "").join(str(unit) for unit in units)
