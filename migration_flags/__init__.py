"""How far each route has moved. Knows no HTTP.

from migration_flags import Change, Stage, evaluate
from migration_flags.stores.memory import MemoryStore

store = MemoryStore()
store.apply([Change("GET /api/videos", Stage.MODERN)], actor="ada", reason="parity is green")
evaluate(store.snapshot(), "GET /api/videos").stage  # Stage.MODERN
"""

from migration_flags.audit import AuditRow, first_broken_link
from migration_flags.change import Change
from migration_flags.errors import ChangeRefused, FlagError, SchemaTooNew, StoreUnavailable
from migration_flags.evaluation import Evaluation, Reason, evaluate
from migration_flags.flag import SERVED_STAGES, Flag, Stage
from migration_flags.snapshot import Snapshot
from migration_flags.stores import FlagStore

__all__ = [
    "SERVED_STAGES",
    "AuditRow",
    "Change",
    "ChangeRefused",
    "Evaluation",
    "Flag",
    "FlagError",
    "FlagStore",
    "Reason",
    "SchemaTooNew",
    "Snapshot",
    "Stage",
    "StoreUnavailable",
    "evaluate",
    "first_broken_link",
]
