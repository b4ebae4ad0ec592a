"""Sentences in English that know what they are in Japanese."""

from __future__ import annotations

from typing import Self


class Told(str):
    """A sentence, or a part of one, in English; `ja` is the same in Japanese.

    It is the English text wherever a str is expected. Neither language has the full stop.

    >>> told = Told("from 2.3 to 0.21", "2.3 から 0.21 に")
    >>> f"the loss went {told}", f"損失は {told.ja}なった"
    ('the loss went from 2.3 to 0.21', '損失は 2.3 から 0.21 になった')
    """

    __slots__ = ("ja",)

    ja: str

    def __new__(cls, en: str, ja: str) -> Self:
        told = super().__new__(cls, en)
        told.ja = ja
        return told

    def __reduce__(self) -> tuple[type[Self], tuple[str, str]]:
        return type(self), (str(self), self.ja)


NOTHING = Told("", "")


def in_japanese(text: str) -> str:
    """What was said in Japanese too, in Japanese; else as it is."""
    return text.ja if isinstance(text, Told) else text


def joined(*parts: Told) -> Told:
    """The sentences that say anything, one after the other."""
    said = [part for part in parts if part]
    return Told(". ".join(said), "。".join(part.ja for part in said))
