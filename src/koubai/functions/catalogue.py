"""A catalogue: records of one kind, found by name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Protocol, TypeVar

from koubai.errors import unknown_name


class Named(Protocol):
    """A record with a name."""

    @property
    def name(self) -> str:
        """The name by which it is found."""
        ...


Record = TypeVar("Record", bound=Named)


class Catalogue(Mapping[str, Record]):
    """Records by name: `activations["relu"]`, `activations.relu`, `list(activations)`.

    Raises UnknownNameError, with the nearest known name, for a name that is not there.
    """

    def __init__(self, kind: str, records: Iterable[Record]) -> None:
        self.kind = kind
        self._records = {record.name: record for record in records}

    def __getitem__(self, name: str) -> Record:
        if name not in self._records:
            raise unknown_name(self.kind, name, self._records)
        return self._records[name]

    def __getattr__(self, name: str) -> Record:
        # An AttributeError keeps hasattr(), copy and pickle working as Python expects.
        try:
            return self.__dict__["_records"][name]
        except KeyError:
            raise AttributeError(f"no {self.__dict__.get('kind')} {name!r}") from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._records)

    def __len__(self) -> int:
        return len(self._records)

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self._records]

    def __repr__(self) -> str:
        plural = f"{self.kind}{'es' if self.kind.endswith('s') else 's'}"
        return f"<{len(self)} {plural}: {', '.join(self)}>"
