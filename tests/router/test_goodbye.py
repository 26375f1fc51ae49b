"""A worker that stops in order says so: a deployment must not freeze promotions until its beat is forgotten."""

from datetime import UTC, datetime, timedelta

import pytest

from migration_flags import Flag, Stage, StoreUnavailable, Worker
from migration_flags.stores.memory import MemoryStore
from router import Owner
from router.heart import Heart
from router.promotion.gate import gate
from router.rollback.facts import LEFT
from router.row import Relation, Row
from tests.router.rig import Rig, running

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
LONG_AGO = (NOW - timedelta(seconds=60)).isoformat()


@pytest.mark.parametrize(("facts", "reasons"), [({}, 1), ({LEFT: True}, 0)])
def test_only_a_worker_that_vanished_is_waited_for(facts: dict[str, bool], reasons: int) -> None:
    row = Row("GET /a", "GET", "/a", Owner.BOTH, Relation.EQUAL)
    workers = [Worker("here", "host", 1, 1, NOW.isoformat()), Worker("gone", "host", 2, 1, LONG_AGO, dict(facts))]
    verdict = gate(row, Flag(row.key, Stage.LEGACY, epoch=1), [], workers, NOW)
    assert len([why for why in verdict.missing if "fell silent" in why]) == reasons


def test_who_left_beats_no_more_until_it_starts_again() -> None:
    store, clock = MemoryStore(), iter(range(0, 1000, 10))
    heart = Heart(store, lambda: {"what": "it saw"}, clock=lambda: float(next(clock)))
    assert heart.beat(1)
    heart.leave(2)
    assert not heart.beat(3)
    (worker,) = store.workers()
    assert (worker.epoch, dict(worker.facts)) == (2, {"what": "it saw", LEFT: True})
    heart.start()
    assert heart.beat(4)
    (worker,) = store.workers()
    assert LEFT not in worker.facts


def test_too_many_facts_do_not_silence_a_goodbye() -> None:
    store = MemoryStore()
    heart = Heart(store, lambda: {"much": "x" * 200_000})
    heart.leave(1)
    (worker,) = store.workers()
    assert dict(worker.facts) == {LEFT: True}


class Gone(MemoryStore):
    """A store that went after the start, and counts who still asks for it."""

    def __init__(self) -> None:
        super().__init__()
        self.gone = False
        self.asked = 0

    def epoch(self) -> int:
        if self.gone:
            raise StoreUnavailable("db", "gone")
        return super().epoch()

    def beat(self, worker: Worker) -> None:
        self.asked += self.gone
        super().beat(worker)


@pytest.mark.anyio
async def test_a_router_says_goodbye_when_it_stops() -> None:
    rig = Rig(MemoryStore())
    async with running(rig.router):
        pass
    assert [LEFT in worker.facts for worker in rig.flags.workers()] == [True]


@pytest.mark.anyio
async def test_a_stop_does_not_wait_for_a_store_that_is_down() -> None:
    store = Gone()
    rig = Rig(store)
    async with running(rig.router):
        store.gone = True
        rig.router.refresh()
        asked = store.asked
    assert store.asked == asked
