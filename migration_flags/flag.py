"""A flag: how far one route has moved, and for whom."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal, TypeAlias

JSON: TypeAlias = "bool | int | float | str | Sequence[JSON] | Mapping[str, JSON] | None"
RuleKind = Literal["user", "role"]


class Stage(StrEnum):
    """How far a route has moved, in order."""

    LEGACY = "legacy"
    SHADOW = "shadow"
    CANARY = "canary"
    MODERN = "modern"
    RETIRED = "retired"

    @property
    def rank(self) -> int:
        """The place in that order, from 0."""
        return _RANKS[self]


_RANKS = {stage: rank for rank, stage in enumerate(Stage)}

SERVED_STAGES: tuple[Stage, ...] = tuple(Stage)
"""The stages that may be set."""

MIRROR_AT_SHADOW = 10.0
"""Percentage of requests that shadow copies where the flag does not say."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One user, or everybody with a role, gets modern (True) or legacy (False), whatever the percentage."""

    kind: RuleKind
    value: str
    modern: bool


@dataclass(frozen=True, slots=True)
class Latch:
    """The route rolled itself back from ``stage`` at ``percent``, because of ``trip``.

    ``probe_at`` is when one automatic attempt may be made; None: a human must decide. Times are UTC in ISO 8601.
    """

    trip: str
    at: str
    stage: Stage
    percent: float | None = None
    probe_at: str | None = None
    evidence: Mapping[str, JSON] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Flag:
    """The stage of one route.

    ``percent`` (0 to 100, steps of 0.001) is the share of visitors on modern, at canary only. ``mirror`` is the
    percentage of requests that are copied to the candidate; None is the stage's default. ``group`` is the journey whose
    routes move a visitor together; empty: the route alone. Of several rules that fit, a user's wins over a role's, then
    the first. ``requires`` are keys that must have moved first. ``latch`` says that the route rolled itself back.
    ``updated_at`` is UTC in ISO 8601.
    """

    key: str
    stage: Stage
    percent: float | None = None
    mirror: float | None = None
    group: str = ""
    rules: tuple[Rule, ...] = ()
    requires: tuple[str, ...] = ()
    latch: Latch | None = None
    reason: str = ""
    updated_by: str = ""
    updated_at: str = ""
    epoch: int = 0

    @property
    def mirrored(self) -> float:
        """The percentage of requests to copy, with the stage's default filled in."""
        if self.mirror is not None:
            return self.mirror
        return MIRROR_AT_SHADOW if self.stage is Stage.SHADOW else 0.0
