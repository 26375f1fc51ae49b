"""Whatever people, workers and the reaper do to one job, in any order: no step that isn't allowed, none twice."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import Engine, delete, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from fastapi_app.config import Config
from fastapi_app.database import Database, blocking_engine
from fastapi_app.errors import Conflict
from fastapi_app.jobs import changes, claiming, finishing, outcome, reaping
from fastapi_app.jobs.claiming import Claim
from fastapi_app.jobs.interruption import Reason
from fastapi_app.jobs.outcome import Outcome
from fastapi_app.jobs.states import TERMINAL, Queue, State, may_follow
from fastapi_app.jobs.work import Done, Failed, FailedForNow
from fastapi_app.models import WRITES, Job, now
from tests.jobs.workers import hand_in

CHANGES = (changes.cancel, changes.pause, changes.resume, changes.retry)


class Life(RuleBasedStateMachine):
    """One job. `claims` are those of every attempt, the last one first; only that one may still write."""

    engine: Engine
    database: Database
    runner: asyncio.Runner

    @initialize()
    def begin(self) -> None:
        with Session(self.engine.execution_options(**{WRITES: True})) as session, session.begin():
            session.execute(delete(Job))
        [self.id] = hand_in(self.engine, "short", limit=2)
        self.claims: list[Claim] = []
        self.row = self.read()

    @rule(change=st.sampled_from(CHANGES))
    def a_person_acts(self, change: Callable[[AsyncSession, int], Coroutine[Any, Any, Job]]) -> None:
        async def act() -> None:
            async with self.database.writing() as session:
                await change(session, self.id)

        try:
            self.runner.run(act())
        except Conflict:
            assert self.read().sequence == self.row.sequence
        self.look(by_person=True)

    @rule()
    def a_worker_looks_for_work(self) -> None:
        with Session(self.engine.execution_options(**{WRITES: True})) as session, session.begin():
            session.execute(update(Job).values(due_at=now()))
        taken = claiming.take(self.engine, Queue.METADATA)
        if taken is not None:
            assert self.row.state in (State.QUEUED, State.RETRYING)
            self.claims.insert(0, taken[0])
        self.look()

    @precondition(lambda self: self.claims)
    @rule(data=st.data())
    def an_attempt_ends(self, data: st.DataObject) -> None:
        claim = data.draw(st.sampled_from(self.claims))
        ours = claim is self.claims[0] and self.row.state == State.RUNNING
        written = finishing.finish(self.engine, claim, data.draw(st.sampled_from(_ends(claim))), claim.sequence)
        if not ours:
            assert self.read().sequence == self.row.sequence
        else:
            assert written is not None
        self.look()

    @rule(silent=st.booleans())
    def the_reaper_looks(self, silent: bool) -> None:
        if silent:
            with Session(self.engine.execution_options(**{WRITES: True})) as session, session.begin():
                session.execute(update(Job).values(heartbeat_at=None))
        reaping.reap(self.engine)
        self.look()

    @invariant()
    def only_a_job_under_way_keeps_others_out(self) -> None:
        assert (self.row.active_key is None) == (self.row.state in TERMINAL)
        assert (self.row.finished_at is not None) == (self.row.state in TERMINAL)
        assert 0 <= self.row.attempts <= self.row.attempt_limit or self.row.state == State.RUNNING

    def look(self, *, by_person: bool = False) -> None:
        before, self.row = self.row, self.read()
        assert self.row.sequence >= before.sequence
        if self.row.state != before.state:
            assert may_follow(State(before.state), State(self.row.state))
            assert self.row.sequence > before.sequence
            assert by_person or before.state not in TERMINAL

    def read(self) -> Job:
        with Session(self.engine, expire_on_commit=False) as session:
            return session.get_one(Job, self.id)


def _ends(claim: Claim) -> list[Outcome]:
    """Every way in which an attempt ends."""
    attempt, limit = claim.task.attempt, claim.attempt_limit
    failures = [Failed("gone", "Gone"), FailedForNow("network", "Broke off")]
    reasons = [Reason.CANCELLED, Reason.PAUSED, Reason.STOPPING, Reason.OVERDUE]
    interrupted = [
        outcome.of_interruption(reason, attempt, limit, now(), deadline=1.0, chance=0.0) for reason in reasons
    ]
    return [
        outcome.of_done(Done({}), now()),
        outcome.of_break(now()),
        *(outcome.of_failure(failed, attempt, limit, now(), 0.0) for failed in failures),
        *(one for one in interrupted if one is not None),
    ]


@pytest.fixture
def life(config: Config, tmp_path: Path) -> Iterator[type[Life]]:
    with asyncio.Runner() as runner:
        engine, database = blocking_engine(config), Database(config)
        yield type("LifeHere", (Life,), {"engine": engine, "database": database, "runner": runner})
        runner.run(database.close())
        engine.dispose()


def test_no_order_of_events_makes_a_wrong_step(life: type[Life]) -> None:
    run_state_machine_as_test(life, settings=settings(stateful_step_count=12, deadline=None))
