"""Reading what a client wants of many artists. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi_app import fields
from fastapi_app.artists.ids import artist_ids, members
from fastapi_app.artists.rules import keywords
from fastapi_app.errors import BadField
from fastapi_app.transaction import Record


@dataclass(frozen=True)
class Edit:
    """The same new values for many artists. Ids that no artist has are left out."""

    ids: tuple[int, ...]
    changes: Mapping[str, Any]

    def changes_row(self, row: Record) -> bool:
        return any(getattr(row, column) != value for column, value in self.changes.items())


def edit(body: Any) -> Edit:
    """Raises BadRequest. Members of `updates` that are not known are ignored."""
    given = members(body, ("artist_ids", "updates"))
    ids, updates = artist_ids(given["artist_ids"], "artist_ids"), given["updates"]
    if not isinstance(updates, dict):
        raise BadField("updates", "an object")
    changes = {name: read(updates[name], name) for name, read in _CHANGES.items() if name in updates}
    return Edit(_known(ids), changes)


def doomed(body: Any) -> tuple[int, ...]:
    """The ids of the artists to delete. Raises BadRequest."""
    return _known(artist_ids(members(body, ("artist_ids",))["artist_ids"], "artist_ids"))


def _known(ids: list[int | None]) -> tuple[int, ...]:
    return tuple(sorted({row_id for row_id in ids if row_id is not None}))


def _flag(value: Any, field: str) -> bool | None:
    return None if value is None else fields.boolean(value, field, default=False)


def _keywords(value: Any, _field: str) -> list[Any] | None:
    return keywords(value)


_CHANGES: dict[str, Callable[[Any, str], Any]] = {
    "monitored": _flag,
    "auto_download": _flag,
    "keywords": _keywords,
}
