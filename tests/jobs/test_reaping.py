"""Jobs whose worker is gone, whoever it was, and rows that are old."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from fastapi_app.config import Config
from fastapi_app.database import blocking_engine
from fastapi_app.jobs import claiming, reaping, retention
from fastapi_app.jobs.states import Executor, Queue, State
from fastapi_app.models import Artist, Download, Job, JobQueue, now
from tests.fastapi_app.conftest import write
from tests.jobs.work_rows import job

LONG_AGO = now() - timedelta(seconds=31)


@pytest.fixture
def engine(config: Config) -> Iterator[Engine]:
    made = blocking_engine(config)
    yield made
    made.dispose()


@pytest.mark.parametrize("executor", list(Executor))
@pytest.mark.parametrize(("attempts", "state"), [(1, State.RETRYING), (3, State.FAILED)])
def test_a_silent_job_is_taken_away_and_its_attempt_counts(
    engine: Engine, executor: Executor, attempts: int, state: State
) -> None:
    lost = {"attempts": attempts, "heartbeat_at": LONG_AGO, "claim": "gone", "sequence": 1_000_009}
    write(engine, job(1, State.RUNNING, executor=executor, attempt_limit=3, **lost))
    [taken] = reaping.reap(engine)
    assert (taken.state, taken.attempts, taken.error_class) == (state, attempts, "worker-lost")
    assert taken.sequence == 2_000_000
    assert reaping.reap(engine) == []


def test_a_job_that_lives_is_left_alone(engine: Engine) -> None:
    write(engine, job(1, State.RUNNING, heartbeat_at=now(), claim="here"), job(2), job(3, State.COMPLETED))
    assert reaping.reap(engine) == []


def test_a_sign_of_life_between_look_and_write_counts(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    write(engine, job(1, State.RUNNING, heartbeat_at=LONG_AGO, claim="here"))
    taken = reaping._taken

    def after_a_heartbeat(*arguments: object) -> Job | None:
        write(engine, job(1, State.RUNNING, heartbeat_at=now(), claim="here"))
        return taken(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(reaping, "_taken", after_a_heartbeat)
    assert reaping.reap(engine) == []


@pytest.mark.parametrize(("asked", "state"), [("cancel_requested", State.CANCELLED), ("pause_requested", State.PAUSED)])
def test_a_lost_job_ends_as_it_was_asked_to(engine: Engine, asked: str, state: State) -> None:
    write(engine, job(1, State.RUNNING, heartbeat_at=LONG_AGO, attempts=1, **{asked: True}))
    assert [taken.state for taken in reaping.reap(engine)] == [state]


def test_the_row_of_0_9_follows_the_worker_that_is_lost_and_the_one_that_claims(engine: Engine) -> None:
    download = Download(id=5, artist_id=1, title="Glass Harbor", original_url="http://example.org", status="x")
    lost = job(1, State.RUNNING, heartbeat_at=LONG_AGO, attempts=1, download_id=5)
    write(engine, Artist(id=1, name="Nova Kestrel"), download, lost)

    def status() -> str | None:
        with Session(engine) as session:
            return session.scalar(select(Download.status))

    reaping.reap(engine)
    assert status() == "pending"
    assert claiming.take(engine, Queue.DOWNLOADS) is not None
    assert status() == "downloading"


def test_what_may_not_run_is_not_claimed(engine: Engine) -> None:
    later = now() + timedelta(minutes=1)
    write(
        engine,
        job(1, due_at=later),
        job(2, executor=Executor.LEGACY),
        job(3, cancel_requested=True),
        job(4, State.PAUSED),
        job(5, queue=Queue.MEDIA),
        JobQueue(name=Queue.MEDIA, paused_at=now()),
    )
    assert claiming.take(engine, Queue.DOWNLOADS) is None
    assert claiming.take(engine, Queue.MEDIA) is None
    assert set(claiming.waiting(engine).values()) == {0}
    taken = claiming.take(engine, Queue.DOWNLOADS, Executor.LEGACY)
    assert taken is not None
    assert taken[0].task.id == 2


def test_a_claim_begins_a_new_row_of_events(engine: Engine) -> None:
    write(engine, job(1, sequence=5), job(2, sequence=4_000_003, attempts=0))
    first, second = claiming.take(engine, Queue.DOWNLOADS), claiming.take(engine, Queue.DOWNLOADS, worker="host:1")
    assert first is not None
    assert second is not None
    assert (first[0].sequence, second[0].sequence) == (1_000_000, 4_000_004)
    assert (first[0].task.attempt, second[0].task.attempt) == (1, 1)
    assert claiming.held(engine, Queue.DOWNLOADS, "host:1") == 1
    assert claiming.held(engine, Queue.DOWNLOADS, "host") == 1
    assert claiming.held(engine, Queue.DOWNLOADS, "hos_") == 0


def test_rows_that_ended_a_month_ago_are_forgotten(engine: Engine) -> None:
    old = now() - timedelta(days=31)
    write(
        engine,
        job(1, State.COMPLETED, finished_at=old),
        job(2, State.COMPLETED, finished_at=now()),
        job(3, created_at=old),
    )
    assert retention.forget(engine) == 1
    with Session(engine) as session:
        assert list(session.scalars(select(Job.id).order_by(Job.id))) == [2, 3]
