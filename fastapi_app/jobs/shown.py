"""Jobs and queues as clients know them: the members of `Event`, and more. Pure."""

from collections.abc import Iterable
from functools import cache
from typing import Any

from pydantic import BaseModel

from fastapi_app.jobs.event import event_of
from fastapi_app.jobs.health import Finding, Load, Overview
from fastapi_app.jobs.kinds import Kind
from fastapi_app.jobs.presence import Presence
from fastapi_app.jobs.rules import SUBMITTABLE
from fastapi_app.jobs.states import State
from fastapi_app.models import Job, now
from fastapi_app.responses import iso

_ABOUT_EVENTS = ("type", "v", "ts")
_MOVES = (
    "job_id", "seq", "state", "stage", "percent", "speed", "eta", "bytes_done", "bytes_total", "message", "attempts"
)  # fmt: skip


def job(row: Job) -> dict[str, Any]:
    """A job as lists show it."""
    told = event_of(row, now()).to_json()
    payload = row.payload if isinstance(row.payload, dict) else {}
    return {
        **{name: value for name, value in told.items() if name not in _ABOUT_EVENTS},
        "pause_requested": row.pause_requested,
        "video_id": payload.get("video_id"),
        "artist": payload.get("artist") or None,
        "due_at": iso(row.due_at),
        "created_at": iso(row.created_at),
        "started_at": iso(row.started_at),
        "finished_at": iso(row.finished_at),
        "updated_at": iso(row.updated_at),
    }


def full_job(row: Job) -> dict[str, Any]:
    """The same with what came of it, and the last lines of whoever knows why it failed."""
    answered = row.result if row.state == State.COMPLETED else None  # until then it holds the plan of an attempt
    return {**job(row), "result": answered, "error_log": row.error_log, "heartbeat_at": iso(row.heartbeat_at)}


def progress(row: Job) -> dict[str, Any]:
    """What moves while a job runs."""
    told = event_of(row, now()).to_json()
    return {name: told[name] for name in _MOVES}


def kind(one: Kind) -> dict[str, Any]:
    """A kind, and what a job of it is given, as a JSON schema."""
    return {
        "kind": one.name,
        "title": one.title,
        "queue": one.queue,
        "attempts": one.attempts,
        "deadline_seconds": one.deadline,
        "submittable": one.name in SUBMITTABLE,
        "options": _schema(one.payload),
    }


@cache
def _schema(payload: type[BaseModel]) -> dict[str, Any]:
    """Made once: it takes a millisecond for each kind."""
    return payload.model_json_schema()


def queue(load: Load) -> dict[str, Any]:
    pause = load.pause
    return {
        "queue": load.queue,
        "paused": pause is not None,
        "paused_at": iso(pause.since) if pause else None,
        "cause": pause.cause if pause else None,
        "reason": pause.reason if pause else None,
        "jobs": {state: load.jobs.get(state, 0) for state in State},
        "waiting": load.waiting,
        "oldest_waiting_seconds": load.oldest,
    }


def health(seen: Overview, found: Iterable[Finding]) -> dict[str, Any]:
    """What was seen, and what is wrong with it."""
    findings = [{"code": one.code, "message": one.message} for one in found]
    return {
        "status": "degraded" if findings else "healthy",
        "findings": findings,
        "redis": seen.link,
        "waiting": seen.waiting,
        "processes": [_process(one) for one in seen.processes],
        "queues": [{**queue(load), "tickets": load.tickets} for load in seen.loads],
    }


def _process(one: Presence) -> dict[str, Any]:
    return {
        "name": one.name,
        "role": one.role,
        "host": one.host,
        "queues": list(one.queues),
        "alive": one.alive,
        "seen_seconds_ago": round(one.age, 1),
    }
