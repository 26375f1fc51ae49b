"""MVidarr's writes, tried on modern before legacy: nothing of the trial may stay, and what differs is found."""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import inspect, text, update

from fastapi_app.models import Artist, Setting
from fastapi_app.models.write_turn import turn_of
from legacy_flask.front_door import build, isolation
from legacy_flask.front_door.dry_run import TRIED
from legacy_flask.front_door.isolation import isolated
from legacy_flask.front_door.row_changes import recorded
from migration_flags import Stage
from router.comparison.ledger import Ledger
from router.comparison.summary import Summary
from router.dry_run.dry_runs import DryRun, DryRuns
from router.dry_run.limits import DryRunLimits
from router.dry_run.metrics import families
from router.row import Owner
from tests.legacy_flask.hybrid import Hybrid, started
from tests.parity.library import make_library
from tests.router.asking import Answer, Client, http_scope, until
from tests.servers.mariadb import MariaDB, start_mariadb

pytestmark = pytest.mark.anyio

JSON = {"content-type": "application/json"}
PATIENCE = 20.0
ADD = "POST /api/artists/"
numbers = itertools.count()
CHANGE = "PUT /api/artists/{artist_id}"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
def mariadb(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with start_mariadb(tmp_path_factory.mktemp("mariadb")) as server:
        yield server


@pytest.fixture(params=["sqlite", pytest.param("mariadb", marks=[pytest.mark.mariadb, pytest.mark.long])])
async def hybrid(
    request: pytest.FixtureRequest, tmp_path: Path, mariadb: MariaDB, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Hybrid]:
    """With patience for a busy machine: of a trial that had to be skipped no test could say anything."""
    monkeypatch.setattr(isolation, "TURN", PATIENCE)
    url = "" if request.param == "sqlite" else mariadb.create_database(f"dry_run_{next(numbers)}")
    library = make_library(tmp_path / "library", url)
    async with started(library) as made:
        assert made.router.dry_runs is not None
        made.router.dry_runs.limits = DryRunLimits(share=1.0, deadline=PATIENCE)
        await made.move(Stage.SHADOW, TRIED)
        yield made


async def send(hybrid: Hybrid, key: str, path: str, body: Any = None) -> Answer:
    content = b"" if body is None else json.dumps(body).encode()
    answer = await hybrid.ask(key.partition(" ")[0], path, headers=JSON, body=content)
    assert answer.headers["x-served-by"] == "legacy"
    return answer


async def found(hybrid: Hybrid, key: str, compared: int = 1) -> Summary:
    runs = hybrid.router.dry_runs
    assert runs is not None
    await until(lambda: runs.summary(key)["compared"] >= compared or bool(runs.summary(key)["skipped"]), PATIENCE)
    summary = Summary.from_json(runs.summary(key))
    assert not summary.skipped
    return summary


def count(hybrid: Hybrid, table: str = "artists") -> int:
    with hybrid.engines()[0].connect() as connection:
        return int(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar() or 0)


ASKED: tuple[tuple[str, str, Any], ...] = (
    (ADD, "/api/artists/", {"name": "Tried Twice"}),
    (CHANGE, "/api/artists/1", {"monitored": False, "keywords": "one"}),
    ("PUT /api/artists/{artist_id}/settings", "/api/artists/2/settings", {"auto_download": True}),
    ("PUT /api/genres/videos/{video_id}", "/api/genres/videos/1", {"genres": ["Pop", "Rock"]}),
    ("PUT /api/settings/{key}", "/api/settings/dry_run_toy", {"value": "1"}),
    ("PUT /api/settings/{key}", "/api/settings/dry_run_toy", {"value": "2"}),
    ("PUT /api/settings/bulk", "/api/settings/bulk", {"settings": {"dry_run_toy": "3", "dry_run_other": "4"}}),
    ("DELETE /api/settings/{key}", "/api/settings/dry_run_toy", None),
    ("PUT /api/videos/{video_id}/status", "/api/videos/3/status", {"status": "IGNORED"}),
    ("PUT /api/videos/bulk/status", "/api/videos/bulk/status", {"video_ids": [4, 5, 6], "status": "WANTED"}),
    ("POST /api/webhooks/", "/api/webhooks/", {"url": "https://example.org/hook", "events": ["video.downloaded"]}),
)


async def test_both_sides_write_the_same_and_the_trial_leaves_nothing(hybrid: Hybrid) -> None:
    seen: dict[str, int] = {}
    before = count(hybrid)
    for key, path, body in ASKED:
        answer = await send(hybrid, key, path, body)
        seen[key] = seen.get(key, 0) + 1
        summary = await found(hybrid, key, seen[key])
        assert answer.status < 500
        assert not summary.findings(date(2026, 1, 1)), (key, answer.body, summary.findings(date(2026, 1, 1)))
    assert count(hybrid) == before + 1
    await until(lambda: hybrid.checked_out() == 0)


def test_every_route_that_is_tried_has_two_owners_and_writes(tmp_path: Path) -> None:
    table = build(make_library(tmp_path / "library").config).table
    for key in TRIED:
        assert table[key].owner is Owner.BOTH
        assert table[key].method in {"POST", "PUT", "DELETE"}


Fault = Callable[[Any, Hybrid], Any]


async def raises(_state: Any, _hybrid: Hybrid) -> None:
    raise RuntimeError("a candidate with a fault")


async def hangs(_state: Any, _hybrid: Hybrid) -> None:
    await asyncio.Event().wait()


async def hangs_in_a_statement(state: Any, hybrid: Hybrid) -> None:
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
    slow = endless if hybrid.engines()[0].dialect.name == "sqlite" else "SELECT sleep(10)"
    async with state["database"].writing() as session:
        session.add(Artist(name="Left Behind"))
        await session.flush()
        await session.execute(text(slow))


async def commits_its_session(state: Any, _hybrid: Hybrid) -> None:
    async with state["database"].reading() as session:
        session.add(Artist(name="Left Behind"))
        await session.commit()


async def commits_the_connection(state: Any, _hybrid: Hybrid) -> None:
    async with state["database"].reading() as session:
        await (await session.connection()).commit()


async def says_commit(state: Any, _hybrid: Hybrid) -> None:
    async with state["database"].reading() as session:
        await session.execute(text("COMMIT"))


async def makes_a_table(state: Any, _hybrid: Hybrid) -> None:
    async with state["database"].reading() as session:
        await session.execute(text("CREATE TABLE left_behind (id INT)"))


async def loses_its_connection(state: Any, hybrid: Hybrid) -> None:
    async with state["database"].reading() as session:
        connection = await session.connection()
        if hybrid.engines()[0].dialect.name == "sqlite":
            await connection.invalidate()
            return
        number = int(await session.scalar(text("SELECT connection_id()")) or 0)

        def kill() -> None:
            with hybrid.engines()[0].connect() as other:
                other.exec_driver_sql(f"KILL {number}")

        await asyncio.to_thread(kill)
        await session.execute(text("SELECT 1"))


async def writes_later(state: Any, hybrid: Hybrid) -> None:
    async def late() -> None:
        await asyncio.sleep(0.02)
        async with state["database"].writing() as session:
            session.add(Artist(name="Left Behind"))

    late_tasks.append(asyncio.create_task(late()))
    late_tasks[-1].add_done_callback(lambda task: task.cancelled() or task.exception())


async def waits_for_a_lock(state: Any, hybrid: Hybrid) -> None:
    """What MariaDB answers when two wait for each other is an error of the same kind."""
    engine = hybrid.engines()[0]
    if engine.dialect.name == "sqlite":
        return
    with engine.connect() as other:
        other.execute(text("SELECT id FROM artists WHERE id = 5 FOR UPDATE"))
        async with state["database"].writing() as session:
            await session.execute(update(Artist).where(Artist.id == 5).values(source="left behind"))


late_tasks: list["asyncio.Task[None]"] = []
FAULTS: tuple[tuple[Fault, int], ...] = (
    (raises, 40),
    (commits_its_session, 30),
    (commits_the_connection, 30),
    (says_commit, 30),
    (makes_a_table, 30),
    (loses_its_connection, 20),
    (writes_later, 20),
    (hangs, 8),
    (hangs_in_a_statement, 2),
    (waits_for_a_lock, 2),
)


@asynccontextmanager
async def faulty(hybrid: Hybrid, fault: Fault, deadline: float = PATIENCE) -> AsyncIterator[DryRuns]:
    """Dry runs whose candidate does its work well, and then has a fault."""
    modern = hybrid.router.modern

    def candidate(_row: Any) -> Any:
        async def app(scope: Any, receive: Any, send: Any) -> None:
            await modern(scope, receive, _held(send))
            await fault(scope["state"], hybrid)
            await send({"type": "http.response.start", "status": 201, "headers": []})
            await send({"type": "http.response.body", "body": b"{}"})

        return app

    runs = DryRuns(
        DryRun(TRIED, isolated, recorded, DryRunLimits(share=1.0, deadline=deadline)), candidate, source="toy"
    )
    before, hybrid.router.dry_runs = hybrid.router.dry_runs, runs
    await runs.start()
    try:
        yield runs
    finally:
        await runs.stop()
        hybrid.router.dry_runs = before


def _held(_send: Any) -> Any:
    async def held(message: Any) -> None:
        del message

    return held


async def test_never_two_writes_whatever_becomes_of_the_candidate(hybrid: Hybrid) -> None:
    rows, number = count(hybrid), 0
    late_tasks.clear()
    for fault, times in FAULTS:
        async with faulty(hybrid, fault, 0.3 if "hangs" in fault.__name__ else PATIENCE) as runs:
            for _ in range(times):
                number += 1
                answer = await send(hybrid, ADD, "/api/artists/", {"name": f"Dry {number}"})
                assert (answer.status, count(hybrid)) == (201, rows + number), fault.__name__
                assert sum(message["type"] == "http.response.start" for message in answer.messages) == 1
            await until(partial(has, runs, times))
    assert number >= 200
    await asyncio.gather(*late_tasks, return_exceptions=True)
    assert all(task.exception() is not None for task in late_tasks)
    with hybrid.engines()[0].connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM artists WHERE name = 'Left Behind'")).scalar() == 0
        assert connection.execute(text("SELECT count(*) FROM artists WHERE source = 'left behind'")).scalar() == 0
        tables = inspect(connection).get_table_names()
    assert "left_behind" not in tables
    await until(lambda: hybrid.checked_out() == 0)
    assert hybrid.open_transactions() == 0


def has(runs: DryRuns, times: int) -> bool:
    summary = Summary.from_json(runs.summary(ADD))
    return summary.compared + sum(summary.skipped.values()) == times


async def test_a_client_that_leaves_in_between_causes_no_second_write(hybrid: Hybrid) -> None:
    rows = count(hybrid)
    for number in range(10):
        body = json.dumps({"name": f"Gone {number}"}).encode()
        client = Client([body])

        async def leaves(_state: Any, _hybrid: Hybrid, client: Client = client) -> None:
            client.leave()

        async with faulty(hybrid, leaves):
            headers = [*JSON.items(), ("content-length", str(len(body)))]
            scope = http_scope("POST", "/api/artists/", headers, state=hybrid.state.copy())
            await asyncio.wait_for(hybrid.router(scope, client.receive, client.send), 10)
        await until(lambda: hybrid.router.legacy.busy == 0)
        assert count(hybrid) - rows <= number + 1
    await until(lambda: hybrid.checked_out() == 0)


async def test_a_candidate_that_writes_something_else_is_found(hybrid: Hybrid) -> None:
    async def writes_more(state: Any, _hybrid: Hybrid) -> None:
        async with state["database"].writing() as session:
            await session.execute(update(Artist).where(Artist.id == 3).values(source="elsewhere"))

    async with faulty(hybrid, writes_more) as runs:
        await send(hybrid, ADD, "/api/artists/", {"name": "Another"})
        await until(lambda: runs.summary(ADD)["compared"] == 1)
        fields = {one["field"] for one in runs.summary(ADD)["fields"]}
    assert "writes.artists.update" in fields


async def test_secrets_that_differ_are_told_to_nobody(hybrid: Hybrid) -> None:
    key = "PUT /api/settings/{key}"

    async def stores_another(state: Any, _hybrid: Hybrid) -> None:
        async with state["database"].writing() as session:
            await session.execute(update(Setting).where(Setting.key == "dry_run_toy").values(value="hunter2-other"))

    async with faulty(hybrid, stores_another) as runs:
        await send(hybrid, key, "/api/settings/dry_run_toy", {"value": "hunter2"})
        await until(lambda: runs.summary(key)["compared"] == 1)
        told = json.dumps(runs.summary(key))
    assert "writes.settings" in told
    assert "hunter2" not in told


async def test_what_lies_outside_the_database_is_refused_and_noted(hybrid: Hybrid) -> None:
    async def asks_imvdb(state: Any, _hybrid: Hybrid) -> None:
        await state["imvdb"].search_videos("key", "text", 1)

    async def writes_a_file(state: Any, _hybrid: Hybrid) -> None:
        (state["config"].data_dir / "thumbnails").mkdir(parents=True)

    for fault, error in ((asks_imvdb, "EffectRefused"), (writes_a_file, "NotADirectoryError")):
        async with faulty(hybrid, fault) as runs:
            await send(hybrid, ADD, "/api/artists/", {"name": fault.__name__})
            await until(partial(has, runs, 1))
            (field,) = runs.summary(ADD)["fields"]
        assert (field["field"], field["samples"][0]["candidate"]) == ("exception", error)


async def test_a_file_that_somebody_else_writes_to_is_not_waited_for(tmp_path: Path) -> None:
    library = make_library(tmp_path / "library")
    async with started(library) as hybrid:
        runs = hybrid.router.dry_runs
        assert runs is not None
        runs.limits = DryRunLimits(share=1.0)
        await hybrid.move(Stage.SHADOW, [ADD])
        turn = turn_of(str((library.config.data_dir / "mvidarr.db").resolve()))
        assert turn.take(1.0)
        asked = asyncio.create_task(send(hybrid, ADD, "/api/artists/", {"name": "Waited"}))
        await until(lambda: runs.summary(ADD)["skipped"] == {"not isolated": 1})
        turn.give()
        assert (await asked).status == 201


def test_metrics_say_what_came_of_them() -> None:
    ledger = Ledger()
    ledger.skip("not isolated")
    (family,) = families({ADD: ledger})
    assert [(one.name, one.labels, one.value) for one in family.samples] == [
        ("strangler_dry_runs_total", {"route": ADD, "result": "not isolated"}, 1.0)
    ]
