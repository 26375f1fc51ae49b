"""However a request ends, on whichever side, its connection comes back and no transaction stays open."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from typing import Any

import pytest
from sqlalchemy import Engine, event

from migration_flags import Stage
from tests.legacy_flask.hybrid import Hybrid, started
from tests.parity.ask import Ask, get, raw, send
from tests.parity.library import Library, make_library
from tests.router.asking import Client, http_scope, until
from tests.servers.mariadb import MariaDB, start_mariadb

pytestmark = pytest.mark.anyio

BOTH = pytest.mark.parametrize("stage", [Stage.LEGACY, Stage.MODERN])
KINDS = (
    get("/api/videos/?limit=5"),
    get("/api/videos/1"),
    Ask("HEAD", "/api/videos/1"),
    get("/api/videos/999"),
    get("/api/videos/?limit=x"),
    get("/api/nope"),
    Ask("PATCH", "/api/videos/1"),
    get("/videos"),
    get("/auth/check"),
    get("/api/videos/1/stream"),
    get("/api/videos/1/stream", range="bytes=0-9"),
    get("/api/videos/15/stream"),
    send("POST", "/api/artists/", {"name": "Somebody New"}),
    send("POST", "/api/artists/", {"name": "Nova Kestrel"}),
    send("PUT", "/api/videos/30", {"year": 1999}),
    send("PUT", "/api/videos/30", {"year": "abc"}),
    raw("PUT", "/api/videos/30", b"{bad"),
    send("PUT", "/api/settings/imvdb_api_key", {"value": "x"}),
    send("POST", "/auth/login", {"username": "anna", "password": "wrong"}),
    Ask("DELETE", "/api/artists/999"),
)
STEPS = (0, 1, 2, 4, 8, 16, 32, 64)
"""After how many turns of the event loop a request is given up."""


YEARS = count(1950)
"""A new value for each write, so that it changes its row."""


class Exploded(Exception):
    """What nobody foresaw."""


@pytest.fixture(scope="module")
def mariadb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MariaDB]:
    with start_mariadb(tmp_path_factory.mktemp("mariadb")) as server:
        yield server


@pytest.fixture(
    scope="module", params=["sqlite", pytest.param("mariadb", marks=[pytest.mark.mariadb, pytest.mark.long])]
)
def library(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Library:
    """One for all tests: what they write, others may find written."""
    url = ""
    if request.param == "mariadb":
        server: MariaDB = request.getfixturevalue("mariadb")
        url = server.create_database("returned")
    return make_library(tmp_path_factory.mktemp("returned") / "library", url)


@pytest.fixture
async def hybrid(library: Library) -> AsyncIterator[Hybrid]:
    async with started(library) as hybrid:
        yield hybrid


async def at_rest(hybrid: Hybrid) -> None:
    """Nothing is checked out, no thread is at work, and the database sees no transaction."""
    await until(lambda: hybrid.checked_out() == 0 and hybrid.router.legacy.busy == 0)
    deadline = time.monotonic() + 20
    while hybrid.open_transactions():
        assert time.monotonic() < deadline, "A transaction stays open."
        await asyncio.sleep(0.15)  # who looks again within a tenth of a second is shown by MariaDB what it saw before


@contextmanager
def at_each_statement(hybrid: Hybrid, act: Any) -> Iterator[None]:
    """Calls ``act`` after every statement of either side, in the middle of its transaction."""
    engines: tuple[Engine, ...] = hybrid.engines()

    def after(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        act(statement)

    for engine in engines:
        event.listen(engine, "after_cursor_execute", after)
    try:
        yield
    finally:
        for engine in engines:
            event.remove(engine, "after_cursor_execute", after)


@BOTH
async def test_every_kind_of_request_gives_its_connection_back(hybrid: Hybrid, stage: Stage) -> None:
    await hybrid.move(stage)
    cookie = await hybrid.log_in("root")
    for one in KINDS:
        for sender in ("", cookie):
            answer = await hybrid.play(one, sender)
            assert (answer.side, answer.status < 500) == (stage.value, True), one.name
            assert hybrid.checked_out() == 0, one.name
    await at_rest(hybrid)


@BOTH
async def test_an_exception_inside_a_transaction_gives_it_back_undone(hybrid: Hybrid, stage: Stage) -> None:
    await hybrid.move(stage)
    before = (await hybrid.play(get("/api/videos/30"))).json

    def explode(statement: str) -> None:
        if statement.startswith(("UPDATE videos", "INSERT INTO artists")) or "FROM videos" in statement:
            raise Exploded

    with at_each_statement(hybrid, explode):
        for one in (
            get("/api/videos/1"),
            send("PUT", "/api/videos/30", {"year": 1901}),
            send("POST", "/api/artists/", {"name": "Never There"}),
        ):
            assert (await hybrid.play(one)).status == 500, one.name
            assert hybrid.checked_out() == 0, one.name
    await at_rest(hybrid)
    assert (await hybrid.play(get("/api/videos/30"))).json == before
    assert (await hybrid.play(get("/api/artists/?search=Never+There"))).json["total"] == 0


@BOTH
@pytest.mark.parametrize("one", [get("/api/videos/?limit=20"), send("PUT", "/api/videos/31", {"year": 1902})])
async def test_a_task_cancelled_at_any_moment_gives_its_connection_back(hybrid: Hybrid, stage: Stage, one: Ask) -> None:
    await hybrid.move(stage)
    for steps in STEPS:
        task = asyncio.create_task(hybrid.play(one))
        for _ in range(steps):
            await asyncio.sleep(0)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    await at_rest(hybrid)
    assert (await hybrid.play(one)).status == 200


@BOTH
@pytest.mark.parametrize("ending", ["cancel", "leave"])
async def test_a_client_gone_in_the_middle_of_a_transaction_leaves_none_open(
    hybrid: Hybrid, stage: Stage, ending: str
) -> None:
    await hybrid.move(stage)
    client, loop = Client([b'{"year": %d}' % next(YEARS)]), asyncio.get_running_loop()
    headers = [("content-type", "application/json"), ("content-length", "14")]
    scope = http_scope("PUT", "/api/videos/32", headers, state=hybrid.state.copy())
    inside = threading.Event()

    def end(statement: str) -> None:
        if statement.startswith("UPDATE videos"):
            loop.call_soon_threadsafe(task.cancel if ending == "cancel" else client.leave)
            inside.set()

    with at_each_statement(hybrid, end):
        task = asyncio.create_task(hybrid.router(scope, client.receive, client.send))
        await asyncio.wait([task])
        await until(inside.is_set)
        await at_rest(hybrid)
    with suppress(asyncio.CancelledError):
        task.result()


@BOTH
async def test_a_film_that_nobody_watches_to_its_end_holds_no_connection(hybrid: Hybrid, stage: Stage) -> None:
    await hybrid.move(stage)
    for fatal in (0, 1):
        client, sent = Client(), list[Any]()

        async def broken(message: Any, sent: list[Any] = sent, fatal: int = fatal) -> None:
            if len(sent) == fatal:
                raise OSError("broken pipe")
            sent.append(message)

        scope = http_scope("GET", "/api/videos/1/stream", state=hybrid.state.copy())
        try:
            await asyncio.wait_for(hybrid.router(scope, client.receive, broken), 10)
        except* OSError:
            pass
        await at_rest(hybrid)


@BOTH
async def test_fifty_requests_at_once_wait_for_connections_and_give_all_back(hybrid: Hybrid, stage: Stage) -> None:
    await hybrid.move(stage)
    asks = [one for one in KINDS if one.method in {"GET", "HEAD"}]
    answers = await asyncio.gather(*(hybrid.play(asks[number % len(asks)]) for number in range(50)))
    assert {answer.side for answer in answers} == {stage.value}
    assert max(answer.status for answer in answers) < 500
    await at_rest(hybrid)
