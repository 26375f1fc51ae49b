"""Pure: routes that require others. They move after them, and go back with them."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from migration_flags.errors import DependencyCycle, DependencyRefused
from migration_flags.flag import Flag, Latch, Stage

REQUIRED = "required"
"""The trip of a latch on a route that went back because one that it requires did."""

Flags = Mapping[str, Flag]


def demanded(stage: Stage) -> Stage:
    """The stage that required routes must have reached before a route can be at ``stage``."""
    if stage.rank < Stage.CANARY.rank:
        return Stage.LEGACY
    return Stage.CANARY if stage is Stage.CANARY else Stage.MODERN


def unmet(flag: Flag, flags: Flags) -> Flag | None:
    """The first required route that has not moved far enough, as a flag; None: all have."""
    need = demanded(flag.stage)
    for key in flag.requires:
        required = flags.get(key) or Flag(key, Stage.LEGACY)
        if required.stage.rank < need.rank:
            return required
    return None


def refuse_unmet(flag: Flag, flags: Flags) -> None:
    """Raises `DependencyRefused`."""
    required = unmet(flag, flags)
    if required is not None:
        raise DependencyRefused(flag.key, flag.stage, required.key, required.stage, f"at least {demanded(flag.stage)}")


def refuse_cycle(key: str, flags: Flags) -> None:
    """Raises `DependencyCycle` where ``key`` requires itself, at however many removes."""
    path = [key]
    pending = [iter(_requires(key, flags))]
    done: set[str] = set()
    while pending:
        required = next(pending[-1], None)
        if required == key:
            raise DependencyCycle([*path, key])
        if required is None:
            done.add(path.pop())
            pending.pop()
        elif required not in done and required not in path:
            path.append(required)
            pending.append(iter(_requires(required, flags)))


def taken_back(lowered: Iterable[str], flags: Flags) -> dict[str, tuple[Flag, str]]:
    """The flags that must go back because those keys did, each with the key that took it along.

    A retired route has no way back and stays. Ends with any flags, also where they require each other.
    """
    result: dict[str, tuple[Flag, str]] = {}
    now = dict(flags)
    dependents = _dependents(flags.values())
    queue = list(lowered)
    while queue:
        required = queue.pop(0)
        for key in dependents.get(required, ()):
            lower = _lowered(now[key], now.get(required) or Flag(required, Stage.LEGACY))
            if lower is not None:
                now[key] = lower
                result[key] = (lower, required)
                queue.append(key)
    return result


def _lowered(flag: Flag, required: Flag) -> Flag | None:
    """The flag at the stage of what it requires; None where it may stay."""
    if flag.stage is Stage.RETIRED or required.stage.rank >= demanded(flag.stage).rank:
        return None
    percent = required.percent if required.stage is Stage.CANARY else None
    latch = None
    if required.latch is not None:
        latch = Latch(REQUIRED, required.latch.at, flag.stage, flag.percent, None, {"required": required.key})
    return replace(flag, stage=required.stage, percent=percent, latch=latch)


def _requires(key: str, flags: Flags) -> tuple[str, ...]:
    flag = flags.get(key)
    return () if flag is None else flag.requires


def _dependents(flags: Iterable[Flag]) -> dict[str, list[str]]:
    dependents: dict[str, list[str]] = {}
    for flag in flags:
        for required in flag.requires:
            dependents.setdefault(required, []).append(flag.key)
    return dependents
