"""A small shop, twice: its routes take anything, everywhere."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from flask import Flask, jsonify, request

from migration_flags.stores.memory import MemoryStore
from router import Router
from router.json_response import FlaskJSONResponse
from router.recording.recorder import Recorder
from router.recording.rules import RecordingRules
from tests.router.serving import serving

WRITES = frozenset({"POST /orders", "PUT /orders/{number}"})


def flask_app() -> Flask:
    app = Flask("shop", static_folder=None)

    @app.get("/things/<name>")
    def thing(name: str) -> Any:
        return jsonify(name=name, query=request.query_string.decode())

    @app.get("/orders/<int:number>")
    def order(number: int) -> Any:
        return jsonify(number=number)

    @app.get("/reset/<token>")
    def reset(token: str) -> Any:
        return jsonify(length=len(token))

    @app.post("/orders")
    @app.put("/orders/<int:number>")
    def write(number: int = 0) -> Any:
        return jsonify(number=number, size=len(request.get_data()))

    return app


def fastapi_app() -> FastAPI:
    app = FastAPI(default_response_class=FlaskJSONResponse)

    @app.get("/things/{name}")
    async def thing(name: str, request: Request) -> Any:
        return {"name": name, "query": request.url.query}

    @app.get("/orders/{number}")
    async def order(number: int) -> Any:
        return {"number": number}

    @app.get("/reset/{token}")
    async def reset(token: str) -> Any:
        return {"length": len(token)}

    @app.post("/orders")
    async def add(request: Request) -> Any:
        return {"number": 0, "size": len(await request.body())}

    @app.put("/orders/{number}")
    async def change(number: int, request: Request) -> Any:
        return {"number": number, "size": len(await request.body())}

    return app


def create_router() -> Router:
    return Router(flask_app(), fastapi_app(), MemoryStore(), poll_interval=60)


@contextmanager
def recording(file: Path, rules: RecordingRules, **options: Any) -> Iterator[tuple[HTTPConnection, Recorder]]:
    """A served front door that is listened to. What was asked is in the file afterwards."""
    router, recorder = create_router(), Recorder(file, rules, **options)
    with serving(recorder.around(router.table, router)) as server:
        connection = HTTPConnection("127.0.0.1", server.port, timeout=10)
        try:
            yield connection, recorder
        finally:
            connection.close()


def asked(
    connection: HTTPConnection,
    method: str,
    path: str,
    body: bytes | None = None,
    kind: str = "",
    headers: Mapping[str, str] | None = None,
) -> int:
    """The status. ``kind`` is the body's content type."""
    connection.request(method, path, body, {**({"Content-Type": kind} if kind else {}), **(headers or {})})
    response = connection.getresponse()
    response.read()
    return response.status
