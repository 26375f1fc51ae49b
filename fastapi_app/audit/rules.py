"""Which events of the audit trail are asked for. Pure; every refusal names the field."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from fastapi_app import fields
from fastapi_app.audit.events import Event
from fastapi_app.audit.record import Outcome
from fastapi_app.errors import BadField

PER_PAGE = 50
MOST_PER_PAGE = 500
LONGEST = 80
_DATE_LENGTH = 10
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Wanted:
    """Events of one kind, of one user, from one address, between two moments; what is None does not narrow.

    `user` is an id or a name. `until` is the first moment that is no longer wanted.
    """

    event: Event | None = None
    user: int | str | None = None
    outcome: Outcome | None = None
    address: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    page: int = 1
    per_page: int = PER_PAGE


def wanted(query: Mapping[str, str]) -> Wanted:
    """Reads a query; empty values count as absent, because forms send them. Raises BadField."""
    given = {name: value.strip() for name, value in query.items() if value.strip()}
    return Wanted(
        _event(given.get("event")),
        _user(given.get("user")),
        _outcome(given.get("outcome")),
        fields.text_or_none(given.get("address"), "address", LONGEST),
        _moment(given.get("from"), "from"),
        _moment(given.get("to"), "to", is_end=True),
        fields.query_integer(given.get("page", "1"), "page", least=1),
        _size(given.get("per_page")),
    )


def _event(text: str | None) -> Event | None:
    if text is not None and text not in set(Event):
        raise BadField("event", "the name of an event")
    return Event(text) if text else None


def _outcome(text: str | None) -> Outcome | None:
    if text is not None and text not in set(Outcome):
        raise BadField("outcome", "success or failure")
    return Outcome(text) if text else None


def _user(text: str | None) -> int | str | None:
    if text is not None and text.isascii() and text.isdigit() and len(text) <= LONGEST:
        return fields.in_range(int(text), "user")
    return fields.text_or_none(text, "user", LONGEST)


def _size(text: str | None) -> int:
    size = PER_PAGE if text is None else fields.query_integer(text, "per_page", least=1)
    if size > MOST_PER_PAGE:
        raise BadField("per_page", f"at most {MOST_PER_PAGE}")
    return size


def _moment(text: str | None, field: str, *, is_end: bool = False) -> datetime | None:
    """A date or a moment in ISO 8601, UTC where it does not say. A date that ends a span belongs to it whole."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
        naive = moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
        return naive + _DAY if is_end and len(text) == _DATE_LENGTH else naive
    except (ValueError, OverflowError):
        raise BadField(field, "a date like 2026-01-31 or a moment like 2026-01-31T12:00:00") from None
