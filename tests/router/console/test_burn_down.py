"""The past of all stages, told backwards from the present."""

from dataclasses import replace

from migration_flags import AuditRow, Change, Stage
from migration_flags.stores.memory import MemoryStore
from router.console.burn_down import points
from router.console.past import STEP, Past

KEYS = ("GET /a", "GET /b", "GET /c")


def filled() -> MemoryStore:
    store = MemoryStore()
    store.seed(KEYS, Stage.LEGACY, actor="t", reason="start")
    store.apply([Change("GET /a", Stage.SHADOW), Change("GET /b", Stage.SHADOW)], actor="t", reason="1")
    store.kill(True, actor="t", reason="2")
    store.apply([Change("GET /a", Stage.MODERN)], actor="t", reason="3")
    store.apply([Change("GET /gone", Stage.MODERN)], actor="t", reason="a route that is no more")
    return store


def present(store: MemoryStore) -> dict[str, str]:
    return {flag.key: flag.stage.value for flag in store.snapshot() if flag.key in KEYS}


def told(store: MemoryStore, most: int = 200) -> list[tuple[int, int, int]]:
    found = points("now", present(store), store.history(), most)
    return [(point["legacy"], point["shadow"], point["modern"]) for point in found]


def test_each_change_of_a_known_route_is_a_point() -> None:
    assert told(filled()) == [(3, 0, 0), (3, 0, 0), (1, 2, 0), (1, 1, 1), (1, 1, 1)]


def test_the_last_point_is_now_and_the_others_have_their_time() -> None:
    store = filled()
    found = points("now", present(store), store.history())
    assert found[-1]["at"] == "now"
    assert [point["at"] for point in found[:-1]] == sorted(point["at"] for point in found[:-1])
    assert points("now", {}, ()) == [
        {"at": "now", **dict.fromkeys(("legacy", "shadow", "canary", "modern", "retired"), 0)}
    ]


def test_many_points_are_thinned_and_keep_their_ends() -> None:
    store = filled()
    for number in range(500):
        store.apply([Change("GET /c", Stage.CANARY, 1 + number / 10)], actor="t", reason="x")
    found = points("now", present(store), store.history(), 50)
    assert len(found) == 50
    assert (found[0]["legacy"], found[-1]["at"], found[-1]["canary"]) == (3, "now", 1)


class Counting(MemoryStore):
    """Remembers how much was read."""

    read = 0

    def history(self, key: str | None = None, *, limit: int | None = None) -> tuple[AuditRow, ...]:
        rows = super().history(key, limit=limit)
        self.read += len(rows)
        return rows


def test_only_what_is_new_of_the_past_is_read() -> None:
    store = Counting()
    for number in range(300):
        store.apply([Change("GET /c", Stage.CANARY, 1 + number / 10)], actor="t", reason="x")
    past = Past(store)
    assert past.look(300) == MemoryStore.history(store)
    store.read = 0
    past.look(300)
    assert store.read == 0
    store.apply([Change("GET /c", Stage.MODERN)], actor="t", reason="x")
    assert past.look(301) == MemoryStore.history(store)
    assert store.read == STEP


def test_a_past_that_was_replaced_is_read_anew() -> None:
    store = MemoryStore()
    store.apply([Change("GET /c", Stage.MODERN)], actor="t", reason="x")
    past = Past(store)
    (row,) = past.look(1)
    past.rows = (replace(row, hash="another"),)
    assert past.look(2) == (row,)
