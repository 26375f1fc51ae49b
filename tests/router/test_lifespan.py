"""Both backends start and stop as one."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
from fastapi import FastAPI

from migration_flags import SchemaTooNew
from migration_flags.stores.memory import MemoryStore
from router import Route, Router
from router.errors import BackendFailed
from router.lifespan import Lifespan
from tests.router.asking import ask

pytestmark = pytest.mark.anyio


def wsgi(environ: Any, start_response: Any) -> list[bytes]:
    start_response("200 OK", [])
    return [b"ok"]


async def without_lifespan(scope: Any, receive: Any, send: Any) -> None:
    assert scope["type"] == "http"


def failing(phase: str) -> FastAPI:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        if phase == "startup":
            raise RuntimeError("no database")
        yield
        raise RuntimeError("no database")

    return FastAPI(lifespan=lifespan)


class Closable(MemoryStore):
    closed = 0

    def close(self) -> None:
        self.closed += 1


async def live(router: Router) -> list[str]:
    """The types of what the router says, from start to stop."""
    inbox: asyncio.Queue[Any] = asyncio.Queue()
    said: list[str] = []

    async def send(message: Any) -> None:
        said.append(message["type"].removeprefix("lifespan."))

    for phase in ("startup", "shutdown"):
        inbox.put_nowait({"type": f"lifespan.{phase}"})
    await asyncio.wait_for(router({"type": "lifespan", "asgi": {}, "state": {}}, inbox.get, send), 10)
    return said


async def test_an_application_that_knows_no_lifespan_is_ready() -> None:
    store = Closable()
    router = Router(wsgi, without_lifespan, store, routes=[Route("GET /a")])
    assert await live(router) == ["startup.complete", "shutdown.complete"]
    assert store.closed == 1


@pytest.mark.parametrize(
    ("phase", "said"), [("startup", ["startup.failed"]), ("shutdown", ["startup.complete", "shutdown.failed"])]
)
async def test_a_backends_failure_is_the_front_doors(phase: str, said: list[str]) -> None:
    store = Closable()
    router = Router(wsgi, failing(phase), store, routes=[Route("GET /a")])
    assert await live(router) == said
    assert store.closed == 1
    assert not any(task.get_name().startswith("lifespan") for task in asyncio.all_tasks() - {asyncio.current_task()})


@pytest.mark.parametrize("phase", ["startup", "shutdown"])
async def test_an_application_that_never_answers_holds_nobody_up(phase: str) -> None:
    async def silent(scope: Any, receive: Any, send: Any) -> None:
        message = await receive()
        if phase == "shutdown":
            await send({"type": f"{message['type']}.complete"})
        await asyncio.sleep(3600)

    before = asyncio.all_tasks()
    backend = Lifespan(silent, "modern", start_within=0.05, stop_within=0.05)
    if phase == "shutdown":
        await backend.start({"type": "lifespan"})
    with pytest.raises(BackendFailed, match=f"did not end its {phase} within 0.05 s"):
        await (backend.stop() if phase == "shutdown" else backend.start({"type": "lifespan"}))
    with suppress(BackendFailed):
        await backend.stop()
    assert asyncio.all_tasks() == before


async def test_flags_of_a_newer_version_refuse_the_boot() -> None:
    class Newer(Closable):
        def epoch(self) -> int:
            raise SchemaTooNew(7, 1)

    store = Newer()
    assert await live(Router(wsgi, failing("never"), store, routes=[Route("GET /a")])) == ["startup.failed"]
    assert store.closed == 1


async def test_a_router_may_live_twice() -> None:
    router = Router(wsgi, without_lifespan, MemoryStore(), routes=[Route("GET /a")])
    for _ in range(2):
        assert await live(router) == ["startup.complete", "shutdown.complete"]


async def test_requests_are_served_where_the_server_runs_no_lifespan() -> None:
    router = Router(wsgi, without_lifespan, MemoryStore(), routes=[Route("GET /a", modern=False)])
    assert (await ask(router, "GET", "/a")).body == b"ok"
    router._close()
    assert await router.legacy.close() == 0


async def test_websockets_belong_to_the_modern_side() -> None:
    asked: list[str] = []

    async def modern(scope: Any, receive: Any, send: Any) -> None:
        asked.append(scope["type"])

    router = Router(wsgi, modern, MemoryStore(), routes=[Route("GET /a")])
    await router({"type": "websocket", "path": "/ws"}, None, None)  # type: ignore[arg-type]
    assert asked == ["websocket"]
