"""Legacy answers for a modern side that failed before it spoke; it never doubles a write, and never hides a fault."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse, StreamingResponse

from migration_flags import Stage
from migration_flags.stores.memory import MemoryStore
from router import Observation, Route
from router.fallback import EXCEPTIONS, Budget, Cause, FallbackRules, Obstacle, cause_of
from tests.router.asking import Answer, Client, http_scope, until
from tests.router.rig import Rig, running

pytestmark = pytest.mark.anyio

KEY = "GET /a"
WRITE = "POST /a"
START = {"type": "http.response.start", "status": 200, "headers": [(b"x-by", b"modern"), (b"set-cookie", b"m=1")]}
END = {"type": "http.response.body", "body": b"modern"}

App = Callable[[Any, Any, Any], Awaitable[None]]


class Legacy:
    """Counts what it is asked, and says what it was given."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, bytes]] = []

    def __call__(self, environ: Any, start_response: Any) -> list[bytes]:
        self.asked.append((environ["REQUEST_METHOD"], environ["wsgi.input"].read()))
        start_response("200 OK", [("X-By", "legacy")])
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [b"legacy"]


class Case:
    """A router whose routes are modern, over an application given as a function."""

    def __init__(self, modern: App, **options: Any) -> None:
        self.seen: list[Observation] = []
        self.legacy = Legacy()
        routes = [Route(KEY), Route(WRITE)]
        self.rig = Rig(
            MemoryStore(), legacy=self.legacy, modern=modern, routes=routes, observers=[self.seen.append], **options
        )
        for key in (KEY, WRITE):
            self.rig.set(key, Stage.MODERN)

    async def ask(self, method: str = "GET", **options: Any) -> Answer:
        return await self.rig.ask(method, "/a", **options)

    @property
    def last(self) -> Observation:
        return self.seen[-1]


def for_http(app: App) -> App:
    """The function, for requests alone."""

    async def modern(scope: Any, receive: Any, send: Any) -> None:
        assert scope["type"] == "http"
        await app(scope, receive, send)

    return modern


@asynccontextmanager
async def case(modern: App, **options: Any) -> AsyncIterator[Case]:
    made = Case(modern if isinstance(modern, FastAPI) else for_http(modern), **options)
    async with running(made.rig.router):
        yield made


async def raising(scope: Any, receive: Any, send: Any) -> None:
    raise RuntimeError("secret detail")


async def unwritten(scope: Any, receive: Any, send: Any) -> None:
    raise NotImplementedError


async def answers_501(scope: Any, receive: Any, send: Any) -> None:
    await send({**START, "status": 501})
    await send(END)


async def answers_then_raises(scope: Any, receive: Any, send: Any) -> None:
    """As Starlette does with what nobody handles."""
    await send({**START, "status": 500})
    await send(END)
    raise RuntimeError("secret detail")


async def starts_then_raises(scope: Any, receive: Any, send: Any) -> None:
    await send(START)
    raise RuntimeError("secret detail")


async def late(scope: Any, receive: Any, send: Any) -> None:
    await send(START)
    await send({"type": "http.response.body", "body": b"mod", "more_body": True})
    raise RuntimeError("secret detail")


async def means_its_500(scope: Any, receive: Any, send: Any) -> None:
    await send({**START, "status": 500})
    await send(END)


async def timing_out(scope: Any, receive: Any, send: Any) -> None:
    raise TimeoutError


@pytest.mark.parametrize("headers", [{}, {"x-request-id": "r1"}], ids=["short way", "long way"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    ("modern", "cause"),
    [
        (raising, Cause.EXCEPTION),
        (unwritten, Cause.NOT_IMPLEMENTED),
        (answers_501, Cause.NOT_IMPLEMENTED),
        (answers_then_raises, Cause.EXCEPTION),
        (starts_then_raises, Cause.EXCEPTION),
    ],
)
async def test_legacy_answers_whole_where_modern_failed_before_its_first_byte(
    modern: App, cause: Cause, method: str, headers: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    async with case(modern) as made:
        answer = await made.ask(method, headers=headers)
        assert (answer.status, answer.side, answer.headers["x-by"]) == (200, "legacy", "legacy")
        assert answer.body == (b"legacy" if method == "GET" else b"")
        assert "set-cookie" not in answer.headers
        assert "x-strangler-fallback" not in answer.headers
        assert [message["type"] for message in answer.messages] == ["http.response.start", "http.response.body"]
        assert made.rig.router.stages._delivery.fallbacks == {(KEY, cause): 1}
    assert answer.headers["x-request-id"] in caplog.text


@pytest.mark.parametrize("modern", [raising, answers_501, answers_then_raises, starts_then_raises])
async def test_a_fallback_hides_no_fault(modern: App, caplog: pytest.LogCaptureFixture) -> None:
    async with case(modern) as made:
        await made.ask()
        seen = made.last
        assert (seen.side, seen.served_by, seen.status) == ("modern", "legacy", 200)
        assert (seen.fault, seen.fallback, seen.stage) == (True, True, Stage.MODERN)


@pytest.mark.parametrize(
    "modern", [raising, unwritten, answers_501, answers_then_raises, starts_then_raises, late, timing_out]
)
async def test_a_write_is_never_done_twice(modern: App, caplog: pytest.LogCaptureFixture) -> None:
    async with case(modern) as made:
        try:
            await made.ask("POST", body=b"x")
        except RuntimeError:
            assert modern in {answers_then_raises, starts_then_raises, late}  # the server logs it
        assert made.legacy.asked == []
        assert (made.last.fault, made.last.fallback) == (True, False)


@pytest.mark.parametrize(("modern", "status"), [(means_its_500, 500), (timing_out, 500), (late, 200)])
async def test_what_was_meant_or_may_still_be_at_work_stays_modern(
    modern: App, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    async with case(modern) as made:
        try:
            answer = await made.ask()
        except RuntimeError:
            assert status == 200  # the server ends the connection
        else:
            assert (answer.status, answer.side) == (status, "router" if modern is timing_out else "modern")
        assert made.legacy.asked == []
        assert (made.last.fault, made.last.fallback, made.last.status) == (True, False, status)


async def test_a_404_is_an_answer() -> None:
    async def missing(scope: Any, receive: Any, send: Any) -> None:
        await send({**START, "status": 404})
        await send(END)

    async with case(missing) as made:
        assert (await made.ask()).side == "modern"
        assert (made.last.fault, made.legacy.asked) == (False, [])


async def test_a_body_that_modern_had_read_is_given_to_legacy_again(caplog: pytest.LogCaptureFixture) -> None:
    async def reads(scope: Any, receive: Any, send: Any) -> None:
        assert (await receive())["body"] == b"ab"
        raise RuntimeError

    async with case(reads, replayable=[WRITE]) as made:
        for body in (b"ab", [b"ab", b"cd"]):
            assert (await made.ask("POST", body=body)).body == b"legacy"
        assert made.legacy.asked == [("POST", b"ab"), ("POST", b"abcd")]


async def test_what_is_too_large_to_keep_is_not_replayed(caplog: pytest.LogCaptureFixture) -> None:
    async def reads(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        raise RuntimeError

    async with case(reads, replayable=[WRITE], fallback=FallbackRules(max_body=3)) as made:
        answer = await made.ask("POST", body=b"abcd")
        assert (answer.status, answer.side, made.legacy.asked) == (500, "router", [])
        assert made.rig.router.stages._delivery.refused_fallbacks == {Obstacle.BODY: 1}


async def test_a_request_that_took_too_long_already_is_not_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    async with case(raising, fallback=FallbackRules(within=-1.0)) as made:
        assert (await made.ask()).status == 500
        assert made.rig.router.stages._delivery.refused_fallbacks == {Obstacle.LATE: 1}


async def test_fallbacks_have_a_budget(caplog: pytest.LogCaptureFixture) -> None:
    async with case(raising, fallback=FallbackRules(least=0)) as made:
        answer = await made.ask()
        assert (answer.status, answer.side, made.legacy.asked) == (500, "router", [])
        assert (made.last.fault, made.last.fallback) == (True, False)


@pytest.mark.parametrize(
    ("under_way", "retries", "spent"), [(0, 0, False), (0, 2, False), (15, 3, True), (20, 3, False), (20, 4, True)]
)
def test_the_budget_is_a_share_of_what_is_under_way(under_way: int, retries: int, spent: bool) -> None:
    budget = Budget(FallbackRules())
    budget.under_way, budget.retries = under_way, retries
    assert budget.is_spent is spent


async def test_without_rules_nothing_falls_back(caplog: pytest.LogCaptureFixture) -> None:
    async with case(raising, fallback=None) as made:
        assert (await made.ask()).status == 500
        assert made.legacy.asked == []


async def test_the_trusted_are_told() -> None:
    async with case(unwritten, authorize=lambda scope, action: action == "explain") as made:
        answer = await made.ask(headers={"x-strangler-explain": "1"})
        assert answer.headers["x-strangler-fallback"] == "legacy"
        assert answer.headers["x-strangler-explain"].endswith("; fallback=legacy")


async def test_a_stage_that_is_not_modern_yet_does_not_fall_back(caplog: pytest.LogCaptureFixture) -> None:
    async with case(raising, secret="s", authorize=lambda scope, action: True) as made:
        made.rig.set(KEY, Stage.LEGACY)
        assert (await made.ask(headers={"x-strangler-side": "modern"})).status == 500
        assert made.legacy.asked == []


# Streams, and what is held.


async def test_an_answer_is_held_until_its_first_part_and_no_longer() -> None:
    go = asyncio.Event()

    async def two_parts(scope: Any, receive: Any, send: Any) -> None:
        await send(START)
        await go.wait()
        await send({"type": "http.response.body", "body": b"1", "more_body": True})
        await go.wait()
        await send(END)

    async with case(two_parts) as made:
        client = Client()
        task = asyncio.create_task(made.rig.router(http_scope("GET", "/a"), client.receive, client.send))
        await asyncio.sleep(0)
        assert client.answer.messages == []
        go.set()
        await task
        assert [message.get("body") for message in client.answer.messages] == [None, b"1", b"modern"]


async def test_headers_that_can_be_read_but_once_all_arrive() -> None:
    async def one_by_one(scope: Any, receive: Any, send: Any) -> None:
        headers = [(b"x-first", b"1"), (b"content-type", b"text/plain"), (b"x-last", b"2")]
        await send({"type": "http.response.start", "status": 200, "headers": iter(headers)})
        await send(END)

    async with case(one_by_one) as made:
        answer = await made.ask()
        assert [answer.headers[name] for name in ("x-first", "content-type", "x-last")] == ["1", "text/plain", "2"]


@pytest.mark.parametrize("known_by", ["content type", "route"])
async def test_a_stream_starts_at_once(known_by: str) -> None:
    go = asyncio.Event()
    headers = [(b"content-type", b"text/event-stream; charset=utf-8")] if known_by == "content type" else []

    async def stream(scope: Any, receive: Any, send: Any) -> None:
        await send({**START, "headers": headers})
        await go.wait()
        await send(END)

    rules = FallbackRules(streaming=frozenset({KEY} if known_by == "route" else ()))
    async with case(stream, fallback=rules) as made:
        client = Client()
        task = asyncio.create_task(made.rig.router(http_scope("GET", "/a"), client.receive, client.send))
        await until(lambda: len(client.answer.messages) == 1)
        go.set()
        await task


async def test_an_error_answer_larger_than_what_is_held_goes_out() -> None:
    async def long_error(scope: Any, receive: Any, send: Any) -> None:
        await send({**START, "status": 500})
        await send({"type": "http.response.body", "body": b"x" * 70_000, "more_body": True})
        await send(END)

    async with case(long_error) as made:
        answer = await made.ask()
        assert (answer.status, len(answer.body), answer.side) == (500, 70_006, "modern")


# Exactly one answer, wherever the fault is.


async def test_a_client_that_leaves_while_its_answer_is_held_is_nobodys_fault() -> None:
    async def listens(scope: Any, receive: Any, send: Any) -> None:
        await send(START)
        while (await receive())["type"] != "http.disconnect":
            pass
        raise RuntimeError("the client left")

    async with case(listens) as made:
        client = Client()
        task = asyncio.create_task(made.rig.router(http_scope("GET", "/a"), client.receive, client.send))
        await asyncio.sleep(0)
        client.leave()
        await task
        assert client.answer.messages == []
        assert (made.last.status, made.last.fault, made.legacy.asked) == (499, False, [])


@pytest.mark.parametrize("at", [0, 1])
@pytest.mark.parametrize("error", [OSError, RuntimeError])
async def test_a_send_that_raises_leads_to_no_second_answer(at: int, error: type[Exception]) -> None:
    sent: list[Any] = []

    async def modern(scope: Any, receive: Any, send: Any) -> None:
        await send(START)
        await send(END)

    async def broken(message: Any) -> None:
        sent.append(message)
        if len(sent) > at:
            raise error

    async with case(modern) as made:
        with pytest.raises(error):
            await made.rig.router(http_scope("GET", "/a"), Client().receive, broken)
        assert len(sent) == at + 1
        assert (made.last.fault, made.legacy.asked) == (False, [])


async def test_a_request_that_is_cancelled_while_held_says_nothing() -> None:
    began = asyncio.Event()

    async def waits(scope: Any, receive: Any, send: Any) -> None:
        await send(START)
        began.set()
        await asyncio.Event().wait()

    async with case(waits) as made:
        client = Client()
        task = asyncio.create_task(made.rig.router(http_scope("GET", "/a"), client.receive, client.send))
        await began.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert (client.answer.messages, made.legacy.asked) == ([], [])
        assert made.rig.router.stages._delivery.budget.under_way == 0


async def test_legacy_failing_as_well_is_one_500_of_the_routers(caplog: pytest.LogCaptureFixture) -> None:
    def broken(environ: Any, start_response: Any) -> list[bytes]:
        raise RuntimeError("secret detail")

    rig = Rig(MemoryStore(), legacy=broken, modern=raising, routes=[Route(KEY)])
    rig.set(KEY, Stage.MODERN)
    async with running(rig.router):
        answer = await rig.ask("GET", "/a")
        assert (answer.status, answer.side, len(answer.messages)) == (500, "router", 2)
        assert b"secret" not in answer.body


# Applications.


def native() -> FastAPI:
    """FastAPI as it is."""
    app = FastAPI(openapi_url=None)

    @app.get("/a")
    async def view(how: str) -> Any:
        if how == "raise":
            raise RuntimeError("secret detail")
        if how == "stream":
            return StreamingResponse(iter([b"modern"]))
        if how == "json":
            return JSONResponse({"error": "meant"}, 500)
        raise HTTPException(int(how))

    return app


class Swallowing:
    """A middleware that answers 500 for whatever was raised, and raises it again where it is asked to."""

    def __init__(self, app: Any, asks: bool = True) -> None:
        self.app = app
        self.asks = asks

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        try:
            await self.app(scope, receive, send)
        except RuntimeError:
            await JSONResponse({"error": "swallowed"}, 500)(scope, receive, send)
            if self.asks and EXCEPTIONS in scope.get("extensions", {}):
                raise


@pytest.mark.parametrize(
    ("how", "side"),
    [("raise", "legacy"), ("stream", "modern"), ("json", "modern"), ("500", "modern"), ("501", "legacy")],
)
@pytest.mark.parametrize("layer", ["none", "asking", "http"])
async def test_a_fastapi_application_falls_back_for_what_it_did_not_mean(
    how: str, side: str, layer: str, caplog: pytest.LogCaptureFixture
) -> None:
    app = native()
    if layer == "asking":
        app.add_middleware(Swallowing)
    if layer == "http":

        @app.middleware("http")
        async def passes(request: Request, call_next: Any) -> Any:
            return await call_next(request)

    caplog.set_level(logging.CRITICAL)
    async with case(app) as made:
        assert (await made.rig.ask("GET", f"/a?how={how}")).side == side


async def test_an_application_that_swallows_and_does_not_raise_keeps_its_500() -> None:
    app = native()
    app.add_middleware(Swallowing, asks=False)
    async with case(app) as made:
        answer = await made.rig.ask("GET", "/a?how=raise")
        assert (answer.status, answer.side, answer.json) == (500, "modern", {"error": "swallowed"})
        assert made.last.fault


def test_a_cause_is_an_accident() -> None:
    assert cause_of(None, 500) is None
    assert cause_of(None, 0) is None
    assert cause_of(TimeoutError(), 501) is None
    assert cause_of(ValueError(), 500) is Cause.EXCEPTION
