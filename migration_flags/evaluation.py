"""What a snapshot says about a route and a visitor, and why."""

from enum import StrEnum
from typing import NamedTuple

from migration_flags.flag import Stage


class Reason(StrEnum):
    """Why the evaluation came out as it did; where several hold, the first here decides."""

    RETIRED = "retired"
    KILLED = "kill switch"
    LATCHED = "latch"
    HEADER = "override header"
    COOKIE = "override cookie"
    USER_RULE = "user rule"
    ROLE_RULE = "role rule"
    PERCENT = "percent"
    NO_UNIT = "no unit"
    FLAG = "flag"
    NO_FLAG = "no flag"


class Evaluation(NamedTuple):
    """Whether ``modern`` answers, and why. A tuple: a canary makes one for each request, and a dataclass takes thrice.

    ``stage`` and ``epoch`` are the flag's and the snapshot's. ``bucket`` is the visitor's, where a percentage decided.
    """

    key: str
    stage: Stage
    modern: bool
    reason: Reason
    epoch: int
    bucket: int | None = None
