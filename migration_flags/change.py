"""Pure: one route's change, and what makes it impossible whatever the flags are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum
from typing import Final

from migration_flags.audit import KILL_SWITCH
from migration_flags.document import percent_fault, to_text
from migration_flags.errors import (
    ActorMissing,
    EvidenceRefused,
    KeyRefused,
    LatchRefused,
    PercentRefused,
    ReasonMissing,
    RetiredRefused,
    RuleRefused,
    TextRefused,
    TextTooLong,
)
from migration_flags.flag import JSON, Flag, Latch, Rule, Stage

KEY_LENGTH = 700
"""Characters in a key: what an indexed utf8mb4 column can hold."""
ACTOR_LENGTH = 255
REASON_LENGTH = 10_000
NAME_LENGTH = 255
"""Characters in a group, a user and a role."""
LIST_LENGTH = 500
"""Rules, and required keys, of one flag."""
EVIDENCE_LENGTH = 100_000
"""Characters of evidence as JSON."""


class Keep(Enum):
    """What a change says of a setting that it leaves alone."""

    KEEP = "keep"


KEEP: Final = Keep.KEEP


@dataclass(frozen=True, slots=True)
class Change:
    """One route, and the settings that it shall have. What is `KEEP` stays as it is.

    A latch is lifted by any change that does not carry one. ``unretire`` allows a retired route to become modern.
    """

    key: str
    stage: Stage
    percent: float | None = None
    mirror: float | Keep | None = field(default=KEEP, kw_only=True)
    group: str | Keep = field(default=KEEP, kw_only=True)
    rules: tuple[Rule, ...] | Keep = field(default=KEEP, kw_only=True)
    requires: tuple[str, ...] | Keep = field(default=KEEP, kw_only=True)
    latch: Latch | None = field(default=None, kw_only=True)
    unretire: bool = field(default=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Signature:
    """Who changes flags, why, when (aware), whether evidence was demanded, and which there was."""

    actor: str
    reason: str
    at: datetime
    gated: bool = False
    evidence: Mapping[str, JSON] | None = field(default=None, hash=False)


def settled(change: Change, before: Flag | None) -> Flag:
    """The flag as the change leaves it, without signature and epoch."""
    flag = replace(before or Flag(change.key, change.stage), stage=change.stage, latch=change.latch)
    percent = None if change.percent is None else float(change.percent)
    flag = replace(flag, percent=percent)
    if change.mirror is not Keep.KEEP:
        flag = replace(flag, mirror=None if change.mirror is None else float(change.mirror))
    if change.group is not Keep.KEEP:
        flag = replace(flag, group=change.group)
    if change.rules is not Keep.KEEP:
        flag = replace(flag, rules=tuple(change.rules))
    if change.requires is not Keep.KEEP:
        flag = replace(flag, requires=tuple(dict.fromkeys(change.requires)))
    return flag


def as_change(flag: Flag) -> Change:
    """The change that gives a route all settings of a flag."""
    return Change(
        flag.key,
        flag.stage,
        flag.percent,
        mirror=flag.mirror,
        group=flag.group,
        rules=flag.rules,
        requires=flag.requires,
        latch=flag.latch,
    )


def check(changes: Sequence[Change], actor: str, reason: str, evidence: Mapping[str, JSON] | None = None) -> None:
    """Raises the `ChangeRefused` that fits, if any. Stores call it before they touch anything."""
    check_signature(actor, reason)
    if evidence is not None:
        check_evidence(evidence)
    seen: set[str] = set()
    for change in changes:
        if change.key in seen:
            raise KeyRefused(change.key, "is named twice in one change")
        seen.add(change.key)
        _check_change(change)


def check_signature(actor: str, reason: str) -> None:
    if not actor.strip():
        raise ActorMissing
    if not reason.strip():
        raise ReasonMissing
    _check_text("actor", actor, ACTOR_LENGTH)
    _check_text("reason", reason, REASON_LENGTH)


def check_evidence(evidence: Mapping[str, JSON]) -> None:
    try:
        text = to_text(dict(evidence))
        text.encode()
    except (TypeError, ValueError) as error:
        raise EvidenceRefused("is not JSON") from error
    if len(text) > EVIDENCE_LENGTH:
        raise EvidenceRefused(f"must have at most {EVIDENCE_LENGTH} characters as JSON")


def check_key(key: str) -> None:
    if not key or len(key) > KEY_LENGTH:
        raise KeyRefused(key[:80], f"must have 1 to {KEY_LENGTH} characters")
    if key != key.strip():
        raise KeyRefused(key, "must not begin or end with a space")
    if key == KILL_SWITCH:
        raise KeyRefused(key, "is the name of the switch")
    _check_text("key", key, KEY_LENGTH)


def _check_change(change: Change) -> None:
    check_key(change.key)
    _check_percent(change)
    if change.group is not Keep.KEEP:
        _check_text("group", change.group, NAME_LENGTH)
    if change.rules is not Keep.KEEP:
        _check_rules(change.key, change.rules)
    if change.requires is not Keep.KEEP:
        _check_requires(change.key, change.requires)
    if change.latch is not None:
        _check_latch(change, change.latch)
    if change.unretire and change.stage is not Stage.MODERN:
        raise RetiredRefused(change.key, f"can be taken out of retirement to modern, not to {change.stage}")


def _check_percent(change: Change) -> None:
    if change.stage is Stage.CANARY and change.percent is None:
        raise PercentRefused(change.key, "the stage canary needs a percentage")
    if change.stage is not Stage.CANARY and change.percent is not None:
        raise PercentRefused(change.key, f"the stage {change.stage} takes no percentage")
    mirror = None if change.mirror is Keep.KEEP else change.mirror
    for what, percent in (("percentage", change.percent), ("mirror", mirror)):
        why = None if percent is None else percent_fault(percent)
        if why:
            raise PercentRefused(change.key, f"the {what} {why}, not {percent}")


def _check_rules(key: str, rules: tuple[Rule, ...]) -> None:
    if len(rules) > LIST_LENGTH:
        raise RuleRefused(key, f"at most {LIST_LENGTH} rules")
    named: set[tuple[str, str]] = set()
    for rule in rules:
        if rule.kind not in {"user", "role"} or not rule.value.strip():
            raise RuleRefused(key, f"a rule names a user or a role, not {rule.kind} {rule.value!r}")
        _check_text(rule.kind, rule.value, NAME_LENGTH)
        if (rule.kind, rule.value) in named:
            raise RuleRefused(key, f"two rules for the {rule.kind} {rule.value!r}")
        named.add((rule.kind, rule.value))


def _check_requires(key: str, requires: tuple[str, ...]) -> None:
    if len(requires) > LIST_LENGTH:
        raise KeyRefused(key, f"requires more than {LIST_LENGTH} routes")
    for required in requires:
        check_key(required)


def _check_latch(change: Change, latch: Latch) -> None:
    if change.stage not in {Stage.LEGACY, Stage.SHADOW}:
        raise LatchRefused(change.key, change.stage)
    _check_text("trip", latch.trip, NAME_LENGTH)
    check_evidence(latch.evidence)


def _check_text(what: str, text: str, limit: int) -> None:
    if len(text) > limit:
        raise TextTooLong(what, limit)
    if "\0" in text or not _encodable(text):
        raise TextRefused(what, "has characters that can't be kept")


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
