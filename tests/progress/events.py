"""Events and news for tests."""

from typing import Any

from fastapi_app.jobs.event import Event
from fastapi_app.progress.news import EventType, News

_TS = "2026-01-02T03:04:05.000Z"


def an_event(job_id: int = 7, seq: int = 1, state: str = "running", **members: Any) -> Event:
    """A job of nobody's under way, unless told otherwise."""
    told = dict.fromkeys(Event.__dataclass_fields__)
    told |= {"job_id": job_id, "seq": seq, "kind": "download", "subject": f"video {job_id}", "queue": "downloads"}
    told |= {"state": state, "priority": 5, "attempts": 1, "attempt_limit": 3, "cancel_requested": False}
    told |= {"executor": "celery", "ts": _TS, "type": "job_update", "v": 1, **members}
    return Event.from_json(told)


def progress(job_id: int = 7, seq: int = 1, **members: Any) -> News:
    return News(an_event(job_id, seq, **members), EventType.PROGRESS)


def change(job_id: int = 7, seq: int = 1, state: str = "running", **members: Any) -> News:
    return News(an_event(job_id, seq, state, **members), EventType.STATUS_CHANGE)


def end(job_id: int = 7, seq: int = 1, state: str = "completed", **members: Any) -> News:
    kind = {"completed": EventType.COMPLETED, "failed": EventType.FAILED}.get(state, EventType.STATUS_CHANGE)
    return News(an_event(job_id, seq, state, **members), kind)
