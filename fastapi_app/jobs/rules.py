"""Reading what a client says about jobs. Pure; every refusal names the field."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel, ValidationError

from fastapi_app import fields
from fastapi_app.errors import BadField, BadRequest
from fastapi_app.jobs.kinds import Kind
from fastapi_app.jobs.states import TERMINAL, Queue, State
from fastapi_app.jobs.submission import NORMAL
from fastapi_app.models import INTEGER_MAX

SUBMITTABLE = ("download", "playlist-download", "info")
"""The kinds that a person may hand in; the others are handed in by the product itself."""

HIGHEST, LOWEST = 1, 10
MOST_LISTED, LISTED = 200, 50
MOST_CHANGES = 500
MOST_IDS = 1000
LONGEST_REASON = 500
_LARGEST_SEQUENCE = 2**63 - 1

_GROUPS: Mapping[str, frozenset[State]] = {"active": frozenset(State) - TERMINAL, "ended": TERMINAL}
_CURSOR = re.compile(r"(\d{4}-\d{2}-\d{2}T[0-9:.]+(?:Z|[+-]\d{2}:\d{2})?)(?:/(\d{1,10}))?", re.ASCII)
_SHOULD_BE = "Input should be "
_PLAIN_WORDS = {"missing": "given", "extra_forbidden": "left out: this kind has no such option"}


@dataclass(frozen=True)
class Wanted:
    """Which jobs a listing shows, the newest first. `before` is the id above which none is shown."""

    states: frozenset[State] | None = None
    kind: str | None = None
    queue: Queue | None = None
    mine: bool = False
    limit: int = LISTED
    before: int | None = None


@dataclass(frozen=True)
class Wish:
    """A job as it is asked for. `options` are the members beside kind and priority, not yet looked at."""

    kind: str
    priority: int
    options: dict[str, Any]


@dataclass(frozen=True)
class Cursor:
    """How far somebody has heard of changes: all before `moment` (naive UTC), and in it up to the job `after`."""

    moment: datetime
    after: int = 0

    def __str__(self) -> str:
        told = self.moment.isoformat(timespec="seconds")
        return f"{told}/{self.after}" if self.after else told


def members(body: Any) -> dict[str, Any]:
    """The members of a JSON body. Raises BadRequest for anything but an object."""
    if not isinstance(body, dict):
        raise BadRequest("The body must be a JSON object")
    return body


def wanted(query: Mapping[str, str], kinds: Iterable[str]) -> Wanted:
    """Raises BadField."""
    limit = fields.query_integer(query.get("limit", str(LISTED)), "limit", least=1)
    if limit > MOST_LISTED:
        raise BadField("limit", f"at most {MOST_LISTED}")
    before = query.get("before")
    return Wanted(
        states(query.get("state", "")),
        _one_of(query.get("kind", ""), "kind", kinds),
        queue(query["queue"]) if query.get("queue") else None,
        _flag(query.get("mine", ""), "mine"),
        limit,
        fields.query_integer(before, "before", least=1) if before else None,
    )


def states(text: str) -> frozenset[State] | None:
    """States separated by commas; `active` and `ended` stand for several. None for an empty text. Raises BadField."""
    if not text:
        return None
    found: set[State] = set()
    for word in text.split(","):
        if word in _GROUPS:
            found |= _GROUPS[word]
        elif word in State.__members__.values():
            found.add(State(word))
        else:
            raise BadField("state", f"some of {', '.join([*State, *_GROUPS])}, separated by commas")
    return frozenset(found)


def ended_states(text: str) -> frozenset[State]:
    """The same for what a history holds: everything ended, where nothing is said. Raises BadField."""
    found = states(text) or TERMINAL
    if not found <= TERMINAL:
        raise BadField("state", f"some of {', '.join(sorted(TERMINAL))}, separated by commas")
    return found


def queue(text: str) -> Queue:
    """Raises BadField."""
    return Queue(_one_of(text, "queue", Queue) or "")


def since(text: str) -> Cursor | None:
    """A cursor that an answer gave, or a moment; None for an empty text. Raises BadField."""
    if not text:
        return None
    match = _CURSOR.fullmatch(text)
    try:
        if match is None:
            raise ValueError(text)
        moment = datetime.fromisoformat(match[1])
        plain = moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
    except (ValueError, OverflowError):
        raise BadField("since", "a cursor from an earlier answer, or a moment like 2026-11-21T21:36:21Z") from None
    return Cursor(plain.replace(microsecond=0), min(int(match[2] or 0), INTEGER_MAX))


def sequence(text: str) -> int | None:
    """The `seq` that a client has seen last. Raises BadField."""
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and int(text[:20]) <= _LARGEST_SEQUENCE and len(text) < 20):
        raise BadField("since", "the seq of an earlier answer")
    return int(text)


def wish(body: Any) -> Wish:
    """What is asked for with `POST /api/jobs`. Raises BadRequest or BadField."""
    values = dict(members(body))
    kind = values.pop("kind", None)
    if kind not in SUBMITTABLE:
        raise BadField("kind", f"one of {', '.join(SUBMITTABLE)}")
    importance = priority(values.pop("priority", NORMAL))
    for name, value in values.items():
        fields.storable(value, fields.plain(name, "a member's name"))
    return Wish(kind, importance, values)


def priority(value: Any) -> int:
    """Raises BadField."""
    return _whole(value, "priority", HIGHEST, LOWEST)


def payload(kind: Kind, options: Mapping[str, Any]) -> BaseModel:
    """The options as the kind takes them. Raises BadField, or BadRequest beginning with the field's name."""
    if "video_id" in options and options["video_id"] is not None:
        _whole(options["video_id"], "video_id", 1, INTEGER_MAX)
    try:
        return kind.payload.model_validate(dict(options))
    except ValidationError as error:
        raise _refusal(error) from None


def job_ids(body: Any) -> list[int]:
    """The ids of a new order, each once. Raises BadField."""
    value = members(body).get("job_ids")
    if not isinstance(value, list) or not 1 <= len(value) <= MOST_IDS:
        raise BadField("job_ids", f"a list of 1 to {MOST_IDS} ids")
    found = [_whole(one, "job_ids", 1, INTEGER_MAX) for one in value]
    if len(set(found)) < len(found):
        raise BadField("job_ids", "a list that names no job twice")
    return found


def reason(body: Any) -> str:
    """Why a queue is paused; the empty text where nothing is said. Raises BadField."""
    value = members(body).get("reason")
    if value is None:
        return ""
    if not isinstance(value, str):
        raise BadField("reason", "text")
    return fields.text(value, "reason", LONGEST_REASON).strip()


def _whole(value: Any, field: str, least: int, most: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise BadField(field, f"a whole number between {least} and {most}")
    return value


def _one_of(text: str, field: str, known: Iterable[str]) -> str | None:
    if not text:
        return None
    names = list(known)
    if text not in names:
        raise BadField(field, f"one of {', '.join(names)}")
    return text


def _flag(text: str, field: str) -> bool:
    if text not in ("", "true", "false", "1", "0"):
        raise BadField(field, "true or false")
    return text in ("true", "1")


def _refusal(error: ValidationError) -> BadRequest:
    """The first of the errors, without what was given: that may be a secret in an address."""
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    field = str(first["loc"][0]) if first["loc"] else "The body"
    if first["type"] in _PLAIN_WORDS:
        return BadField(field, _PLAIN_WORDS[first["type"]])
    if first["msg"].startswith(_SHOULD_BE):
        return BadField(field, first["msg"].removeprefix(_SHOULD_BE))
    return BadRequest(f"{field}: {first['msg'].removeprefix('Value error, ')}")
