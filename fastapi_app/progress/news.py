"""One event on its way to sockets, in the bytes that all of them get."""

import json
from datetime import UTC, datetime
from enum import StrEnum
from functools import cached_property
from typing import Any

from fastapi_app.jobs.event import Event
from fastapi_app.jobs.states import State
from fastapi_app.progress.ledger import Mark

_ENCODER = json.JSONEncoder(separators=(",", ":"), ensure_ascii=True)


class EventType(StrEnum):
    """What an event tells beside how the job is now."""

    PROGRESS = "progress"
    STATUS_CHANGE = "status_change"
    COMPLETED = "completed"
    FAILED = "failed"


def event_type(event: Event, known: Mark | None) -> EventType:
    """What changed since `known`, the mark before this event."""
    if event.state == State.COMPLETED:
        return EventType.COMPLETED
    if event.state == State.FAILED:
        return EventType.FAILED
    is_same = known is not None and known.state == event.state == State.RUNNING
    return EventType.PROGRESS if is_same else EventType.STATUS_CHANGE


class News:
    """An event and its texts, each written once however many sockets get it."""

    def __init__(self, event: Event, kind: EventType) -> None:
        self.event = event
        self.kind = kind

    @property
    def is_progress(self) -> bool:
        """Whether later news of the job makes this one worthless."""
        return self.kind is EventType.PROGRESS

    @cached_property
    def body(self) -> dict[str, Any]:
        event = self.event
        return {
            "job_id": event.job_id,
            "event_type": self.kind.value,
            "data": event.to_json(),
            "timestamp": event.ts,
        }

    @cached_property
    def message(self) -> str:
        """The text frame of `/ws/jobs`."""
        return encoded({"type": "job_update", **self.body})

    @cached_property
    def packet(self) -> str:
        """The packet of Socket.IO: an event (2) of the root namespace."""
        return "2" + encoded(["job_update", self.body])


def encoded(value: Any) -> str:
    """Compact JSON in ASCII."""
    return _ENCODER.encode(value)


def timestamp(moment: datetime | None = None) -> str:
    """A moment in UTC as messages carry it; now, where none is given."""
    at = datetime.now(UTC) if moment is None else moment
    return at.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"
