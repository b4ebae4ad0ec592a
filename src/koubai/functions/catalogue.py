"""A catalogue: records of one kind, found by name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Protocol, TypeVar, cast

from koubai.errors import UnknownAttributeError, UnknownNameError, unknown_name
from koubai.functions.arguments import shown


class Named(Protocol):
    """A record with a name."""

    @property
    def name(self) -> str:
        """The name by which it is found."""
        ...


Record = TypeVar("Record", bound=Named)


class Catalogue(Mapping[str, Record]):
    """Records by name: `activations["relu"]`, `activations.relu`, `list(activations)`.

    `own` says how to make a record of one's own. Raises UnknownNameError, with the nearest known
    name, for a name that is not there.
    """

    def __init__(self, kind: str, records: Iterable[Record], own: str = "") -> None:
        self.kind = kind
        self._own = own
        self._records = {record.name: record for record in records}

    def __getitem__(self, name: str) -> Record:
        if not isinstance(name, str):  # pyright: ignore[reportUnnecessaryIsInstance]
            own = f"; or give {self._own}" if self._own else ""
            raise UnknownNameError(
                f"unknown {self.kind} {shown(name)}. Known: {', '.join(self)}{own}."
            )
        if name not in self._records:
            raise unknown_name(self.kind, name, self._records)
        return self._records[name]

    def find(self, choice: str | Record) -> Record:
        """The record of that name; a record is its own."""
        kind = type(next(iter(self._records.values())))
        return choice if isinstance(choice, kind) else self[cast("str", choice)]

    def __getattr__(self, name: str) -> Record:
        records = self.__dict__.get("_records", {})  # there is none yet while it is copied
        if name in records:
            return records[name]
        if name.startswith("__"):  # Python's own question, asked of every object
            raise AttributeError(name)
        raise UnknownAttributeError(str(unknown_name(self.kind, name, records)))

    def __iter__(self) -> Iterator[str]:
        return iter(self._records)

    def __len__(self) -> int:
        return len(self._records)

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self._records]

    def __repr__(self) -> str:
        plural = f"{self.kind}{'es' if self.kind.endswith('s') else 's'}"
        return f"<{len(self)} {plural}: {', '.join(self)}>"
