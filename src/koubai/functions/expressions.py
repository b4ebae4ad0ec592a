"""Formulas as text: `expression("x0**2 + sin(x1)")` is a function. Nothing is ever `eval`uated."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, NamedTuple, NoReturn

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float
from numpy.typing import ArrayLike

from koubai.engine import float64
from koubai.errors import FunctionError, ShapeError
from koubai.functions.arguments import as_float, shown
from koubai.told import Told

LONGEST = 1000  # characters
DEEPEST = 50  # parentheses, signs and powers within one another


class Operation(NamedTuple):
    """What a formula does with the numbers it has: how, with how many, and in LaTeX."""

    value: Callable[..., Any]
    operands: int
    latex: str


# The arithmetic of a formula is a list to be read from left to right (Łukasiewicz's notation,
# reversed): a number and a variable are laid on a pile, an operation takes its operands from it.
Instruction = float | int | Operation  # an int is the index of a variable


@dataclass(frozen=True, repr=False)
class Expression:
    """A formula that can be called: the value at x, as `kb.descend` and `kb.gradient` ask for it.

    x: one number for each of `variables`, (variables, *more) for a value at many points at once;
    where there is one variable, a bare number too. text: as it was written; formula: in LaTeX.
    """

    text: str
    variables: tuple[str, ...] = field(compare=False)
    formula: str = field(compare=False)
    program: tuple[Instruction, ...] = field(compare=False)

    def __call__(self, x: ArrayLike) -> Float[Array, "*shape"]:
        """The value at x. Raises ShapeError where x has not one number for each variable."""
        x = as_float(x, "x")
        if x.ndim == 0 and len(self.variables) == 1:
            x = x[None]
        if x.shape[:1] != (len(self.variables),):
            raise ShapeError(
                f"x has shape {x.shape}, but {self.text!r} is a function of "
                f"{' and '.join(self.variables)}: give one number for each"
            )
        pile: list[Any] = []
        for instruction in self.program:
            if isinstance(instruction, Operation):
                operands = pile[-instruction.operands :]
                pile[-instruction.operands :] = [instruction.value(*operands)]
            else:
                pile.append(x[instruction] if isinstance(instruction, int) else instruction)
        return pile.pop()

    def __repr__(self) -> str:
        return f"<expression {self.text}>"


def expression(text: str) -> Expression:
    """The function that a formula stands for, such as "x0**2 + 3*x1" or "sin(x) * exp(-y^2)".

        formula   = sum
        sum       = product { ("+" | "-") product }
        product   = signed { ("*" | "/") signed }
        signed    = "-" signed | power
        power     = atom [ ("**" | "^") signed ]
        atom      = number | constant | variable | "(" sum ")" | function "(" sum { "," sum } ")"
        number    = 12, 0.5, .5, 1e-3, …
        constant  = "pi" | "e"
        variable  = "x0" | "x1", or for the same "x" | "y"
        function  = "sin" | "cos" | "tan" | "exp" | "log" | "sqrt" | "abs" | "tanh" | "sigmoid"
                  | "relu" | "maximum" | "minimum"

    The rules are Python's: -x**2 is -(x**2), and 2**3**2 is 2**9. Unlike in Python ^ is another
    way to write the power. maximum and minimum take two numbers, the other functions one.

    Raises FunctionError, with a ^ under the place, for anything else; for a part without variables
    that has no finite value, such as 1/0; and for more than 1000 characters or 50 levels.
    """
    if not isinstance(text, str):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise FunctionError(f"the formula is {shown(text)}: give text, such as 'x0**2 + x1**2'")
    return _Parser(text.translate(_PLAIN)).parse()


# --- what may stand in a formula ----------------------------------------------------------------

_ADD = Operation(jnp.add, 2, "{} + {}")
_SUBTRACT = Operation(jnp.subtract, 2, "{} - {}")
_MULTIPLY = Operation(jnp.multiply, 2, r"{} \cdot {}")
_DIVIDE = Operation(jnp.divide, 2, r"\frac{{{}}}{{{}}}")
_NEGATE = Operation(jnp.negative, 1, "-{}")


def _power(base: Any, exponent: Any) -> Any:
    # A whole exponent that is known is multiplied out: exact, and differentiable at 0 and below.
    if isinstance(exponent, float) and exponent.is_integer() and abs(exponent) <= 64:
        exponent = int(exponent)
    return jnp.power(base, exponent)


_POWER = Operation(_power, 2, "{}^{{{}}}")

_FUNCTIONS = {
    "sin": Operation(jnp.sin, 1, r"\sin({})"),
    "cos": Operation(jnp.cos, 1, r"\cos({})"),
    "tan": Operation(jnp.tan, 1, r"\tan({})"),
    "exp": Operation(jnp.exp, 1, r"\exp({})"),
    "log": Operation(jnp.log, 1, r"\ln({})"),
    "sqrt": Operation(jnp.sqrt, 1, r"\sqrt{{{}}}"),
    "abs": Operation(jnp.abs, 1, "|{}|"),
    "tanh": Operation(jnp.tanh, 1, r"\tanh({})"),
    "sigmoid": Operation(jax.nn.sigmoid, 1, r"\sigma({})"),
    "relu": Operation(jax.nn.relu, 1, r"\mathrm{{ReLU}}({})"),
    "maximum": Operation(jnp.maximum, 2, r"\max({}, {})"),
    "minimum": Operation(jnp.minimum, 2, r"\min({}, {})"),
}
# As a Japanese keyboard writes them, and as print does.
_PLAIN = {0xFF01 + k: 0x21 + k for k in range(94)} | {
    0x3000: " ",
    0x2212: "-",
    0xD7: "*",
    0xF7: "/",
}
_CONSTANTS = {"pi": (math.pi, r"\pi"), "e": (math.e, "e")}
VARIABLES = {"x0": 0, "x1": 1, "x": 0, "y": 1}
_LATEX = {"x0": "x_0", "x1": "x_1"}
_NAMES = (*VARIABLES, *_CONSTANTS, *_FUNCTIONS)


class _Infix(NamedTuple):
    """An operator between two operands, and how tightly it binds each of them."""

    operation: Operation
    left: int
    right: int


_SUM, _PRODUCT, _SIGN, _TIGHT, _ATOM, _BRACKETS = range(6)
_INFIX = {
    "+": _Infix(_ADD, _SUM, _PRODUCT),
    "-": _Infix(_SUBTRACT, _SUM, _PRODUCT),
    "*": _Infix(_MULTIPLY, _PRODUCT, _SIGN),
    "/": _Infix(_DIVIDE, _PRODUCT, _SIGN),
    "**": _Infix(_POWER, _TIGHT, _SIGN),
    "^": _Infix(_POWER, _TIGHT, _SIGN),
}

_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|(?P<name>[A-Za-z_]\w*)"
    r"|(?P<sign>\*\*|[-+*/^(),])|(?P<end>\Z))",
    re.ASCII,
)

# --- reading it ---------------------------------------------------------------------------------


class _Token(NamedTuple):
    kind: str  # "number", "name", "sign", "end", or "strange" for what no formula has
    text: str
    place: int


class _Part(NamedTuple):
    """A part of the formula that is read: its LaTeX, its outermost binding, its value if fixed."""

    latex: str
    binding: int
    value: float | None = None


class _Parser:
    """Reads a formula by precedence climbing, and writes its program."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.program: list[Instruction] = []
        self.parts: list[_Part] = []
        self.variables: dict[int, str] = {}
        self.depth = 0
        if len(text) > LONGEST:
            self.refuse(
                LONGEST,
                f"is longer than {LONGEST} characters: expected its end here",
                f"が {LONGEST} 文字を超えています。ここまでに終えてください",
            )
        self.token = self.read(0)

    def parse(self) -> Expression:
        """The whole formula."""
        self.operand(_SUM)
        if self.token.kind != "end":
            self.expected(
                Told("an operator (+ - * / ** ^) or the end", "演算子（+ - * / ** ^）か終わり")
            )
        if not self.variables:
            self.refuse(
                0,
                "has no variable: expected x0, x1, x or y somewhere",
                "に変数がありません。x0、x1、x、y のどれかを使ってください",
            )
        if 1 in self.variables:
            self.variables.setdefault(0, "x" if self.variables[1] == "y" else "x0")
        names = tuple(self.variables[index] for index in sorted(self.variables))
        return Expression(self.text, names, self.parts[0].latex, tuple(self.program))

    def operand(self, binding: int) -> None:
        """Reads what an operator that binds so tightly may have on its right."""
        self.depth += 1
        if self.depth > DEEPEST:
            self.refuse(
                self.token.place,
                f"is nested more than {DEEPEST} deep: expected less",
                f"の入れ子が {DEEPEST} 段を超えています。浅くしてください",
            )
        self.prefix()
        while (infix := _INFIX.get(self.token.text)) and infix.left >= binding:
            place = self.take().place
            self.operand(infix.right)
            self.write(infix.operation, infix.left, place)
        self.depth -= 1

    def prefix(self) -> None:
        """Reads a number, a name, a sign and its operand, or parentheses."""
        token = self.token
        if token.kind == "number":
            self.take()
            self.number(token)
        elif token.kind == "name":
            self.name(self.take())
        elif token.text == "-":
            self.take()
            self.operand(_SIGN)
            self.write(_NEGATE, _SIGN, token.place)
        elif token.text == "(":
            self.take()
            self.operand(_SUM)
            self.close()
        else:
            self.expected(
                Told("a number, a variable, a function, - or (", "数、変数、関数、-、( のどれか")
            )

    def number(self, token: _Token) -> None:
        digits, _, exponent = token.text.lower().partition("e")
        if exponent:
            latex = _Part(rf"{digits} \cdot 10^{{{int(exponent)}}}", _PRODUCT)
        else:
            latex = _Part(digits, _ATOM)
        self.constant(float(token.text), latex, token.place)

    def name(self, token: _Token) -> None:
        if token.text in VARIABLES:
            index = VARIABLES[token.text]
            self.variables.setdefault(index, token.text)
            self.program.append(index)
            self.parts.append(_Part(_LATEX.get(token.text, token.text), _ATOM))
        elif token.text in _CONSTANTS:
            value, latex = _CONSTANTS[token.text]
            self.constant(value, _Part(latex, _ATOM), token.place)
        elif token.text in _FUNCTIONS:
            self.call(token)
        else:
            nearest = get_close_matches(token.text, _NAMES, n=1, cutoff=0.5)
            hint = f" Did you mean {nearest[0]!r}?" if nearest else ""
            perhaps = f"{nearest[0]!r} ではありませんか。" if nearest else ""
            self.refuse(
                token.place,
                f"has the unknown name {_cut(token.text)!r}.{hint} Known: {', '.join(_NAMES)}.",
                f"に知らない名前 {_cut(token.text)!r} があります。{perhaps}"
                f"使える名前：{'、'.join(_NAMES)}",
            )

    def call(self, token: _Token) -> None:
        function = _FUNCTIONS[token.text]
        self.sign("(", Told(f"( after {token.text}", f"{token.text} の後の ("))
        for number in range(function.operands):
            if number:
                count = function.operands
                self.sign(
                    ",",
                    Told(
                        f"a comma, for {token.text} takes {count} numbers",
                        f"コンマ（{token.text} は {count} 個の数をとります）",
                    ),
                )
            self.operand(_SUM)
        self.close()
        self.write(function, _ATOM, token.place)

    def close(self) -> None:
        self.sign(")", Told(") or an operator (+ - * / ** ^)", ") か演算子（+ - * / ** ^）"))

    def sign(self, text: str, expected: Told) -> None:
        if self.token.text != text:
            self.expected(expected)
        self.take()

    def constant(self, value: float, part: _Part, place: int) -> None:
        self.finite(value, place)
        self.program.append(value)
        self.parts.append(part._replace(value=value))

    def write(self, operation: Operation, binding: int, place: int) -> None:
        """Writes an operation behind its operands; what has a fixed value is computed at once."""
        parts = self.parts[-operation.operands :]
        del self.parts[-operation.operands :]
        value = None
        if all(part.value is not None for part in parts):
            with float64():
                value = float(operation.value(*(part.value for part in parts)))
            self.finite(value, place)
            self.program[-operation.operands :] = [value]
        else:
            self.program.append(operation)
        self.parts.append(_Part(_latex(operation, parts, binding), binding, value))

    # --- tokens, and what is wrong with them

    def take(self) -> _Token:
        """The token at hand; the next one takes its place."""
        token = self.token
        self.token = self.read(token.place + len(token.text))
        return token

    def read(self, start: int) -> _Token:
        found = _TOKEN.match(self.text, start)
        if found is None:
            place = start + len(self.text[start:]) - len(self.text[start:].lstrip())
            return _Token("strange", self.text[place : place + 1], place)
        kind = str(found.lastgroup)
        return _Token(kind, found[kind], found.start(kind))

    def finite(self, value: float, place: int) -> None:
        if not math.isfinite(value):
            self.refuse(
                place,
                f"is {value} here: expected what can be computed as a finite number",
                f"がここで {value} になります。有限の数になるようにしてください",
            )

    def expected(self, what: Told) -> NoReturn:
        kind, text, place = self.token
        if kind == "strange":
            code = f" (U+{ord(text):04X})" if not text.isascii() or not text.isprintable() else ""
            found = Told(
                f"has {text!r}{code} at character {place + 1}, which no formula has",
                f"の {place + 1} 文字目に、式には使えない {text!r}{code} があります",
            )
        elif kind == "end":
            found = Told("ends too early", "が途中で終わっています")
        else:
            found = Told(
                f"has {_cut(text)!r} at character {place + 1}",
                f"の {place + 1} 文字目に {_cut(text)!r} があります",
            )
        if self.parts and (kind in ("number", "name") or text == "("):
            what = Told(f"{what}; a product has a *", f"{what.ja}（積には * が要ります）")
        self.refuse(place, f"{found}: expected {what}", f"{found.ja}。ここに来るもの：{what.ja}")

    def refuse(self, place: int, why: str, ja: str) -> NoReturn:
        picture = _picture(self.text, place)
        raise FunctionError(Told(f"the formula {why}\n{picture}", f"式{ja}\n{picture}"))


def _picture(text: str, place: int, around: int = 36) -> str:
    """The text near a place, and a ^ under it."""
    visible = "".join(c if c.isprintable() else " " for c in text)
    first, last = max(0, place - around), place + around
    before = ("…" if first else "") + visible[first:place]
    after = visible[place:last] + ("…" if last < len(visible) else "")
    columns = sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in before)
    return f"  {before}{after}\n  {' ' * columns}^"


def _cut(text: str, longest: int = 30) -> str:
    return text if len(text) <= longest else f"{text[:longest]}…"


# --- LaTeX --------------------------------------------------------------------------------------


def _latex(operation: Operation, parts: list[_Part], binding: int) -> str:
    """The operation in LaTeX, with those operands in parentheses that bind less tightly."""
    if binding == _ATOM or operation is _DIVIDE:
        return operation.latex.format(*(part.latex for part in parts))
    first, *rest = parts
    if operation is _POWER:
        return operation.latex.format(_within(first, _ATOM), rest[0].latex)
    if operation is _NEGATE:
        return operation.latex.format(_after_a_sign(first, _PRODUCT))
    tighter = binding if operation in (_ADD, _MULTIPLY) else binding + 1
    return operation.latex.format(_within(first, binding), _after_a_sign(rest[0], tighter))


def _after_a_sign(part: _Part, binding: int) -> str:
    return _within(part, _BRACKETS if part.latex.startswith("-") else binding)


def _within(part: _Part, binding: int) -> str:
    return part.latex if part.binding >= binding else rf"\left({part.latex}\right)"
