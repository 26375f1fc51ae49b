"""Which events of the audit trail are asked for. Pure; every refusal names the field."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from fastapi_app.models import AuditEvent
from legacy_flask.audit import Event, Outcome
from legacy_flask.dates import iso
from legacy_flask.errors import BadField
from legacy_flask.fields import optional_integer, optional_text, query_number

_PER_PAGE, _MOST_PER_PAGE = 50, 500
_LONGEST = 80
_DATE_LENGTH = 10


@dataclass(frozen=True)
class Wanted:
    """What is None does not narrow. `user` is an id or a name; `until` is the first moment no longer wanted."""

    event: str | None = None
    user: int | str | None = None
    outcome: str | None = None
    address: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    page: int = 1
    per_page: int = _PER_PAGE

    @property
    def offset(self) -> int:
        return (self.page - 1) * self.per_page

    def pages(self, total: int) -> int:
        return max(1, -(-total // self.per_page))


def read_wanted(query: Mapping[str, str]) -> Wanted:
    """Reads a query; empty values count as absent, because forms send them. Raises BadField."""
    given = {name: value.strip() for name, value in query.items() if value.strip()}
    event, outcome = given.get("event"), given.get("outcome")
    if event is not None and event not in set(Event):
        raise BadField("event", "the name of an event")
    user = _user(given.get("user"))
    if outcome is not None and outcome not in set(Outcome):
        raise BadField("outcome", "success or failure")
    return Wanted(
        event,
        user,
        outcome,
        optional_text(given.get("address"), "address", _LONGEST),
        _moment(given.get("from"), "from"),
        _moment(given.get("to"), "to", is_end=True),
        query_number(given.get("page", "1"), "page"),
        _size(given.get("per_page")),
    )


def shown(row: AuditEvent) -> dict[str, Any]:
    """One event as clients know it."""
    return {
        "id": row.id,
        "at": iso(row.at),
        "event": row.event,
        "outcome": row.outcome,
        "user_id": row.user_id,
        "username": row.username,
        "subject": row.subject,
        "ip_address": row.ip_address,
        "user_agent": row.user_agent,
        "request_id": row.request_id,
        "detail": row.detail,
    }


def _user(text: str | None) -> int | str | None:
    if text is not None and text.isascii() and text.isdigit() and len(text) <= _LONGEST:
        return optional_integer(text, "user")
    return optional_text(text, "user", _LONGEST)


def _size(text: str | None) -> int:
    size = _PER_PAGE if text is None else query_number(text, "per_page")
    if size > _MOST_PER_PAGE:
        raise BadField("per_page", f"at most {_MOST_PER_PAGE}")
    return size


def _moment(text: str | None, field: str, *, is_end: bool = False) -> datetime | None:
    """A date or a moment in ISO 8601, UTC where it does not say. A date that ends a span belongs to it whole."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
        naive = moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
        return naive + timedelta(days=1) if is_end and len(text) == _DATE_LENGTH else naive
    except (ValueError, OverflowError):
        raise BadField(field, "a date like 2026-01-31 or a moment like 2026-01-31T12:00:00") from None
