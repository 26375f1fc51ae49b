"""Pure: what a feature flag elsewhere says of a route, as a change of ours."""

from collections.abc import Mapping
from typing import Any

from migration_flags.change import KEEP, Change
from migration_flags.document import DocumentInvalid, read_flag
from migration_flags.flag import Stage

MEMBERS = ("stage", "percent", "mirror", "group", "rules", "requires")
_PLACE = "the value"


def change_told(key: str, value: Any) -> Change:
    """The change that a value asks for: ``"modern"``, ``"canary:5"``, or an object with `MEMBERS`.

    What the object leaves out stays as it is. Raises `DocumentInvalid`.
    """
    members = _members(value)
    flag = read_flag(key, dict(members), _PLACE)
    if flag.stage is Stage.RETIRED:
        raise DocumentInvalid(f"{_PLACE}.stage", "can't be retired from elsewhere: legacy's handler is removed by hand")
    if (flag.stage is Stage.CANARY) != (flag.percent is not None):
        raise DocumentInvalid(f"{_PLACE}.percent", "belongs to the stage canary, and to no other")
    return Change(
        key,
        flag.stage,
        flag.percent,
        mirror=flag.mirror if "mirror" in members else KEEP,
        group=flag.group if "group" in members else KEEP,
        rules=flag.rules if "rules" in members else KEEP,
        requires=flag.requires if "requires" in members else KEEP,
    )


def _members(value: Any) -> Mapping[str, Any]:
    if isinstance(value, str):
        stage, colon, percent = value.partition(":")
        return {"stage": stage, "percent": _number(percent)} if colon else {"stage": stage}
    if not isinstance(value, Mapping):
        raise DocumentInvalid(_PLACE, 'must be a stage such as "modern" or "canary:5", or an object with one')
    unknown = sorted(set(value) - set(MEMBERS))
    if unknown:
        raise DocumentInvalid(f"{_PLACE}.{unknown[0]}", f"is not known here: {', '.join(MEMBERS)}")
    return value


def _number(text: str) -> float:
    try:
        return float(text.strip().removesuffix("%"))
    except ValueError:
        raise DocumentInvalid(f"{_PLACE}.percent", "must be a number") from None
