"""What a client asks for on `/ws/jobs`. Pure."""

import json
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from fastapi_app.models import INTEGER_MAX

MOST_RESUMED = 1_000
_SEQUENCE_MAX = 2**63 - 1


class Kind(StrEnum):
    """The types of messages that are understood."""

    SUBSCRIBE_JOB = "subscribe_job"
    UNSUBSCRIBE_JOB = "unsubscribe_job"
    SUBSCRIBE_ALL = "subscribe_all"
    UNSUBSCRIBE_ALL = "unsubscribe_all"
    GET_ACTIVE_JOBS = "get_active_jobs"
    RESUME = "resume"
    PING = "ping"
    PONG = "pong"


@dataclass(frozen=True)
class Wish:
    """One message. `jobs` of a resume: the last sequence seen, by job."""

    kind: Kind
    job_id: int = 0
    jobs: dict[int, int] = field(default_factory=dict)


class NotUnderstood(Exception):
    """The message can't be followed; `code` is for programs, the text for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def read(text: str) -> Wish:
    """Raises NotUnderstood."""
    told = _object(text)
    try:
        kind = Kind(str(told.get("type")))
    except ValueError:
        raise NotUnderstood("unknown-type", f"type must be one of {', '.join(Kind)}") from None
    if kind in {Kind.SUBSCRIBE_JOB, Kind.UNSUBSCRIBE_JOB}:
        return Wish(kind, job_id=job_id(told))
    if kind is Kind.RESUME:
        return Wish(kind, jobs=_sequences(told.get("jobs")))
    return Wish(kind)


def job_id(told: Any) -> int:
    """The job that an object names. Raises NotUnderstood."""
    found = told.get("job_id") if isinstance(told, dict) else None
    number = _number(found)
    if number is None or not 0 < number <= INTEGER_MAX:
        raise NotUnderstood("bad-field", "job_id must be the number of a job")
    return number


def _object(text: str) -> dict[str, Any]:
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):  # the latter from brackets without end
        told = None
    if not isinstance(told, dict):
        raise NotUnderstood("bad-json", "Send one JSON object with a type")
    return told


def _sequences(told: Any) -> dict[int, int]:
    if not isinstance(told, dict) or len(told) > MOST_RESUMED:
        raise NotUnderstood("bad-field", f"jobs must be an object of at most {MOST_RESUMED} jobs and their seq")
    found = {_number(name): _number(seq) for name, seq in told.items()}
    read = {name: seq for name, seq in found.items() if name is not None and seq is not None}
    ids_fit = all(0 < name <= INTEGER_MAX for name in read)
    if len(read) != len(told) or not ids_fit or not all(0 <= seq <= _SEQUENCE_MAX for seq in read.values()):
        raise NotUnderstood("bad-field", "jobs must map numbers of jobs to the last seq seen")
    return read


def _number(value: Any) -> int | None:
    """Whole numbers, also as text: older clients send ids as they found them in the page."""
    if isinstance(value, str):
        return int(value) if value.isascii() and value.isdecimal() and len(value) < 20 else None
    return value if type(value) is int else None
