"""Random operations on a store and on the memory store beside it: the same rows, refusals, flags and evidence."""

import tempfile
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from migration_flags import Change, ChangeRefused, Evidence, EvidenceKind, FlagStore, Keep, Latch, Rule, Stage, Worker
from migration_flags import first_broken_link as broken
from migration_flags.stores.file import FileStore
from migration_flags.stores.memory import MemoryStore
from migration_flags.stores.redis import RedisStore
from migration_flags.stores.sql import SQLStore
from migration_flags.transition import State, state_after
from tests.migration_flags.conftest import NOON

KEYS = ("GET /a", "GET /A", "POST /é", "GET /b/{id}", "* /{path}")

keys = st.sampled_from(KEYS)
names = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=5)
shares = st.one_of(st.none(), st.integers(0, 100_000).map(lambda steps: steps / 1000), st.sampled_from([5, 100.5]))
stages = st.sampled_from(Stage)
documents = st.dictionaries(
    names,
    st.one_of(
        st.none(), st.booleans(), st.integers(-(2**40), 2**40), st.floats(allow_nan=False, allow_infinity=False), names
    ),
)
latches = st.one_of(st.none(), st.none(), st.builds(Latch, names, names, stages, shares, st.none(), documents))
rules = st.lists(st.builds(Rule, st.sampled_from(["user", "role"]), names, st.booleans()), max_size=3).map(tuple)
required = st.lists(keys, max_size=2).map(tuple)


def _or_keep(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.just(Keep.KEEP), strategy)


changes = st.builds(
    Change,
    keys,
    stages,
    shares,
    mirror=_or_keep(shares),
    group=_or_keep(names),
    rules=_or_keep(rules),
    requires=_or_keep(required),
    latch=latches,
    unretire=st.booleans(),
)


@st.composite
def fitting_changes(draw: st.DrawFn) -> Change:
    """Changes that are refused for the flags as they are, if at all."""
    stage = draw(stages)
    steps = st.integers(0, 100_000).map(lambda number: number / 1000)
    held = stage in {Stage.LEGACY, Stage.SHADOW}
    return Change(
        draw(keys),
        stage,
        draw(steps) if stage is Stage.CANARY else None,
        mirror=draw(_or_keep(st.none() | steps)),
        group=draw(_or_keep(names)),
        rules=draw(_or_keep(st.lists(st.builds(Rule, st.just("user"), names, st.booleans()), max_size=1).map(tuple))),
        requires=draw(_or_keep(st.sampled_from([(), ("GET /a",), ("GET /A", "GET /a")]))),
        latch=draw(st.none() | st.builds(Latch, names, names, stages, st.none(), names, documents)) if held else None,
        unretire=stage is Stage.MODERN and draw(st.booleans()),
    )


pieces = st.builds(
    Evidence,
    st.sampled_from(KEYS[:2]),
    st.sampled_from(["parity", "shadow"]),
    names,
    st.integers(0, 9),
    documents,
    st.sampled_from(["", "a", "b"]),
)


def _answer(ask: Callable[[], object]) -> object:
    try:
        return ask()
    except ChangeRefused as error:
        return type(error), str(error)


class Twin(RuleBasedStateMachine):
    """Does everything twice, and looks at the other through a second instance now and then."""

    open_store: Callable[[str, Path], FlagStore]

    @initialize()
    def begin(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.name = uuid.uuid4().hex
        self.model = MemoryStore(lambda: NOON)
        self.stores = [self._open(), self._open()]

    def _open(self) -> FlagStore:
        return type(self).open_store(self.name, Path(self.folder.name))

    def _both(self, ask: Callable[[FlagStore], object]) -> None:
        self.stores.reverse()
        assert _answer(lambda: ask(self.stores[0])) == _answer(lambda: ask(self.model))

    @rule(change=fitting_changes(), evidence=st.none() | documents)
    def apply(self, change: Change, evidence: dict[str, Any] | None) -> None:
        self._both(lambda store: store.apply([change], actor="ada", reason="fits", evidence=evidence))

    @rule(
        chosen=st.lists(st.one_of(fitting_changes(), changes), max_size=3),
        gated=st.booleans(),
        evidence=st.none() | documents,
    )
    def apply_all(self, chosen: list[Change], gated: bool, evidence: dict[str, Any] | None) -> None:
        self._both(lambda store: store.apply(chosen, actor="ada", reason="é", gated=gated, evidence=evidence))

    @rule(change=fitting_changes(), epoch=st.integers(0, 5))
    def apply_at(self, change: Change, epoch: int) -> None:
        self._both(lambda store: store.apply([change], actor="ada", reason="if", if_epoch=epoch))

    @rule(chosen=st.lists(keys), stage=stages)
    def seed(self, chosen: list[str], stage: Stage) -> None:
        self._both(lambda store: store.seed(chosen, stage, actor="boot", reason="seed"))

    @rule(on=st.booleans())
    def kill(self, on: bool) -> None:
        self._both(lambda store: store.kill(on, actor="ada", reason="fire"))

    @rule(piece=pieces)
    def keep(self, piece: Evidence) -> None:
        self._both(lambda store: store.keep(piece))

    @rule(
        key=st.sampled_from(KEYS[:2]),
        kind=st.sampled_from([None, "parity", "shadow"]),
        limit=st.sampled_from([None, 1, 2]),
    )
    def look_at_evidence(self, key: str, kind: EvidenceKind | None, limit: int | None) -> None:
        self._both(lambda store: store.evidence(key, kind=kind, limit=limit))

    @rule(name=st.sampled_from(["a", "b"]), epoch=st.integers(0, 9), facts=documents)
    def beat(self, name: str, epoch: int, facts: dict[str, Any]) -> None:
        """Not ahead of the flags: to Redis that would be a lost store."""
        seen = min(epoch, self.model.epoch())
        self._both(lambda store: store.beat(Worker(name, "host", 1, seen, "", facts)))

    @rule()
    def open_again(self) -> None:
        self.stores[0].close()
        self.stores[0] = self._open()

    @invariant()
    def the_same_is_seen(self) -> None:
        if not hasattr(self, "model"):
            return
        snapshot, rows = self.model.snapshot(), self.model.history()
        for store in self.stores:
            assert (store.epoch(), store.snapshot()) == (snapshot.epoch, snapshot)
        store = self.stores[0]
        assert store.history() == rows
        assert store.history("GET /a", limit=2) == tuple(row for row in rows if row.key == "GET /a")[:2]
        assert broken(rows[::-1]) is None
        assert state_after(State(), rows[::-1]).snapshot == snapshot
        assert [(worker.id, worker.epoch, worker.facts) for worker in store.workers()] == [
            (worker.id, worker.epoch, worker.facts) for worker in self.model.workers()
        ]

    def teardown(self) -> None:
        if hasattr(self, "model"):
            for store in self.stores:
                store.close()
            self.folder.cleanup()


def _run(open_store: Callable[[str, Path], FlagStore]) -> None:
    class Machine(Twin):
        pass

    Machine.open_store = staticmethod(open_store)
    quick = settings(max_examples=6, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(Machine, settings=quick)


def test_a_file_does_what_memory_does() -> None:
    _run(lambda name, folder: FileStore(folder / "flags.json", lambda: NOON))


def test_sqlite_does_what_memory_does() -> None:
    _run(lambda name, folder: SQLStore(f"sqlite:///{folder / 'flags.db'}", lambda: NOON))


def test_redis_does_what_memory_does(request: pytest.FixtureRequest) -> None:
    url = request.getfixturevalue("redis").url
    _run(lambda name, folder: RedisStore(url, lambda: NOON, prefix=f"{name}:"))
