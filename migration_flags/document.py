"""Pure: flags as JSON documents, for stores and the audit, and back. What does not fit is told with its place."""

import json
import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from migration_flags.flag import JSON, Flag, Latch, Rule, Stage

T = TypeVar("T")


class DocumentInvalid(ValueError):
    """A document does not say what a flag needs. ``where`` is the member, as in ``flags["GET /a"].percent``."""

    def __init__(self, where: str, why: str) -> None:
        self.where = where
        super().__init__(f"{where} {why}")


def to_text(value: Any) -> str:
    """JSON, the same text for the same value. Raises ValueError for what JSON can't say."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def settings(flag: Flag) -> dict[str, JSON]:
    """Everything that a change of a flag can set."""
    return {"stage": flag.stage.value, "percent": flag.percent, **details(flag)}


def details(flag: Flag) -> dict[str, JSON]:
    """The settings without stage and percentage."""
    latch = flag.latch
    return {
        "mirror": flag.mirror,
        "group": flag.group,
        "rules": [{"kind": rule.kind, "value": rule.value, "modern": rule.modern} for rule in flag.rules],
        "requires": list(flag.requires),
        "latch": None if latch is None else latch_document(latch),
    }


def latch_document(latch: Latch) -> dict[str, JSON]:
    return {
        "trip": latch.trip,
        "at": latch.at,
        "stage": latch.stage.value,
        "percent": latch.percent,
        "probe_at": latch.probe_at,
        "evidence": dict(latch.evidence),
    }


def flag_document(flag: Flag) -> dict[str, JSON]:
    """The whole flag, without its key."""
    signed: dict[str, JSON] = {
        "reason": flag.reason,
        "updated_by": flag.updated_by,
        "updated_at": flag.updated_at,
        "epoch": flag.epoch,
    }
    return {**settings(flag), **signed}


def read_flag(key: str, document: Any, where: str) -> Flag:
    """The flag of a document; ``stage`` is all that it must have. Raises `DocumentInvalid`."""
    members = _members(document, where, _FLAG_MEMBERS)
    return Flag(
        key,
        stage=read_stage(members.get("stage"), f"{where}.stage"),
        percent=read_percent(members.get("percent"), f"{where}.percent"),
        mirror=read_percent(members.get("mirror"), f"{where}.mirror"),
        group=_read(members, "group", str, "", where),
        rules=tuple(_list(members, "rules", where, _rule)),
        requires=tuple(_list(members, "requires", where, _text)),
        latch=_latch(members.get("latch"), f"{where}.latch"),
        reason=_read(members, "reason", str, "", where),
        updated_by=_read(members, "updated_by", str, "", where),
        updated_at=_read(members, "updated_at", str, "", where),
        epoch=_read(members, "epoch", int, 0, where),
    )


def read_stage(value: Any, where: str) -> Stage:
    try:
        return Stage(value)
    except ValueError:
        raise DocumentInvalid(where, f"has the unknown stage {value!r}: {', '.join(Stage)}") from None


def read_percent(value: Any, where: str) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise DocumentInvalid(where, "must be a number")
    why = percent_fault(float(value))
    if why:
        raise DocumentInvalid(where, why)
    return float(value)


def percent_fault(percent: float) -> str | None:
    """What is wrong with a percentage, as the end of a sentence."""
    if not 0 <= percent <= 100:
        return "must be from 0 to 100"
    if not math.isclose(percent * 1000, round(percent * 1000), rel_tol=0, abs_tol=1e-6):
        return "must be in steps of 0.001"
    return None


def _latch(document: Any, where: str) -> Latch | None:
    if document is None:
        return None
    members = _members(document, where, ("trip", "at", "stage", "percent", "probe_at", "evidence"))
    return Latch(
        trip=_text(members.get("trip"), f"{where}.trip"),
        at=_text(members.get("at"), f"{where}.at"),
        stage=read_stage(members.get("stage"), f"{where}.stage"),
        percent=read_percent(members.get("percent"), f"{where}.percent"),
        probe_at=_read(members, "probe_at", str, "", where) or None,
        evidence=_read(members, "evidence", dict, {}, where),
    )


def _rule(document: Any, where: str) -> Rule:
    members = _members(document, where, ("kind", "value", "modern"))
    kind, modern = members.get("kind"), members.get("modern")
    if kind not in {"user", "role"}:
        raise DocumentInvalid(f"{where}.kind", "must be user or role")
    if not isinstance(modern, bool):
        raise DocumentInvalid(f"{where}.modern", "must be true or false")
    return Rule(kind, _text(members.get("value"), f"{where}.value"), modern)


_FLAG_MEMBERS = (
    "stage",
    "percent",
    "mirror",
    "group",
    "rules",
    "requires",
    "latch",
    "reason",
    "updated_by",
    "updated_at",
    "epoch",
)


def _members(document: Any, where: str, known: Iterable[str]) -> Mapping[str, Any]:
    if not isinstance(document, dict):
        raise DocumentInvalid(where, "must be an object")
    unknown = sorted(set(document) - set(known))
    if unknown:
        raise DocumentInvalid(f"{where}.{unknown[0]}", f"is not known here: {', '.join(known)}")
    return document


def _list(members: Mapping[str, Any], name: str, where: str, read: Callable[[Any, str], T]) -> list[T]:
    values = _read(members, name, list, [], where)
    return [read(value, f"{where}.{name}[{number}]") for number, value in enumerate(values)]


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str) or not value:
        raise DocumentInvalid(where, "must be a text")
    return value


def _read(members: Mapping[str, Any], name: str, kind: type[T], default: T, where: str) -> T:
    value = members.get(name)
    if value is None:
        return default
    if not isinstance(value, kind) or isinstance(value, bool):
        raise DocumentInvalid(f"{where}.{name}", f"must be {_NAMES[kind]}")
    return value


_NAMES: Mapping[type, str] = {str: "a text", int: "a whole number", list: "a list", dict: "an object"}
