"""A flag: how far one route has moved."""

from dataclasses import dataclass
from enum import StrEnum


class Stage(StrEnum):
    """How far a route has moved, in order."""

    LEGACY = "legacy"
    SHADOW = "shadow"
    CANARY = "canary"
    MODERN = "modern"
    RETIRED = "retired"


SERVED_STAGES: tuple[Stage, ...] = (Stage.LEGACY, Stage.MODERN)
"""The stages that may be set. The others have names, and no behaviour yet."""


@dataclass(frozen=True, slots=True)
class Flag:
    """The stage of one route.

    ``percent`` (0 to 100) belongs to stages that share traffic and is None elsewhere. ``updated_at`` is UTC in
    ISO 8601.
    """

    key: str
    stage: Stage
    percent: float | None = None
    reason: str = ""
    updated_by: str = ""
    updated_at: str = ""
    epoch: int = 0
