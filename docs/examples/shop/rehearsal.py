"""Throwaway copies of the shop, for `strangler parity`. It keeps no data, so a copy is itself."""

from contextlib import contextmanager

from legacy import app as legacy
from migration_flags import Change, Stage
from migration_flags.stores.memory import MemoryStore
from modern import create_modern
from router import Owner, Router
from router.parity.rehearsal import Rehearsal


@contextmanager
def rehearse(side):
    store = MemoryStore()
    router = Router(legacy, create_modern(), store, fallback=None, rollback=None, mirror=None)
    keys = [row.key for row in router.table if row.owner is Owner.BOTH]
    store.apply([Change(key, Stage(side)) for key in keys], actor="rehearsal", reason="one side at a time")
    yield Rehearsal(router)
