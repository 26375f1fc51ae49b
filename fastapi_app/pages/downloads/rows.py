"""A job as the downloads page shows it. Pure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fastapi_app.jobs.states import State
from fastapi_app.models import Job
from fastapi_app.pages.downloads import figures
from fastapi_app.pages.downloads.groups import WORDS, Group, group_of

LOG_LINES = 20
UNTITLED = "Untitled"


@dataclass(frozen=True)
class Row:
    """One row. Texts are empty where nothing is known; `percent` None leaves the bar without an end."""

    id: int
    group: Group
    state: State
    title: str
    artist: str = ""
    percent: float | None = None
    percent_text: str = ""
    size: str = ""
    speed: str = ""
    left: str = ""
    stage: str = ""
    attempts: str = ""
    priority: int = 5
    reason: str = ""
    log: str = ""
    ended: datetime | None = None
    ending: bool = False

    @property
    def word(self) -> str:
        return WORDS[self.state]


def row(job: Job) -> Row:
    """What a job looks like."""
    payload = job.payload if isinstance(job.payload, dict) else {}
    state = State(job.state)
    return Row(
        id=job.id,
        group=group_of(state),
        state=state,
        title=title(payload, job.subject),
        artist=_text(payload.get("artist")),
        percent=job.percent,
        percent_text=figures.percent(job.percent),
        size=figures.progress(job.bytes_done, job.bytes_total),
        speed=figures.speed(job.speed),
        left=figures.left(job.eta),
        stage=job.stage or "",
        attempts=figures.attempts(job.attempts, job.attempt_limit),
        priority=job.priority,
        reason=reason(state, job.error_message, job.message),
        log=last_lines(job.error_log),
        ended=job.finished_at,
        ending=state is State.RUNNING and job.cancel_requested,
    )


def blank(group: Group, state: State) -> Row:
    """What a browser copies to show a job that came later."""
    return Row(id=0, group=group, state=state, title="")


def title(payload: dict[str, Any], subject: str) -> str:
    """What a job is called; without a title its subject, unless that is a hash."""
    return _text(payload.get("title")) or (UNTITLED if subject.startswith(("url ", "search ")) else subject)


def reason(state: State, error: str | None, message: str | None) -> str:
    """Why a job failed, or isn't running; what it says of itself while it runs."""
    if state in (State.FAILED, State.RETRYING):
        return error or ""
    return message or ""


def last_lines(log: str | None) -> str:
    return "\n".join((log or "").strip().splitlines()[-LOG_LINES:])


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
