"""Applications that are neither Flask nor FastAPI: any WSGI one, any one that Starlette's router carries."""

from collections.abc import Callable, Iterable
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.convertors import CONVERTOR_TYPES, Convertor
from starlette.endpoints import HTTPEndpoint
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import BaseRoute, Match, Mount, Route, WebSocketRoute
from starlette.routing import Router as StarletteRouter
from starlette.websockets import WebSocket
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request as WerkzeugRequest
from werkzeug.wrappers import Response as WerkzeugResponse

from migration_flags import Change, Stage
from migration_flags.stores.memory import MemoryStore
from router import Owner, Router
from router import Route as Given
from router.row import UNMATCHED_KEY
from router.types import ASGIApp, Receive, Scope, Send
from tests.router.asking import Answer, ask, http_scope
from tests.router.rig import running

pytestmark = pytest.mark.anyio


def plain(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """A WSGI application with no framework at all."""
    path, method = environ["PATH_INFO"], environ["REQUEST_METHOD"]
    if not path.startswith("/v/"):
        start_response("404 Not Found", [("Content-Type", "text/plain")])
        return [b"nothing here"]
    if method != "GET":
        start_response("405 Method Not Allowed", [("Allow", "GET")])
        return [b"no"]
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [f"legacy {path}".encode()]


class WerkzeugApp:
    """An application on Werkzeug alone."""

    def __init__(self) -> None:
        self.url_map = Map([Rule("/v/<int:id>", endpoint="one", methods=["GET"]), Rule("/any/", endpoint="any")])

    def __call__(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        try:
            endpoint, values = self.url_map.bind_to_environ(environ).match()
            response: Any = WerkzeugResponse(f"{endpoint} {WerkzeugRequest(environ).method} {values}")
        except HTTPException as error:
            response = error
        return response(environ, start_response)  # type: ignore[no-any-return]


async def number(request: Request) -> PlainTextResponse:
    return PlainTextResponse(f"modern {request.path_params} {request.method}")


class Class(HTTPEndpoint):
    async def get(self, request: Request) -> PlainTextResponse:
        return PlainTextResponse("class get")

    async def delete(self, request: Request) -> PlainTextResponse:
        return PlainTextResponse("class delete")


async def talk(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_text("hello")
    await socket.close()


ROUTES: list[BaseRoute] = [
    Route("/v/{id:int}", number),
    Route("/class", Class),
    WebSocketRoute("/v/{id}", talk),
    Mount("/outer", routes=[Mount("/inner", routes=[Route("/{x:float}", number)]), Route("/own", number)]),
]


def moved(router: Router, *keys: str) -> Router:
    """The router with these routes on the modern side."""
    router.flags.apply([Change(key, Stage.MODERN) for key in keys], actor="test", reason="test")
    router.refresh()
    return router


async def seen(router: Router, *requests: str) -> list[Answer]:
    async with running(router):
        return [await ask(router, *request.split(" ", 1), headers={"host": "a.example"}) for request in requests]


async def test_a_plain_callable_with_routes_given_moves_like_any_other() -> None:
    router = Router(
        plain, Starlette(routes=ROUTES), MemoryStore(), routes=[Given("GET /v/{id:int}"), Given("GET /v/old")]
    )
    stays, moves, refused = await seen(moved(router, "GET /v/{id}"), "GET /v/old", "GET /v/5", "POST /v/5")
    assert (stays.side, stays.body) == ("legacy", b"legacy /v/old")
    assert (moves.side, moves.body) == ("modern", b"modern {'id': 5} GET")
    assert (refused.status, refused.side, refused.headers["allow"]) == (405, "legacy", "GET, HEAD")


@pytest.mark.parametrize("part", ["[^/]+", ".*"])
async def test_a_convertor_of_the_users_own_converts_however_plain_its_pattern_is(
    part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Shouted(Convertor[str]):
        regex = part

        def convert(self, value: str) -> str:
            return value.upper()

        def to_string(self, value: str) -> str:
            return value.lower()

    monkeypatch.setitem(CONVERTOR_TYPES, "shouted", Shouted())
    modern = Starlette(routes=[Route("/v/{name:shouted}", number)])
    given = Given("GET /v/{name:path}" if part == ".*" else "GET /v/{name}")
    router = moved(Router(plain, modern, MemoryStore(), routes=[given]), "GET /v/{name}")
    [answer] = await seen(router, "GET /v/abc")
    assert (answer.side, answer.body) == ("modern", b"modern {'name': 'ABC'} GET")


async def test_of_a_plain_callable_the_router_invents_no_redirect() -> None:
    router = Router(plain, Starlette(routes=ROUTES), MemoryStore(), routes=[Given("GET /v/{id:int}"), Given("GET /w/")])
    answers = await seen(router, "GET /v//5", "GET /w", "OPTIONS /v/5", "GET /nowhere")
    assert [(answer.status, answer.side) for answer in answers] == [
        *((200, "legacy"), (404, "legacy"), (405, "legacy"), (404, "legacy")),
    ]


@pytest.mark.parametrize("build", [Starlette, StarletteRouter])
async def test_an_application_on_werkzeug_alone_is_read(build: Callable[..., Any]) -> None:
    router = Router(WerkzeugApp(), build(routes=ROUTES), MemoryStore())
    assert {row.key for row in router.table if row.owner is Owner.LEGACY} == {
        f"{method} /any/" for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
    }
    requests = ["GET /v/5", "PATCH /any/", "GET /any", "PUT /v/5", "OPTIONS /v/5"]
    before = await seen(router, *requests)
    after = await seen(moved(router, "GET /v/{id}", UNMATCHED_KEY), *requests)
    assert [(answer.status, answer.side) for answer in before] == [
        *((200, "legacy"), (200, "legacy"), (308, "legacy"), (405, "legacy"), (405, "legacy")),
    ]
    assert [answer.status for answer in after] == [answer.status for answer in before]
    assert [answer.side for answer in after] == ["modern", "legacy", "modern", "modern", "modern"]
    for first, second in zip(before[2:], after[2:], strict=True):
        assert first.headers.get("location") == second.headers.get("location")
        assert set(first.headers.get("allow", "").split(", ")) == set(second.headers.get("allow", "").split(", "))


@pytest.mark.parametrize("build", [Starlette, StarletteRouter])
async def test_whatever_starlettes_router_carries_is_entered(build: Callable[..., Any]) -> None:
    router = Router(WerkzeugApp(), build(routes=ROUTES), MemoryStore())
    answers = await seen(
        moved(router, "GET /v/{id}", UNMATCHED_KEY),
        *("GET /v/5", "GET /class", "DELETE /class", "PATCH /class", "GET /outer/inner/1.5", "GET /outer/own"),
        *("GET /outer/none", "GET /outer", "GET /nowhere"),
    )
    assert [answer.status for answer in answers] == [200, 200, 200, 405, 200, 200, 404, 307, 404]
    assert [answer.body for answer in answers[:6:4]] == [b"modern {'id': 5} GET", b"modern {'x': 1.5} GET"]
    assert {answer.side for answer in answers} == {"modern"}


@pytest.mark.parametrize("build", [Starlette, StarletteRouter])
async def test_a_websocket_beside_http_on_one_path_belongs_to_the_modern_side(build: Callable[..., Any]) -> None:
    router = Router(WerkzeugApp(), build(routes=ROUTES), MemoryStore())
    assert [row.key for row in router.table if row.owner is Owner.BOTH] == ["GET /v/{id}", UNMATCHED_KEY]
    sent: list[Any] = []
    inbox = [{"type": "websocket.connect"}, {"type": "websocket.disconnect", "code": 1000}]

    async def receive() -> Any:
        return inbox.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {**http_scope("GET", "/v/5"), "type": "websocket", "subprotocols": []}
    async with running(router):
        await router(scope, receive, send)
        assert (await ask(router, "GET", "/v/5")).side == "legacy"
    assert [message["type"] for message in sent] == ["websocket.accept", "websocket.send", "websocket.close"]


class Odd(BaseRoute):
    """A route whose paths nobody can read."""

    def matches(self, scope: Any) -> tuple[Match, Any]:
        return (Match.FULL if scope["path"].startswith("/odd") else Match.NONE), {}

    async def handle(self, scope: Any, receive: Any, send: Any) -> None:
        await PlainTextResponse("odd")(scope, receive, send)


async def test_a_route_of_an_unknown_kind_still_runs() -> None:
    router = Router(WerkzeugApp(), Starlette(routes=[*ROUTES, Odd()]), MemoryStore())
    odd, one = await seen(moved(router, UNMATCHED_KEY), "GET /odd/5", "GET /v/5")
    assert (odd.side, odd.body, one.side) == ("modern", b"odd", "legacy")


async def test_below_a_prefix_the_same_requests_go_the_same_ways() -> None:
    router = moved(Router(WerkzeugApp(), Starlette(routes=ROUTES), MemoryStore()), "GET /v/{id}", UNMATCHED_KEY)
    async with running(router):
        answers = [
            await ask(router, "GET", path, root_path="/app", headers={"host": "a.example"})
            for path in (
                "/app/v/5",
                "/app//v/5",
                "/app/any",
                "/app/v//5",
                "/app/v/%D9%A3",
                "/application/v/5",
                "/app/v/x",
            )
        ]
    assert [answer.status for answer in answers] == [200, 200, 308, 308, 200, 404, 404]
    assert [answer.headers["location"] for answer in answers[2:4]] == [
        "http://a.example/app/any/",
        "http://a.example/app/v/5",
    ]


@pytest.mark.parametrize(
    ("changed", "answered"),
    [({"method": "DELETE"}, b"class delete"), ({"path": "/v/7"}, b"modern {'id': 7} GET"), ({}, b"class get")],
)
async def test_middleware_that_leads_elsewhere_is_followed(changed: dict[str, str], answered: bytes) -> None:
    """As one that takes the method of a form from a field does, or one that takes a language off the path."""
    modern = Starlette(routes=ROUTES)

    class Elsewhere:
        def __init__(self, app: ASGIApp) -> None:
            self._app = app

        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            await self._app({**scope, **changed}, receive, send)

    modern.add_middleware(Elsewhere)
    router = moved(Router(plain, modern, MemoryStore(), routes=[Given("GET /class")]), "GET /class")
    [answer] = await seen(router, "GET /class")
    assert (answer.side, answer.body) == ("modern", answered)
