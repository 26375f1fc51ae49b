"""What a drill refuses to touch, and what it asks."""

import pytest

from migration_flags import Change, Latch, Snapshot, Stage
from migration_flags.stores.memory import MemoryStore
from router.declared import Declared
from router.drill.errors import DrillRefused
from router.drill.path import drillable, path_for, refuse_closed
from router.table import RouteTable
from router.template import parse

KEY = "GET /n/{id}"
LATCH = Latch("rate", "2026-01-01T00:00:00+00:00", Stage.CANARY, 5.0)


def table() -> RouteTable:
    legacy = [
        Declared("GET", parse("/n/{id:int}")),
        Declared("POST", parse("/w")),
        Declared("GET", parse("/old")),
        Declared("GET", parse("/day/{day:uuid}")),
    ]
    modern = [
        Declared("GET", parse("/n/{id}")),
        Declared("POST", parse("/w")),
        Declared("GET", parse("/new")),
        Declared("GET", parse("/day/{day}")),
    ]
    return RouteTable(legacy, modern)


def flags(*changes: Change) -> Snapshot:
    store = MemoryStore()
    store.apply(changes, actor="a", reason="r")
    return store.snapshot()


@pytest.mark.parametrize("key", ["POST /w", "GET /old", "GET /new", "* /{path}"])
def test_what_changes_something_or_has_one_owner_is_refused(key: str) -> None:
    with pytest.raises(DrillRefused, match=r"alone|GET routes"):
        drillable(table()[key], flags())


def test_a_retired_route_is_refused() -> None:
    store = MemoryStore()
    for stage in (Stage.MODERN, Stage.RETIRED):
        store.apply([Change(KEY, stage)], actor="a", reason="r")
    with pytest.raises(DrillRefused, match="retired"):
        drillable(table()[KEY], store.snapshot())


def test_a_route_that_nobody_can_reach_on_modern_is_refused() -> None:
    row = table()[KEY]
    with pytest.raises(DrillRefused, match="took itself back"):
        refuse_closed(row, flags(Change(KEY, Stage.SHADOW, latch=LATCH)))
    with pytest.raises(DrillRefused, match="kill switch is on"):
        refuse_closed(row, Snapshot(killed=True))
    refuse_closed(row, flags(Change(KEY, Stage.CANARY, 5)))


def test_a_path_is_made_up_where_one_fits_and_must_be_the_routes_own() -> None:
    known = table()
    assert path_for(known, known[KEY], None) == "/n/1"
    assert path_for(known, known[KEY], "/n/7?a=b") == "/n/7?a=b"
    with pytest.raises(DrillRefused, match=r"is not a path of GET /n/\{id\}: give one"):
        path_for(known, known[KEY], "/n/x")
    with pytest.raises(DrillRefused, match="--path"):
        path_for(known, known["GET /day/{day}"], None)
