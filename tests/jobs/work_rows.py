"""Rows of jobs, and a messenger that remembers what it was told."""

from typing import Any

from fastapi_app.jobs.dispatch import Dispatch
from fastapi_app.jobs.event import Event
from fastapi_app.jobs.states import TERMINAL, Queue, State
from fastapi_app.jobs.submission import active_key
from fastapi_app.models import Job
from tests.fastapi_app.library import CREATED


def job(row_id: int = 1, state: State = State.QUEUED, **columns: Any) -> Job:
    """A download of the video of the same number, nobody's."""
    kind, subject = columns.get("kind", "download"), columns.get("subject", f"video {row_id}")
    ended = state in TERMINAL
    given = {
        "id": row_id,
        "kind": kind,
        "subject": subject,
        "active_key": None if ended else active_key(kind, subject),
        "queue": Queue.DOWNLOADS,
        "state": state,
        "position": row_id,
        "payload": {"video_id": row_id, "title": f"Glass Harbor {row_id}", "artist": "Nova Kestrel"},
        "due_at": CREATED,
        "created_at": CREATED,
        "updated_at": CREATED,
        "finished_at": CREATED if ended else None,
    }
    return Job(**{**given, **columns})


class Recording(Dispatch):
    """A dispatch that publishes nothing and keeps everything, in order."""

    def __init__(self, order: list[str] | None = None) -> None:
        super().__init__("")
        self.order: list[str] = [] if order is None else order
        self.events: list[Event] = []

    def soon(self, queue: Queue) -> None:
        self.order.append(f"ticket {queue}")

    def tell(self, event: Event) -> None:
        self.order.append(f"event {event.job_id} {event.state}")
        self.events.append(event)
