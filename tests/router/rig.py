"""A router over a Flask and a FastAPI application that can be told apart."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse
from flask import Flask, abort, jsonify, request
from flask.typing import ResponseReturnValue

from migration_flags import Change, Stage
from migration_flags.stores.memory import MemoryStore
from router import Router
from tests.router.asking import Answer, ask


def flask_app() -> Flask:
    app = Flask("legacy", static_folder=None)

    @app.get("/api/videos/<int:id>")
    def one(id: int) -> ResponseReturnValue:  # noqa: A002
        return jsonify(side="legacy", id=id, request_id=request.headers["X-Request-ID"])

    @app.route("/api/videos", methods=["GET", "POST"])
    def many() -> ResponseReturnValue:
        return jsonify(side="legacy", received=len(request.get_data()))

    @app.get("/api/broken")
    def broken() -> ResponseReturnValue:
        raise RuntimeError("secret detail")

    @app.get("/api/refused")
    def refused() -> ResponseReturnValue:
        abort(409)

    @app.get("/old")
    def old() -> ResponseReturnValue:
        return "old", 200, {"X-Served-By": "somebody else", "X-Request-ID": "forged"}

    return app


class Tagged:
    """A middleware that proves that it ran."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        async def tagged(message: Any) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], (b"x-tag", b"modern")]}
            await send(message)

        await self.app(scope, receive, tagged)


events: list[str] = []


async def resource() -> AsyncIterator[str]:
    events.append("opened")
    yield "resource"
    events.append("closed")


class Gone(Exception):
    pass


def fastapi_app() -> FastAPI:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[dict[str, str]]:
        yield {"database": "open"}

    app = FastAPI(lifespan=lifespan)
    app.add_middleware(Tagged)
    videos = APIRouter(prefix="/videos")

    @app.exception_handler(Gone)
    async def gone(request: Request, error: Exception) -> JSONResponse:
        return JSONResponse({"error": "gone"}, 410)

    @videos.get("/{video_id}")
    async def one(video_id: int, request: Request, used: Annotated[str, Depends(resource)]) -> dict[str, Any]:
        if video_id == 410:
            raise Gone
        if video_id == 404:
            raise HTTPException(404)
        route = request.scope["route"]
        return {
            "side": "modern",
            "id": video_id,
            "request_id": request.headers["x-request-id"],
            "database": getattr(request.state, "database", None),
            "url": str(request.url_for("one", video_id=7)),
            "route": route.path,
            "is_app": request.app is app,
            "used": used,
        }

    @videos.post("")
    async def many(request: Request) -> dict[str, Any]:
        return {"side": "modern", "received": len(await request.body())}

    @videos.get("")
    async def listing() -> dict[str, str]:
        return {"side": "modern"}

    api = APIRouter(prefix="/api")
    api.include_router(videos)

    @api.get("/broken")
    async def broken() -> None:
        raise RuntimeError("secret detail")

    @api.get("/new")
    async def new() -> dict[str, str]:
        return {"side": "modern"}

    app.include_router(api)
    return app


class Rig:
    """A router over the two toys, and its flags."""

    def __init__(self, flags: MemoryStore, **options: Any) -> None:
        self.flags = flags
        self.modern: Any = options.pop("modern", None) or fastapi_app()
        self.router = Router(
            options.pop("legacy", None) or flask_app(), self.modern, flags, poll_interval=60, **options
        )

    def set(self, key: str, stage: Stage, percent: float | None = None, **more: Any) -> None:
        self.flags.apply([Change(key, stage, percent, **more)], actor="test", reason="test")
        self.router.refresh()

    async def ask(self, method: str, path: str, **options: Any) -> Answer:
        return await ask(self.router, method, path, **options)


@asynccontextmanager
async def running(router: Router, state: dict[str, Any] | None = None) -> AsyncIterator[None]:
    """The router between its lifespan's two ends."""
    inbox: asyncio.Queue[Any] = asyncio.Queue()
    outbox: asyncio.Queue[Any] = asyncio.Queue()
    scope = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": {} if state is None else state}
    task = asyncio.create_task(router(scope, inbox.get, outbox.put))
    await inbox.put({"type": "lifespan.startup"})
    assert (await outbox.get())["type"] == "lifespan.startup.complete"
    try:
        yield
    finally:
        await inbox.put({"type": "lifespan.shutdown"})
        assert (await outbox.get())["type"] == "lifespan.shutdown.complete"
        await task


async def silent(scope: Any, receive: Any, send: Any) -> None:
    """Answers nothing at all."""
