"""Flask's extensions called from modern endpoints: inside a context, one of their own, given back, off the loop."""

import asyncio
import threading
from typing import Any

import pytest
from fastapi import FastAPI
from flask import Flask, current_app, g

from migration_flags.stores.memory import MemoryStore
from router.legacy_call import call_legacy
from tests.router.asking import until
from tests.router.rig import Rig, running

pytestmark = pytest.mark.anyio


class Extension:
    """As Flask's extensions are: it keeps a connection per context, and closes it when the context ends."""

    def __init__(self, app: Flask) -> None:
        self.open: set[int] = set()
        self.closed = 0
        app.teardown_appcontext(self._close)

    def connection(self) -> int:
        if "connection" not in g:
            g.connection = threading.get_ident()
            self.open.add(g.connection)
        return int(g.connection)

    def _close(self, error: BaseException | None) -> None:
        found = g.pop("connection", None)
        if found is not None:
            assert found == threading.get_ident()
            self.open.discard(found)
            self.closed += 1


@pytest.fixture
def app() -> Flask:
    app = Flask("legacy", static_folder=None)
    app.config["GREETING"] = "hello"
    return app


def greet(name: str, mark: str = "") -> str:
    return f"{current_app.config['GREETING']} {name}{mark}"


async def test_without_a_context_an_extension_refuses() -> None:
    with pytest.raises(RuntimeError, match="outside of application context"):
        greet("anna")


async def test_a_modern_endpoint_may_call_an_extension(app: Flask, flags: MemoryStore) -> None:
    modern = FastAPI()

    @modern.get("/greet/{name}")
    async def endpoint(name: str) -> str:
        return await call_legacy(app, greet, name, mark="!")

    rig = Rig(flags, legacy=app, modern=modern)
    async with running(rig.router):
        assert (await rig.ask("GET", "/greet/anna")).json == "hello anna!"


async def test_two_visitors_at_once_never_share_a_g(app: Flask) -> None:
    meeting = threading.Barrier(2)

    def whoami(name: str) -> str:
        g.user = name
        meeting.wait(5)
        found: str = g.user
        meeting.wait(5)
        return found

    names = ["alice", "bob"]
    assert await asyncio.gather(*(call_legacy(app, whoami, name) for name in names)) == names


async def test_tasks_inside_a_context_of_their_callers_get_one_of_their_own(app: Flask) -> None:
    def whoami(name: str) -> str:
        assert "user" not in g
        g.user = name
        return str(g.user)

    with app.app_context():
        g.user = "the caller"
        assert await asyncio.gather(*(call_legacy(app, whoami, name) for name in ("alice", "bob"))) == ["alice", "bob"]
        assert g.user == "the caller"


async def test_a_session_opened_there_is_given_back_there(app: Flask) -> None:
    extension = Extension(app)
    assert await call_legacy(app, extension.connection) != threading.get_ident()

    def fail() -> None:
        extension.connection()
        raise KeyError("whole")

    with pytest.raises(KeyError, match="whole"):
        await call_legacy(app, fail)
    assert (extension.open, extension.closed) == (set(), 2)


async def test_a_caller_who_is_cancelled_leaves_no_session_open(app: Flask) -> None:
    extension, go = Extension(app), threading.Event()

    def slow() -> Any:
        extension.connection()
        go.wait(5)

    task = asyncio.create_task(call_legacy(app, slow))
    await until(lambda: len(extension.open) == 1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    go.set()
    await until(lambda: extension.closed == 1)
    assert extension.open == set()
