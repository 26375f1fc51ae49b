"""An application context that outlives the start would make every visitor the one who came last."""

import asyncio
import contextvars
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask, g, request
from flask.typing import ResponseReturnValue

from migration_flags.stores.memory import MemoryStore
from router import Router, WSGIBackend
from router.errors import ContextOpen
from tests.router.asking import ask
from tests.router.rig import Rig, fastapi_app, running
from tests.router.wsgi_toys import closing

pytestmark = pytest.mark.anyio


def whoami_app() -> Flask:
    """Two visitors meet between saying who they are and being asked."""
    app = Flask("legacy", static_folder=None)
    meeting = threading.Barrier(2)

    @app.get("/whoami")
    def whoami() -> ResponseReturnValue:
        g.user = request.headers["X-User"]
        meeting.wait(5)
        found: str = g.user
        meeting.wait(5)
        return found

    return app


async def two_visitors(app: Any) -> list[str]:
    asked = (ask(app, "GET", "/whoami", headers={"x-user": name}) for name in ("alice", "bob"))
    return [answer.body.decode() for answer in await asyncio.gather(*asked)]


@pytest.fixture
def opened() -> Iterator[Flask]:
    app = whoami_app()
    with app.app_context():
        yield app


async def test_two_visitors_at_once_are_two(flags: MemoryStore) -> None:
    rig = Rig(flags, legacy=whoami_app())
    async with running(rig.router):
        assert await two_visitors(rig.router) == ["alice", "bob"]


async def test_an_inherited_context_is_shared_by_all_which_is_why_it_is_refused() -> None:
    app = whoami_app()
    with app.app_context():
        backend = WSGIBackend(app)
        seen = await two_visitors(backend)
    assert len(set(seen)) == 1, "Flask gives each request a context of its own now: the refusal may go."
    await closing(backend)


def test_a_context_open_while_the_router_is_built_refuses_the_boot(opened: Flask, flags: MemoryStore) -> None:
    with opened.app_context(), pytest.raises(ContextOpen, match=r"flask\.app_ctx"):
        Router(opened, fastapi_app(), flags)
    with opened.test_request_context("/"), pytest.raises(ContextOpen):
        Router(opened, fastapi_app(), flags)


async def start(router: Router) -> list[Any]:
    said: list[Any] = []
    inbox: asyncio.Queue[Any] = asyncio.Queue()
    inbox.put_nowait({"type": "lifespan.startup"})

    async def send(message: Any) -> None:
        said.append(message)

    await asyncio.wait_for(router({"type": "lifespan", "asgi": {}, "state": {}}, inbox.get, send), 10)
    return said


async def test_a_context_opened_after_building_refuses_the_start(flags: MemoryStore) -> None:
    app = whoami_app()
    router = Router(app, fastapi_app(), flags)
    with app.app_context():
        (message,) = await start(router)
        assert message["type"] == "lifespan.startup.failed"
        assert "share its g" in message["message"]
        with pytest.raises(ContextOpen):  # and where the server runs no lifespan
            await ask(router, "GET", "/whoami")


def test_a_context_that_was_closed_is_forgotten(flags: MemoryStore) -> None:
    app = whoami_app()
    with app.app_context():
        pass
    another: contextvars.ContextVar[str] = contextvars.ContextVar("another")
    another.set("value")
    Router(app, fastapi_app(), flags)
