"""The toys behind a bridge or the front door. Every function is a factory, called once by its server."""

from typing import Any, cast

from a2wsgi import WSGIMiddleware
from fastapi import FastAPI
from flask import Flask

from benchmarks.toys.legacy import create_legacy
from benchmarks.toys.modern import MANY, create_modern, create_nouns, create_record
from migration_flags import Change, Stage
from migration_flags.stores.memory import MemoryStore
from router import Owner, Router, WSGIBackend

THREADS = 10
"""Threads of every contender that has a pool of them."""


def bridge() -> WSGIBackend:
    return WSGIBackend(create_legacy(), threads=THREADS)


def a2wsgi() -> Any:
    return WSGIMiddleware(cast("Any", create_legacy()), workers=THREADS)


def legacy_behind_the_door() -> Router:
    return _door(create_legacy(), create_modern(), Stage.LEGACY)


def modern_behind_the_door() -> Router:
    return _door(create_legacy(), create_modern(), Stage.MODERN)


def record_behind_the_door() -> Router:
    return _door(create_legacy(), create_record(), Stage.MODERN)


def nouns_behind_the_door() -> Router:
    return _door(create_legacy(MANY), create_nouns(), Stage.MODERN)


def _door(old: Flask, new: FastAPI, stage: Stage) -> Router:
    """The front door, every route that both have at ``stage``."""
    store = MemoryStore()
    router = Router(old, new, store, threads=THREADS)
    changes = [Change(row.key, stage) for row in router.table if row.owner is Owner.BOTH and not row.unmatched]
    store.apply(changes, actor="benchmark", reason="all on one side")
    return router
