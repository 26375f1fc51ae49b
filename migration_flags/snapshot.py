"""The picture of all flags that readers share: immutable, and swapped whole."""

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

from migration_flags.flag import Flag


class Snapshot:
    """All flags at one epoch. The epoch grows by one with every transaction that changed something."""

    __slots__ = ("_flags", "epoch")

    epoch: int
    _flags: Mapping[str, Flag]

    def __init__(self, flags: Iterable[Flag] = (), epoch: int = 0) -> None:
        object.__setattr__(self, "_flags", MappingProxyType({flag.key: flag for flag in flags}))
        object.__setattr__(self, "epoch", epoch)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"A snapshot is immutable: {name} can't be set.")

    def get(self, key: str) -> Flag | None:
        return self._flags.get(key)

    def __contains__(self, key: object) -> bool:
        return key in self._flags

    def __iter__(self) -> Iterator[Flag]:
        return iter(self._flags.values())

    def __len__(self) -> int:
        return len(self._flags)

    def __repr__(self) -> str:
        return f"Snapshot(epoch={self.epoch}, flags={len(self)})"


EMPTY = Snapshot()
"""What a first boot without a readable store serves from: every route is legacy."""
