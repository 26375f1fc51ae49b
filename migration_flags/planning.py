"""Pure: everything about a route's flag that does not depend on the visitor, worked out once per snapshot."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from migration_flags.bucketing import bucket_of, salted, threshold
from migration_flags.evaluation import Evaluation, Reason
from migration_flags.flag import Flag, Rule, Stage
from migration_flags.snapshot import Snapshot
from migration_flags.visitor import ANYONE, Visitor

_NOBODY: Mapping[str, bool] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Plan:
    """How to decide for one route.

    ``default`` is what a visitor gets of whom nothing is known. ``firm``: everybody gets it, overrides or not.
    ``needs_visitor``: who asks decides. ``threshold`` and ``mirror`` are shares in buckets of 100,000.
    """

    default: Evaluation
    firm: bool = False
    needs_visitor: bool = False
    threshold: int = 0
    mirror: int = 0
    prefix: bytes = b""
    users: Mapping[str, bool] = field(default_factory=lambda: _NOBODY, hash=False)
    roles: Mapping[str, bool] = field(default_factory=lambda: _NOBODY, hash=False)

    @property
    def fixed(self) -> Evaluation | None:
        """What everybody without an override gets; None where it depends on the visitor."""
        return None if self.needs_visitor else self.default

    def evaluate(self, visitor: Visitor = ANYONE) -> Evaluation:
        """What this visitor gets. Never raises."""
        if self.firm:
            return self.default
        if visitor.header is not None:
            return self._said(visitor.header, Reason.HEADER)
        if visitor.cookie is not None:
            return self._said(visitor.cookie, Reason.COOKIE)
        if not self.needs_visitor:
            return self.default
        ruled = self._ruled(visitor) if self.users or self.roles else None
        if ruled is not None:
            return ruled
        default, unit = self.default, visitor.unit
        if default.reason is not Reason.NO_UNIT or not unit:
            return default
        number = bucket_of(self.prefix, unit)
        return Evaluation(default.key, default.stage, number < self.threshold, Reason.PERCENT, default.epoch, number)

    def _ruled(self, visitor: Visitor) -> Evaluation | None:
        if visitor.user is not None and visitor.user in self.users:
            return self._said(self.users[visitor.user], Reason.USER_RULE)
        for role, modern in self.roles.items():
            if role in visitor.roles:
                return self._said(modern, Reason.ROLE_RULE)
        return None

    def _said(self, modern: bool, reason: Reason) -> Evaluation:
        return Evaluation(self.default.key, self.default.stage, modern, reason, self.default.epoch)


def plan(snapshot: Snapshot, key: str) -> Plan:
    """The plan for ``key``. A route without a flag is legacy."""
    flag = snapshot.get(key)
    if flag is None:
        reason = Reason.KILLED if snapshot.killed else Reason.NO_FLAG
        return Plan(Evaluation(key, Stage.LEGACY, False, reason, snapshot.epoch), firm=snapshot.killed)
    if flag.stage is Stage.RETIRED:
        return Plan(Evaluation(key, flag.stage, True, Reason.RETIRED, snapshot.epoch), firm=True)
    if snapshot.killed:
        return Plan(Evaluation(key, flag.stage, False, Reason.KILLED, snapshot.epoch), firm=True)
    if flag.latch is not None:
        default = Evaluation(key, flag.stage, False, Reason.LATCHED, snapshot.epoch)
        return Plan(default, firm=True, mirror=threshold(flag.mirrored))
    return _open_plan(flag, snapshot.epoch)


def evaluate(snapshot: Snapshot, key: str, visitor: Visitor = ANYONE) -> Evaluation:
    """What a visitor gets of a route.

    Highest first: retired, kill switch, latch, override header, override cookie, user rule, role rule, stage. Never
    raises; doubt means legacy, and the reason is told.
    """
    return plan(snapshot, key).evaluate(visitor)


def _open_plan(flag: Flag, epoch: int) -> Plan:
    canary = flag.stage is Stage.CANARY
    reason = Reason.NO_UNIT if canary else Reason.FLAG
    return Plan(
        Evaluation(flag.key, flag.stage, flag.stage is Stage.MODERN, reason, epoch),
        needs_visitor=canary or bool(flag.rules),
        threshold=threshold(flag.percent) if canary else 0,
        mirror=threshold(flag.mirrored),
        prefix=salted(flag.group or flag.key) if canary else b"",
        users=_sides(flag.rules, "user"),
        roles=_sides(flag.rules, "role"),
    )


def _sides(rules: tuple[Rule, ...], kind: str) -> Mapping[str, bool]:
    """Each name's side, in the order of the rules; the first rule of a name counts."""
    if not rules:
        return _NOBODY
    sides: dict[str, bool] = {}
    for rule in rules:
        if rule.kind == kind:
            sides.setdefault(rule.value, rule.modern)
    return sides
