"""The ratchet: what counts as more to do, and a file that may only get shorter."""

import json

import pytest

from migration_flags import Change, Snapshot, Stage
from migration_flags.stores.memory import MemoryStore
from router.declared import Declared
from router.ratchet import Increase, Ratchet, RatchetUnreadable, increases, merged, present, read_ratchet
from router.table import RouteTable
from router.template import parse

BOTH, LEGACY, MODERN = "GET /both", "GET /legacy", "GET /modern"


def table() -> RouteTable:
    def declared(*paths: str) -> list[Declared]:
        return [Declared("GET", parse(path)) for path in paths]

    return RouteTable(declared("/both", "/legacy"), declared("/both", "/modern"))


def flags(stage: Stage) -> Snapshot:
    store = MemoryStore()
    store.apply([Change(BOTH, stage)], actor="a", reason="r")
    return store.snapshot()


def test_the_present_is_what_the_code_and_the_flags_say() -> None:
    assert present(table(), flags(Stage.SHADOW)) == Ratchet(frozenset({LEGACY}), {BOTH: Stage.SHADOW})
    assert present(table(), flags(Stage.MODERN)) == Ratchet(frozenset({LEGACY}), {})
    assert present(table(), None) == Ratchet(frozenset({LEGACY}), None)


def test_the_file_is_sorted_and_reads_as_it_was_written() -> None:
    wrote = Ratchet(frozenset({"GET /b", "GET /a"}), {"GET /d": Stage.CANARY, "GET /c": Stage.LEGACY})
    assert read_ratchet(wrote.text, "x") == wrote
    content = json.loads(wrote.text)
    assert content["only_legacy"] == ["GET /a", "GET /b"]
    assert list(content["below_modern"]) == ["GET /c", "GET /d"]


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"only_legacy": 1, "below_modern": {}}', '{"below_modern": {"a": 1}}']
)
def test_a_file_that_says_something_else_is_refused(text: str) -> None:
    with pytest.raises(RatchetUnreadable, match=r"ratchet\.json can't be read"):
        read_ratchet(text, "ratchet.json")


RECORDED = Ratchet(frozenset({"GET /old"}), {"GET /s": Stage.SHADOW, "GET /c": Stage.CANARY})


@pytest.mark.parametrize(
    ("now", "found"),
    [
        (RECORDED, ()),
        (Ratchet(frozenset(), {}), ()),
        (Ratchet(frozenset(), {"GET /s": Stage.CANARY, "GET /old": Stage.LEGACY}), ()),
        (
            Ratchet(frozenset({"GET /old", "GET /new"}), None),
            (Increase("GET /new", "was added to legacy, or lost its modern handler"),),
        ),
        (Ratchet(frozenset({"GET /s"}), None), (Increase("GET /s", "lost its modern handler"),)),
        (Ratchet(frozenset(), {"GET /c": Stage.SHADOW}), (Increase("GET /c", "fell back from canary to shadow"),)),
        (
            Ratchet(frozenset(), {"GET /m": Stage.LEGACY}),
            (Increase("GET /m", "is at legacy, and was not below modern"),),
        ),
    ],
)
def test_every_route_with_more_to_do_is_named(now: Ratchet, found: tuple[Increase, ...]) -> None:
    assert increases(RECORDED, now) == found


def test_without_a_store_the_recorded_stages_stay() -> None:
    now = Ratchet(frozenset({"GET /s"}), None)
    assert merged(RECORDED, now) == Ratchet(frozenset({"GET /s"}), {"GET /c": Stage.CANARY})
    assert merged(None, now) == now
    whole = Ratchet(frozenset(), {})
    assert merged(RECORDED, whole) == whole
