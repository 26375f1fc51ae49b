"""What makes an application, or merely resembles one, is told from one at boot: called per request, it would build one
each time, and memory would grow until the process ends."""

import functools
import gc
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from flask import Flask
from starlette.applications import Starlette

from migration_flags import Stage
from migration_flags.stores.memory import MemoryStore
from router import Router, RouterError
from router.errors import WrongProtocol
from router.protocol import refuse_asgi, refuse_wsgi
from tests.router.rig import Rig, fastapi_app, flask_app, running


def create_flask() -> Flask:
    return Flask("made")


def create_from(config: object = None, testing: bool = False) -> Flask:
    return Flask("made")


async def create_later() -> FastAPI:
    return FastAPI()


def create_fastapi(config: object) -> FastAPI:
    return FastAPI()


class Holder:
    """Holds an application, and is none."""

    app = Flask("held")


class Iterating:
    """An application as PEP 3333 allows it: a class, whose instances are the answers."""

    def __init__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> None:
        self.start_response = start_response

    def __iter__(self) -> Iterator[bytes]:
        self.start_response("200 OK", [])
        yield b"ok"


def wsgi(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    return []


def configured(config: object, environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    return []


def undeclared(*args: Any) -> list[bytes]:
    return wsgi(*args)


async def asgi(scope: Any, receive: Any, send: Any) -> None: ...


async def undeclared_asgi(*args: Any) -> None: ...


@pytest.mark.parametrize(
    "made", [create_flask, create_from, create_later, create_fastapi, Flask, functools.partial(wsgi, {})]
)
def test_a_factory_or_a_class_is_no_legacy_application(made: Any) -> None:
    with pytest.raises(WrongProtocol, match=r"call it once|Give an instance"):
        refuse_asgi(made)


@pytest.mark.parametrize("made", [create_flask, create_later, create_fastapi, FastAPI, Starlette])
def test_a_factory_or_a_class_is_no_modern_application(made: Any) -> None:
    with pytest.raises(WrongProtocol, match=r"call it once|Give an instance"):
        refuse_wsgi(made)


@pytest.mark.parametrize("given", [Holder(), None, "module:app"])
def test_what_can_not_be_called_is_no_application(given: Any) -> None:
    for refuse in (refuse_asgi, refuse_wsgi):
        with pytest.raises(WrongProtocol, match="is not callable"):
            refuse(given)


@pytest.mark.parametrize(
    "app", [wsgi, undeclared, Iterating, functools.partial(configured, 1), Flask("a"), Flask("a").wsgi_app]
)
def test_every_shape_of_wsgi_application_is_taken(app: Any) -> None:
    refuse_asgi(app)
    with pytest.raises(WrongProtocol):
        refuse_wsgi(app)


@pytest.mark.parametrize(
    "app", [asgi, undeclared_asgi, FastAPI(), Starlette(), functools.partial(asgi), FastAPI().__call__]
)
def test_every_shape_of_asgi_application_is_taken(app: Any) -> None:
    refuse_wsgi(app)
    with pytest.raises(WrongProtocol):
        refuse_asgi(app)


def test_a_mix_up_is_refused_by_the_router_before_anything_is_built(flags: MemoryStore) -> None:
    for legacy, modern in ((create_flask, fastapi_app()), (flask_app(), create_fastapi), (Flask, FastAPI())):
        with pytest.raises(RouterError):
            Router(legacy, modern, flags)


@pytest.mark.anyio
async def test_a_thousand_requests_on_each_side_leave_memory_where_it_was(flags: MemoryStore) -> None:
    rig = Rig(flags)
    async with running(rig.router):
        for stage in (Stage.LEGACY, Stage.MODERN):
            rig.set("GET /api/videos/{id}", stage)
            await many(rig, 50)
            before = living()
            await many(rig, 1000)
            assert living() - before < 200, stage


async def many(rig: Rig, count: int) -> None:
    for number in range(count):
        answer = await rig.ask("GET", f"/api/videos/{number}")
        assert answer.status in {200, 404, 410}


def living() -> int:
    gc.collect()
    return len(gc.get_objects())
