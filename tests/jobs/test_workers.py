"""Real workers on a real Redis: who runs what, and what remains when one of the parts dies."""

import json
import os
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from redis import Redis as Client
from sqlalchemy import Engine, update
from sqlalchemy.orm import Session

from fastapi_app.config import Config
from fastapi_app.database import blocking_engine
from fastapi_app.jobs import tickets
from fastapi_app.jobs.event import CHANNEL
from fastapi_app.jobs.states import Queue, State
from fastapi_app.models import WRITES, Job
from fastapi_app.schema import upgrade
from tests.jobs import toys
from tests.jobs.workers import all_ended, hand_in, job, states, until, working
from tests.servers.mariadb import MariaDB, start_mariadb
from tests.servers.redis import Redis, start_redis

STOP_SECONDS = 9.0


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[Redis]:
    with start_redis(tmp_path / "redis") as server:
        yield server


@pytest.fixture
def settings(config: Config, redis: Redis) -> Config:
    """An installation on SQLite, as `mvidarr up` runs it."""
    address = f"sqlite:///{config.data_dir / 'mvidarr.db'}"
    return config.model_copy(update={"redis_url": redis.url, "database_url": address})


@pytest.fixture
def engine(settings: Config) -> Iterator[Engine]:
    made = blocking_engine(settings)
    yield made
    made.dispose()


@pytest.fixture
def on_mariadb(settings: Config, mariadb: MariaDB) -> Iterator[Config]:
    name = f"jobs_{time.monotonic_ns()}"
    told = settings.model_copy(update={"database_url": mariadb.create_database(name)})
    made = blocking_engine(told)
    upgrade(made)
    made.dispose()
    yield told
    mariadb.drop_database(name)


def write(engine: Engine, job_id: int, **values: object) -> None:
    with Session(engine.execution_options(**{WRITES: True})) as session, session.begin():
        session.execute(update(Job).where(Job.id == job_id).values(values))


@pytest.mark.mariadb
@pytest.mark.long
def test_two_workers_race_and_each_job_runs_once(on_mariadb: Config) -> None:
    engine = blocking_engine(on_mariadb)
    try:
        made = hand_in(engine, *["short"] * 60)
        with working(on_mariadb, beat=True), working(on_mariadb, beat=True):
            until(lambda: all_ended(engine))
        ran = toys.marks(on_mariadb, "ran")
        assert Counter(one for one, _, _ in ran) == Counter(made)
        assert all(attempt == 1 for _, attempt, _ in ran)
        assert {State(state) for state in states(engine)} == {State.COMPLETED}
    finally:
        engine.dispose()


@pytest.mark.long
@pytest.mark.mariadb
def test_two_workers_race_for_a_minute_and_each_job_runs_once(
    on_mariadb: Config, record_property: Callable[[str, object], None]
) -> None:
    engine = blocking_engine(on_mariadb)
    made: list[int] = []
    ends = time.monotonic() + 60
    try:
        with (
            working(on_mariadb, beat=True),
            working(on_mariadb, beat=True),
            Client.from_url(on_mariadb.redis_url) as client,
        ):
            while time.monotonic() < ends:
                made += hand_in(engine, *["short"] * 20)
                tickets.publish(client, Queue.METADATA, 40)  # twice as many as jobs: everybody is asked all the time
                until(lambda: all_ended(engine))
        ran = toys.marks(on_mariadb, "ran")
        assert Counter(one for one, _, _ in ran) == Counter(made)
        assert all(attempt == 1 for _, attempt, _ in ran)
        assert len({process for _, _, process in ran}) > 1
        assert {State(state) for state in states(engine)} == {State.COMPLETED}
        record_property("jobs, each once", len(ran))
    finally:
        engine.dispose()


@pytest.mark.long
def test_the_best_job_goes_first_and_later_ones_as_they_were_reordered(settings: Config, engine: Engine) -> None:
    made = hand_in(engine, *["short"] * 4)
    write(engine, made[3], priority=1)
    write(engine, made[2], position=0)
    with working(settings, processes=1):
        until(lambda: all_ended(engine))
    assert [one for one, _, _ in toys.marks(settings, "ran")] == [made[3], made[2], made[0], made[1]]


@pytest.mark.long
def test_a_killed_process_of_the_pool_loses_no_job(settings: Config, engine: Engine) -> None:
    [made] = hand_in(engine, "dying")
    with working(settings):
        until(lambda: all_ended(engine))
    assert (job(engine, made).state, job(engine, made).attempts) == (State.COMPLETED, 2)
    assert job(engine, made).sequence > 2_000_000


def test_a_killed_worker_leaves_nobody_behind_and_its_job_runs_again(settings: Config, engine: Engine) -> None:
    made = hand_in(engine, "long", "long")
    with working(settings) as killed:
        until(lambda: len(toys.marks(settings, "began")) == 2)
        pool = killed.pool
        killed.process.kill()
        until(lambda: not any(_lives(pid) for pid in pool))
    with working(settings):
        until(lambda: len(toys.marks(settings, "began")) == 4)
        toys.let_go(settings)
        until(lambda: all_ended(engine))
    assert states(engine) == [State.COMPLETED] * 2
    assert Counter(one for one, _, _ in toys.marks(settings, "ran")) == Counter(made)


@pytest.mark.long
def test_a_frozen_worker_that_wakes_up_writes_nothing(settings: Config, engine: Engine) -> None:
    """Its job was given to somebody else meanwhile, who has done it."""
    [made] = hand_in(engine, "long")
    with working(settings, processes=1, beat=False) as frozen:
        Client.from_url(settings.redis_url).lpush(tickets.key(Queue.METADATA), tickets.ticket(Queue.METADATA, "one"))
        until(lambda: bool(toys.marks(settings, "began")))
        family = {frozen.process.pid, *frozen.pool}
        for pid in family:
            os.kill(pid, signal.SIGSTOP)
        with working(settings, processes=1):
            until(lambda: len(toys.marks(settings, "began")) == 2)
            toys.let_go(settings)
            until(lambda: all_ended(engine))
        done = job(engine, made)
        for pid in family:
            os.kill(pid, signal.SIGCONT)
        until(lambda: "taken away" in frozen.text)
    after = job(engine, made)
    assert (after.state, after.claim, after.sequence) == (State.COMPLETED, done.claim, done.sequence)


def test_a_redis_that_lost_everything_loses_no_job(settings: Config, engine: Engine, tmp_path: Path) -> None:
    with start_redis(tmp_path / "other") as first:
        told = settings.model_copy(update={"redis_url": first.url})
        with working(told) as worker:
            made = hand_in(engine, "long", *["short"] * 5)
            until(lambda: len(toys.marks(settings, "ran")) == 5 and bool(toys.marks(settings, "began")))
            first.kill()
            first.socket.unlink(missing_ok=True)
            made += hand_in(engine, *["short"] * 5)
            with start_redis(tmp_path / "other"):
                toys.let_go(settings)
                until(lambda: all_ended(engine))
                worker.stop()
    assert Counter(one for one, _, _ in toys.marks(settings, "ran")) == Counter(made)


def test_a_stop_hands_the_jobs_back_within_seconds(settings: Config, engine: Engine) -> None:
    made = hand_in(engine, "long", "long", "long")
    with working(settings) as worker:
        until(lambda: len(toys.marks(settings, "began")) == 2)
        assert worker.stop() < STOP_SECONDS
        assert worker.process.returncode == 0
        assert "Traceback" not in worker.text
    assert [(job(engine, one).state, job(engine, one).attempts) for one in made] == [(State.QUEUED, 0)] * 3


@pytest.mark.long
def test_a_job_that_hears_nothing_is_ended_with_its_process(settings: Config, engine: Engine) -> None:
    [made] = hand_in(engine, "stubborn")
    with working(settings):
        until(lambda: bool(toys.marks(settings, "began")))
        process = toys.marks(settings, "began")[0][2]
        write(engine, made, cancel_requested=True)
        until(lambda: job(engine, made).state == State.CANCELLED)
        until(lambda: not _lives(process))
        [other] = hand_in(engine, "short")
        until(lambda: job(engine, other).state == State.COMPLETED)
    assert job(engine, made).state == State.CANCELLED


def test_flower_would_see_a_worker(settings: Config) -> None:
    """It knows workers by their heartbeats, under the keys that deploy/flower names."""
    with Client.from_url(settings.redis_url) as client, client.pubsub() as listener, working(settings):
        listener.psubscribe(f"{tickets.PREFIX}*celeryev/worker.*")
        until(lambda: (listener.get_message(timeout=0.1) or {}).get("type") == "pmessage")


@pytest.mark.long
def test_listeners_hear_the_first_news_at_once_then_four_a_second_and_the_end(settings: Config, engine: Engine) -> None:
    with Client.from_url(settings.redis_url) as client, client.pubsub() as listener, working(settings):
        listener.subscribe(CHANNEL)
        hand_in(engine, "telling")
        heard: list[dict[str, object]] = []

        def ended() -> bool:
            while (message := listener.get_message(timeout=0.01)) is not None:
                if message["type"] == "message":
                    heard.append(json.loads(message["data"]))
            return bool(heard) and heard[-1]["state"] == State.COMPLETED

        until(ended)
    assert heard[0]["state"] == State.RUNNING
    numbers = [int(str(event["seq"])) for event in heard]
    assert numbers == sorted(set(numbers))
    progress = [event for event in heard if event["stage"] == "telling" and event["state"] == State.RUNNING]
    assert progress[0]["percent"] == 0.0
    assert 3 <= len(progress) <= 20


@pytest.mark.long
def test_a_worker_without_its_beat_stops(settings: Config) -> None:
    with working(settings) as worker, Client.from_url(settings.redis_url) as client:
        until(lambda: client.hlen("mvidarr:alive") == 2)
        names = [name.decode() for name in client.hkeys("mvidarr:alive")]
        beat = next(int(name.rpartition(":")[2]) for name in names if name.startswith("beat@"))
        assert beat in worker.pool
        os.kill(beat, signal.SIGKILL)
        until(lambda: worker.process.poll() is not None)
    assert "beat is gone" in worker.text


@pytest.mark.long
@pytest.mark.mariadb
def test_twenty_jobs_survive_a_database_that_is_away_for_ten_seconds(settings: Config, tmp_path: Path) -> None:
    folder = tmp_path / "own"
    with start_mariadb(folder) as first:
        port = first.port
        told = settings.model_copy(update={"database_url": first.create_database("jobs")})
        engine = blocking_engine(told)
        upgrade(engine)
        made = hand_in(engine, *["long"] * 20)
        with working(told, processes=20) as worker:
            until(lambda: len(toys.marks(told, "began")) == 20, 120)
            first.kill()
            time.sleep(10)  # the very thing that is tested
            with start_mariadb(folder, port=port):
                toys.let_go(told)
                until(lambda: all_ended(engine), 120)
                found = states(engine)
                worker.stop()
        engine.dispose()
    assert found == [State.COMPLETED] * 20
    assert Counter(one for one, _, _ in toys.marks(told, "ran")) >= Counter(made)


@pytest.mark.long
def test_twenty_jobs_survive_kills_of_the_worker(settings: Config, engine: Engine) -> None:
    made = hand_in(engine, *["long"] * 20, limit=10)
    for round_ in range(2):
        with working(settings, processes=20) as worker:
            until(lambda seen=20 * round_: len(toys.marks(settings, "began")) >= seen + 20, 120)  # type: ignore[misc]
            pool = worker.pool
            worker.process.kill()
            worker.process.wait()
            until(lambda pool=pool: not any(_lives(pid) for pid in pool))  # type: ignore[misc]
    with working(settings, processes=20):
        toys.let_go(settings)
        until(lambda: all_ended(engine), 120)
    assert states(engine) == [State.COMPLETED] * 20
    assert Counter(one for one, _, _ in toys.marks(settings, "ran")) == Counter(made)


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
