"""Pure: the members of what was posted, read one by one. What can't be used is refused by the name of its field."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from migration_flags import Stage
from migration_flags.document import percent_fault
from router.comparison.mismatch import Kind
from router.console.errors import Unfit

MOST_KEYS = 500


def text(posted: Mapping[str, Any], name: str) -> str:
    """A text that is not empty."""
    value = posted.get(name)
    if not isinstance(value, str) or not value.strip():
        raise Unfit(name, "must be a text")
    return value.strip()


def switch(posted: Mapping[str, Any], name: str) -> bool:
    value = posted.get(name)
    if not isinstance(value, bool):
        raise Unfit(name, "must be true or false")
    return value


def keys(posted: Mapping[str, Any]) -> tuple[str, ...]:
    """The routes that are named, each once."""
    value = posted.get("keys")
    if not isinstance(value, list) or not all(isinstance(key, str) for key in value):
        raise Unfit("keys", "must be a list of routes")
    if not 1 <= len(value) <= MOST_KEYS:
        raise Unfit("keys", f"must name 1 to {MOST_KEYS} routes")
    return tuple(dict.fromkeys(value))


def stage(posted: Mapping[str, Any]) -> Stage:
    try:
        return Stage(str(posted.get("stage")))
    except ValueError:
        raise Unfit("stage", f"must be one of {', '.join(Stage)}") from None


def percent(posted: Mapping[str, Any], at: Stage | None = None) -> float | None:
    """A percentage, or None. ``at``: the stage that it is for; only canary takes one, and it must have one."""
    value = posted.get("percent")
    if value is None and at is Stage.CANARY:
        raise Unfit("percent", "must be given at the stage canary")
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Unfit("percent", "must be a number")
    if at not in {None, Stage.CANARY}:
        raise Unfit("percent", f"must be null at the stage {at}")
    why = percent_fault(value)
    if why is not None:
        raise Unfit("percent", why)
    return float(value)


def epoch(posted: Mapping[str, Any]) -> int:
    value = posted.get("epoch")
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise Unfit("epoch", "must be the number that state told")
    return value


def kind(posted: Mapping[str, Any]) -> Kind | None:
    """A class of differences; None is any."""
    value = posted.get("class")
    if value is None:
        return None
    try:
        return Kind(value)
    except ValueError:
        raise Unfit("class", f"must be null or one of {', '.join(Kind)}") from None


def day(posted: Mapping[str, Any], name: str) -> date:
    value = posted.get(name)
    try:
        if not isinstance(value, str) or len(value) != len("2026-01-31"):
            raise ValueError(value)
        return date.fromisoformat(value)
    except ValueError:
        raise Unfit(name, "must be a day, as in 2026-01-31") from None
