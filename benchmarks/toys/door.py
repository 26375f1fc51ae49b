"""Two toys behind the front door, at the stage that TOY_STAGE says: legacy, modern, or mixed."""

import os
from collections.abc import Iterable

from fastapi import FastAPI
from flask import Flask

from benchmarks.toys.serve import THREADS
from migration_flags import Change, Stage
from migration_flags.stores.memory import MemoryStore
from router import Owner, Router

QUEUE = 2_048
"""As many as gunicorn leaves waiting: here nobody is refused, so that both can be asked the same."""


def door(old: Flask, new: FastAPI) -> Router:
    store = MemoryStore()
    router = Router(old, new, store, threads=THREADS, queue=QUEUE)
    keys = [row.key for row in router.table if row.owner is Owner.BOTH and not row.unmatched]
    store.apply(changes(keys, os.environ["TOY_STAGE"]), actor="benchmark", reason=os.environ["TOY_STAGE"])
    return router


def changes(keys: Iterable[str], stage: str) -> list[Change]:
    """Every route at one stage; mixed: every other one of them, in the order of their names."""
    if stage != "mixed":
        return [Change(key, Stage(stage)) for key in keys]
    return [Change(key, (Stage.LEGACY, Stage.MODERN)[place % 2]) for place, key in enumerate(sorted(keys))]
