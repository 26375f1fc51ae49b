"""A database that is frozen answers nothing and closes nothing: whoever waits for it must not wait for ever."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import anyio
import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from fastapi_app.config import Config
from fastapi_app.database import Database, blocking_engine
from fastapi_app.jobs import claiming
from fastapi_app.jobs.event import event_of
from fastapi_app.jobs.heartbeat import Heartbeat, Pace
from fastapi_app.jobs.interruption import Interruption, Reason
from fastapi_app.jobs.states import Queue
from fastapi_app.models import Job, now
from fastapi_app.schema import upgrade
from fastapi_app.silence import Watched
from tests.fastapi_app.conftest import connected, write
from tests.fastapi_app.library import log_in, user
from tests.jobs.work_rows import job
from tests.jobs.workers import until
from tests.servers.mariadb import MariaDB, start_mariadb

pytestmark = [pytest.mark.mariadb, pytest.mark.anyio]

PATIENCE = 0.5
SOON = 15.0


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MariaDB]:
    with start_mariadb(tmp_path_factory.mktemp("silent")) as server:
        yield server


@pytest.fixture
def told(config: Config, own: MariaDB, tmp_path: Path) -> Iterator[Config]:
    name = f"silent_{time.monotonic_ns()}"
    made = config.model_copy(update={"database_url": own.create_database(name)})
    engine = blocking_engine(made)
    upgrade(engine)
    write(engine, user(5, "anna"), job(1, kind="info", subject="one", queue=Queue.METADATA))
    engine.dispose()
    yield made
    own.drop_database(name)


def _stands(task: Path) -> bool:
    try:
        return (task / "stat").read_text().rpartition(")")[2].split()[0] in "tT"
    except (FileNotFoundError, ProcessLookupError):
        return True  # it had ended before


@contextmanager
def frozen(server: MariaDB) -> Iterator[None]:
    """Nobody is patient with it meanwhile. Awake, a busy machine may be as slow as it likes."""
    os.kill(server.process.pid, signal.SIGSTOP)
    tasks = Path(f"/proc/{server.process.pid}/task")
    try:
        until(lambda: all(_stands(task) for task in tasks.iterdir()))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Watched, "patience", PATIENCE)
            yield
    finally:
        os.kill(server.process.pid, signal.SIGCONT)


async def test_a_statement_fails_and_the_pool_recovers(told: Config, own: MariaDB) -> None:
    database = Database(told)
    try:
        async with database.reading() as session:
            await session.execute(text("SELECT 1"))
            with frozen(own), anyio.fail_after(SOON), pytest.raises(OperationalError):
                await session.execute(text("SELECT 2"))
        with frozen(own), anyio.fail_after(SOON), pytest.raises(OperationalError):
            async with database.reading() as session:
                await session.execute(text("SELECT 3"))
        async with database.reading() as session:
            assert await session.scalar(text("SELECT 4")) == 4
    finally:
        await database.close()


async def test_handing_in_is_answered_503_and_works_afterwards(told: Config, own: MariaDB) -> None:
    async with connected(told) as client:
        await log_in(client)
        body = {"kind": "info", "url": "http://films.example/two"}
        with frozen(own), anyio.fail_after(SOON):
            assert (await client.post("/api/jobs", json=body)).status_code == 503
        assert (await client.post("/api/jobs", json=body)).status_code == 202


async def test_a_heartbeat_gives_its_job_up_before_others_take_it(told: Config, own: MariaDB) -> None:
    engine = blocking_engine(told, 2 * PATIENCE)
    taken = claiming.take(engine, Queue.METADATA)
    assert taken is not None
    claim, row = taken
    interruption, given_up = Interruption(), threading.Event()
    heartbeat = Heartbeat(
        engine,
        claim,
        interruption,
        lambda: event_of(row, now()),
        pace=Pace(look=0.1, beat=0.1, silence=1.5, patience=0.1),
        deadline=60.0,
        give_up=lambda _reason: given_up.set(),
        stopping=lambda: False,
    )
    with interruption.handled(), heartbeat, frozen(own):
        deadline = time.monotonic() + SOON
        while interruption.reason is not Reason.LOST:
            assert time.monotonic() < deadline, "it waits for ever"
            await anyio.sleep(0.02)
    with Session(engine) as session:
        assert session.scalar(select(Job.id)) == row.id
    engine.dispose()
