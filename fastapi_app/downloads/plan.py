"""What is about to be put into the library: noted before anything moves, so that whoever comes next can finish it."""

from dataclasses import asdict, dataclass, field
from typing import Any, Self


@dataclass(frozen=True)
class Plan:
    """A proven film in its job's folder, and where it goes.

    `film` and the keys of `extras` are names in that folder; the values of `extras` are what follows the stem of the
    film. `target` is a stored path; `replaces` the stored path of the film that goes once the row names the new one.
    `size` in bytes and `modified` in nanoseconds recognise the film wherever it is. `facts` are for its row.
    """

    film: str
    size: int
    modified: int
    target: str
    replaces: str | None = None
    extras: dict[str, str] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, told: dict[str, Any] | None) -> Self | None:
        """Reads what `to_json` wrote; None for nothing, and for what another version wrote."""
        names = cls.__dataclass_fields__
        try:
            return cls(**{name: told[name] for name in names}) if told else None
        except KeyError:
            return None
