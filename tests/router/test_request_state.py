"""Values of one request reach both sides and come back, and never meet those of another request."""

import asyncio
import threading
from contextvars import ContextVar
from typing import Any

import pytest
from fastapi import FastAPI, Request
from flask import Flask, request
from flask.typing import ResponseReturnValue

from migration_flags import Stage
from migration_flags.stores.memory import MemoryStore
from router import WSGIBackend
from router.request_state import KEY, request_state
from tests.router.asking import Client, ask, http_scope
from tests.router.rig import Rig, running
from tests.router.wsgi_toys import closing

pytestmark = pytest.mark.anyio

tenant: ContextVar[str] = ContextVar("tenant", default="nobody")
BOTH = pytest.mark.parametrize("stage", [Stage.LEGACY, Stage.MODERN])


def legacy() -> Flask:
    app = Flask("legacy", static_folder=None)

    @app.get("/a")
    def view() -> ResponseReturnValue:
        state = request_state(request.environ)
        state["answered"] = f"legacy for {state['user']}"
        seen = tenant.get()
        tenant.set("changed")
        return {"user": state["user"], "tenant": seen}

    return app


def modern() -> FastAPI:
    app = FastAPI()

    @app.get("/a")
    async def view(request: Request) -> dict[str, str]:
        state = request_state(request.scope)
        state["answered"] = f"modern for {state['user']}"
        return {"user": state["user"], "tenant": tenant.get()}

    return app


class Outer:
    """Middleware before the router: says who asks, and reads what the side left."""

    def __init__(self, app: Any) -> None:
        self.app = app
        self.read: list[str] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        name = dict(scope["headers"])[b"x-user"].decode()
        request_state(scope)["user"] = name
        tenant.set(name)
        await self.app(scope, receive, send)
        self.read.append(request_state(scope)["answered"])


@BOTH
async def test_what_middleware_says_reaches_the_side_and_what_the_side_says_comes_back(
    flags: MemoryStore, stage: Stage
) -> None:
    rig = Rig(flags, legacy=legacy(), modern=modern())
    rig.set("GET /a", stage)
    outer = Outer(rig.router)
    async with running(rig.router):
        answer = await ask(outer, "GET", "/a", headers={"x-user": "anna"})
    assert answer.json == {"user": "anna", "tenant": "anna"}
    assert outer.read == [f"{stage} for anna"]


@BOTH
async def test_fifty_requests_at_once_keep_theirs_apart(flags: MemoryStore, stage: Stage) -> None:
    rig = Rig(flags, legacy=legacy(), modern=modern())
    rig.set("GET /a", stage)
    outer = Outer(rig.router)
    names = [f"visitor {number}" for number in range(50)]
    async with running(rig.router):
        answers = await asyncio.gather(*(ask(outer, "GET", "/a", headers={"x-user": name}) for name in names))
    assert [answer.json for answer in answers] == [{"user": name, "tenant": name} for name in names]
    assert sorted(outer.read) == sorted(f"{stage} for {name}" for name in names)


@BOTH
async def test_a_request_that_nobody_prepared_has_one_too(flags: MemoryStore, stage: Stage) -> None:
    rig = Rig(flags)
    rig.set("GET /api/videos/{id}", stage)
    scope = http_scope("GET", "/api/videos/3")
    client = Client()
    async with running(rig.router):
        await rig.router(scope, client.receive, client.send)
    assert scope[KEY] == {}


async def test_the_state_of_the_lifespan_is_no_place_for_a_request(flags: MemoryStore) -> None:
    """Some servers hand the same ``state`` to every request."""
    rig = Rig(flags, legacy=legacy(), modern=modern())
    outer, shared = Outer(rig.router), dict[str, Any]()
    async with running(rig.router):
        await ask(outer, "GET", "/a", headers={"x-user": "anna"}, state=shared)
    assert shared == {}


async def test_context_variables_reach_the_thread_and_do_not_come_back() -> None:
    threads: list[int] = []

    def app(environ: Any, start_response: Any) -> list[bytes]:
        threads.append(threading.get_ident())
        seen = tenant.get()
        tenant.set("changed")
        request_state(environ)["tenant"] = "changed"
        start_response("200 OK", [])
        return [seen.encode()]

    backend, scope, client = WSGIBackend(app), http_scope("GET", "/"), Client()
    tenant.set("anna")
    await backend(scope, client.receive, client.send)
    assert (client.answer.body, tenant.get(), request_state(scope)) == (b"anna", "anna", {"tenant": "changed"})
    assert threads != [threading.get_ident()]
    await closing(backend)
