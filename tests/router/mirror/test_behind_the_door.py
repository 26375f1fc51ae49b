"""The mirror behind a real front door, on real sockets."""

import json
import socket
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from fastapi import FastAPI, Request
from flask import Flask, Response, jsonify, session

from migration_flags import Change, Stage
from migration_flags.stores.memory import MemoryStore
from router import Router
from router.comparison.summary import Summary, total
from router.json_response import FlaskJSONResponse
from router.mirror.limits import MirrorLimits, StrainRules
from router.mirror.skip import Skip
from tests.router.serving import PROTOCOLS, Server, fetch, get, raw, serving, talk, wait

LIMITS = MirrorLimits(rate=1e9, noise=1.0, strain=StrainRules(lag=1e9, wait=1e9))
KEYS = ("GET /items/{number}", "GET /slow", "GET /lines", "GET /file")


@dataclass
class Seen:
    """What the modern side was asked."""

    headers: list[dict[str, str]] = field(default_factory=list)
    release: bool = False


def legacy() -> Flask:
    app = Flask("legacy", static_folder=None)
    app.secret_key = "toy"

    @app.get("/items/<int:number>")
    def item(number: int) -> Any:
        session["seen"] = number
        return jsonify(id=number, name="one", at=time.monotonic_ns())

    @app.get("/slow")
    def slow() -> Any:
        return jsonify(name="one")

    @app.get("/lines")
    def lines() -> Response:
        return Response((f"line {number}\n" * 1000 for number in range(1000)), mimetype="text/plain")

    @app.get("/file")
    def file() -> Response:
        return Response(b"x" * 400_000, mimetype="application/octet-stream")

    return app


def modern(seen: Seen) -> FastAPI:
    app = FastAPI(openapi_url=None)

    @app.get("/items/{number}")
    async def item(number: int, request: Request) -> Any:
        seen.headers.append(dict(request.headers))
        answer = FlaskJSONResponse({"id": str(number), "name": "one", "at": time.monotonic_ns()})
        answer.set_cookie("session", "of the mirror")
        return answer

    @app.get("/slow")
    def slow() -> Any:
        deadline = time.monotonic() + 5
        while not seen.release and time.monotonic() < deadline:
            time.sleep(0.01)
        return FlaskJSONResponse({"name": "one"})

    @app.get("/lines")
    async def lines() -> str:
        return "short"

    @app.get("/file")
    async def file() -> Any:
        return FlaskJSONResponse({})

    return app


@dataclass
class Door:
    router: Router
    server: Server
    seen: Seen
    store: MemoryStore

    def summary(self, key: str) -> Summary:
        assert self.router.mirror is not None
        return Summary.from_json(self.router.mirror.summary(key))

    def compared(self, key: str, count: int) -> Summary:
        wait(lambda: self.summary(key).compared >= count)
        return self.summary(key)


@contextmanager
def opened(protocol: str = "h11", limits: MirrorLimits = LIMITS) -> Iterator[Door]:
    store, seen = MemoryStore(), Seen()
    router = Router(legacy(), modern(seen), store, mirror=limits, unmirrored=["GET /file"])
    changes = [Change(key, Stage.SHADOW, mirror=100) for key in KEYS]
    store.apply(changes, actor="a test", reason="a mirror")
    with serving(router, http=protocol) as server:
        yield Door(router, server, seen, store)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_visitors_get_legacys_answer_and_differences_are_found(protocol: str) -> None:
    with opened(protocol) as door:
        for number in range(20):
            status, headers, body = fetch(door.server.port, f"/items/{number}")
            assert (status, headers["x-served-by"], json.loads(body)["id"]) == (200, "legacy", number)
            assert "of the mirror" not in headers["set-cookie"]
        fetch(door.server.port, "/items/7", "HEAD")
        summary = door.compared(KEYS[0], 21)
        assert door.router.metrics.requests() == {(KEYS[0], "legacy", 2): 21}
    kinds = {one.field: (one.kind.value, one.meaning.value) for one in summary.findings(datetime.now(UTC).date())}
    assert kinds["$.id"] == ("shape", "finding")
    assert kinds["$.at"][1] == "unsure"
    assert summary.probed == 21
    assert {headers["x-strangler-shadow"] for headers in door.seen.headers} == {"1"}
    assert all("x-request-id" in headers for headers in door.seen.headers)
    assert total(door.store.evidence(KEYS[0], kind="shadow")).compared == 21


def test_a_slow_candidate_slows_nobody() -> None:
    with opened() as door:
        started = time.monotonic()
        for _ in range(10):
            assert fetch(door.server.port, "/slow")[0] == 200
        assert time.monotonic() - started < 5.0
        assert door.summary("GET /slow").compared == 0
        door.seen.release = True
        door.compared("GET /slow", 1)


def test_who_leaves_in_the_middle_is_not_mirrored() -> None:
    with opened() as door:
        with closing(raw(door.server.port, get("/lines", close=False), enough=100_000)[0]) as connection:
            connection.shutdown(socket.SHUT_RDWR)
        wait(lambda: bool(door.summary("GET /lines").skipped))
        assert door.summary("GET /lines").skipped == {Skip.CLIENT_LEFT: 1}


def test_what_changes_when_it_is_read_is_asked_once() -> None:
    with opened() as door:
        assert len(fetch(door.server.port, "/file")[2]) == 400_000
        assert door.summary("GET /file").skipped == {Skip.UNMIRRORED: 1}
        assert door.summary("GET /file").compared == 0


def test_a_long_answer_is_compared_by_its_digest() -> None:
    with opened() as door:
        assert len(talk(door.server.port, get("/lines"))) > 5_000_000
        summary = door.compared("GET /lines", 1)
        assert [one.field for one in summary.findings(datetime.now(UTC).date())] == ["header:content-type", "body"]
