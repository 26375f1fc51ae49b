"""After a drill every flag is what it was, and what somebody else decided meanwhile stands."""

from migration_flags import Change, Latch, Rule, Stage
from migration_flags.stores.memory import MemoryStore
from router.drill.putting_back import dependents, putting_back

KEY, CHILD, OTHER = "GET /a", "GET /b", "GET /c"
LATCH = Latch("rate", "2026-01-01T00:00:00+00:00", Stage.CANARY, 5.0)


def changed(store: MemoryStore, actor: str, *changes: Change) -> None:
    store.apply(changes, actor=actor, reason="x")


def test_the_route_and_what_went_back_with_it_are_put_back() -> None:
    store = MemoryStore()
    rules = (Rule("role", "staff", True),)
    changed(store, "ada", Change(KEY, Stage.CANARY, 5, group="g", rules=rules, mirror=3))
    changed(store, "ada", Change(CHILD, Stage.CANARY, 1, requires=(KEY,)), Change(OTHER, Stage.MODERN))
    before = store.snapshot()
    changed(store, "strangler", Change(KEY, Stage.SHADOW, latch=LATCH))
    assert store.snapshot().get(CHILD) != before.get(CHILD)
    changes = putting_back(KEY, before, store.history(), "drill")
    store.apply(changes, actor="drill", reason="drill")
    for key in (KEY, CHILD, OTHER):
        now, then = store.snapshot().get(key), before.get(key)
        assert now is not None
        assert then is not None
        settings = ("stage", "percent", "mirror", "group", "rules", "requires", "latch")
        assert {name: getattr(now, name) for name in settings} == {name: getattr(then, name) for name in settings}


def test_a_route_without_a_flag_goes_to_legacy() -> None:
    store = MemoryStore()
    before = store.snapshot()
    changed(store, "drill", Change(KEY, Stage.CANARY, 0))
    (change,) = putting_back(KEY, before, store.history(), "drill")
    assert (change.stage, change.percent, change.rules) == (Stage.LEGACY, None, ())


def test_what_somebody_else_changed_stands_and_so_does_another_routes_rollback() -> None:
    store = MemoryStore()
    changed(store, "ada", Change(KEY, Stage.CANARY, 5), Change(OTHER, Stage.CANARY, 5))
    before = store.snapshot()
    changed(store, "strangler", Change(KEY, Stage.SHADOW, latch=LATCH))
    changed(store, "strangler", Change(OTHER, Stage.SHADOW, latch=LATCH))
    changed(store, "bob", Change(KEY, Stage.LEGACY))
    assert putting_back(KEY, before, store.history(), "drill") == []


def test_dependents_are_found_through_others() -> None:
    store = MemoryStore()
    changed(store, "ada", Change(KEY, Stage.MODERN))
    changed(store, "ada", Change(CHILD, Stage.MODERN, requires=(KEY,)))
    changed(store, "ada", Change(OTHER, Stage.MODERN, requires=(CHILD,)))
    assert dependents(KEY, store.snapshot()) == {KEY, CHILD, OTHER}
    assert dependents(OTHER, store.snapshot()) == {OTHER}
