"""How far each route has moved, and for whom. Knows no HTTP.

from migration_flags import Change, Stage, Visitor, evaluate
from migration_flags.stores.memory import MemoryStore

store = MemoryStore()
store.apply([Change("GET /api/videos", Stage.CANARY, 5)], actor="ada", reason="parity is green")
evaluate(store.snapshot(), "GET /api/videos", Visitor(unit="user:5")).modern  # the same answer for ever
"""

from migration_flags.audit import KILL_SWITCH, AuditRow, first_broken_link
from migration_flags.bucketing import bucket
from migration_flags.change import KEEP, Change, Keep
from migration_flags.errors import (
    ChangeRefused,
    DependencyCycle,
    DependencyRefused,
    EpochMoved,
    FlagError,
    PercentRefused,
    RetiredRefused,
    SchemaTooNew,
    StoreInvalid,
    StoreUnavailable,
    StoreWentBack,
)
from migration_flags.evaluation import Evaluation, Reason
from migration_flags.evidence import Evidence, EvidenceKind
from migration_flags.flag import JSON, SERVED_STAGES, Flag, Latch, Rule, Stage
from migration_flags.planning import Plan, evaluate, plan
from migration_flags.snapshot import Snapshot
from migration_flags.stores import FlagStore
from migration_flags.visitor import ANYONE, Visitor
from migration_flags.workers import Worker, acknowledged, alive, may_promote

__all__ = [
    "ANYONE",
    "JSON",
    "KEEP",
    "KILL_SWITCH",
    "SERVED_STAGES",
    "AuditRow",
    "Change",
    "ChangeRefused",
    "DependencyCycle",
    "DependencyRefused",
    "EpochMoved",
    "Evaluation",
    "Evidence",
    "EvidenceKind",
    "Flag",
    "FlagError",
    "FlagStore",
    "Keep",
    "Latch",
    "PercentRefused",
    "Plan",
    "Reason",
    "RetiredRefused",
    "Rule",
    "SchemaTooNew",
    "Snapshot",
    "Stage",
    "StoreInvalid",
    "StoreUnavailable",
    "StoreWentBack",
    "Visitor",
    "Worker",
    "acknowledged",
    "alive",
    "bucket",
    "evaluate",
    "first_broken_link",
    "may_promote",
    "plan",
]
