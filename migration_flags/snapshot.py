"""The picture of all flags that readers share: immutable, and swapped whole."""

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

from migration_flags.flag import Flag


class Snapshot:
    """All flags at one epoch. The epoch grows by one with every transaction that changed something.

    ``killed`` is the switch that sends every route which legacy still has to legacy.
    """

    __slots__ = ("_flags", "epoch", "killed")

    epoch: int
    killed: bool
    _flags: Mapping[str, Flag]

    def __init__(self, flags: Iterable[Flag] = (), epoch: int = 0, killed: bool = False) -> None:
        object.__setattr__(self, "_flags", MappingProxyType({flag.key: flag for flag in flags}))
        object.__setattr__(self, "epoch", epoch)
        object.__setattr__(self, "killed", killed)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"A snapshot is immutable: {name} can't be set.")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Snapshot):
            return NotImplemented
        return (self.epoch, self.killed, self._flags) == (other.epoch, other.killed, other._flags)

    def __hash__(self) -> int:
        return hash((self.epoch, self.killed, len(self._flags)))

    def get(self, key: str) -> Flag | None:
        return self._flags.get(key)

    def __contains__(self, key: object) -> bool:
        return key in self._flags

    def __iter__(self) -> Iterator[Flag]:
        return iter(self._flags.values())

    def __len__(self) -> int:
        return len(self._flags)

    def __repr__(self) -> str:
        return f"Snapshot(epoch={self.epoch}, flags={len(self)}{', killed' if self.killed else ''})"


EMPTY = Snapshot()
"""What a first boot without a readable store serves from: every route is legacy."""
