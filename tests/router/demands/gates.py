"""A hybrid whose two sides guard the same routes, each in its own way; a fault lets more people in on modern."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse, Response
from flask import Flask, abort, jsonify, request
from flask.typing import ResponseReturnValue

from migration_flags import Change, Stage
from migration_flags.stores.memory import MemoryStore
from router import Owner, Router, Row, Side
from router.demands.demand import Demand, Demands
from router.parity.rehearsal import Login, Rehearsal

LEVELS = {"nobody": 0, "reader": 1, "editor": 2, "root": 3}
NEEDED = {
    "GET /open": 0,
    "GET /notes/{number}": 1,
    "POST /notes": 2,
    "DELETE /notes/{number}": 3,
    "GET /admin/report": 3,
}

FAULTS: dict[tuple[str, str], int | None] = {
    ("removed", "GET /notes/{number}"): None,
    ("weaker", "DELETE /notes/{number}"): 2,
    ("prefix", "GET /admin/report"): 0,
    ("stricter", "GET /open"): 1,
    ("failing", "POST /notes"): None,
}
"""What modern asks instead; None: nothing at all."""


def flask_app() -> Flask:
    """Two guards: one for everything, one for a prefix."""
    app = Flask("guarded", static_folder=None)
    needed = {"open": 0, "note": 1, "add": 2, "remove": 3, "report": 0, "login": 0}

    @app.before_request
    def guard() -> ResponseReturnValue | None:
        level = LEVELS.get(request.cookies.get("who", "nobody"), 0)
        if level < (needed.get(request.endpoint or "", 0)):
            abort(403 if level else 401)
        if request.path.startswith("/admin/") and level < 3:
            abort(403 if level else 401)
        return None

    @app.get("/open")
    def open() -> ResponseReturnValue:  # noqa: A001
        return jsonify(ok=True)

    @app.get("/notes/<int:number>")
    def note(number: int) -> ResponseReturnValue:
        return jsonify(id=number)

    @app.post("/notes")
    def add() -> ResponseReturnValue:
        return jsonify(ok=True), 201

    @app.delete("/notes/<int:number>")
    def remove(number: int) -> ResponseReturnValue:
        del number
        return "", 204

    @app.get("/admin/report")
    def report() -> ResponseReturnValue:
        return jsonify(ok=True)

    @app.post("/login/<name>")
    def login(name: str) -> ResponseReturnValue:
        answer = jsonify(ok=True)
        answer.set_cookie("who", name)
        return answer

    return app


class Needs:
    """A dependency that declares a level."""

    def __init__(self, level: int) -> None:
        self.level = level

    def __call__(self, request: Request) -> None:
        level = LEVELS.get(request.cookies.get("who", "nobody"), 0)
        if level < self.level:
            raise HTTPException(403 if level else 401)


def fastapi_app(fault: str = "") -> FastAPI:
    """``fault``: removed, weaker, prefix, failing, stricter; or none."""
    app = FastAPI(openapi_url=None)

    def needs(key: str) -> list[Any]:
        level = FAULTS.get((fault, key), NEEDED[key])
        return [] if level is None else [Depends(Needs(level))]

    @app.get("/open", dependencies=needs("GET /open"))
    def open() -> Any:  # noqa: A001
        return {"ok": True}

    @app.get("/notes/{number}", dependencies=needs("GET /notes/{number}"))
    def note(number: int) -> Any:
        return {"id": number}

    @app.post("/notes", dependencies=needs("POST /notes"))
    def add() -> Any:
        return JSONResponse({"ok": True}, 500 if fault == "failing" else 201)

    @app.delete("/notes/{number}", dependencies=needs("DELETE /notes/{number}"))
    def remove(number: int) -> Any:
        del number
        return Response(status_code=204)

    @app.get("/admin/report", dependencies=needs("GET /admin/report"))
    def report() -> Any:
        return {"ok": True}

    return app


def demands(app: Flask, needed: dict[str, int]) -> Demands:
    """Legacy's from a table, modern's from its dependencies."""
    del app

    def legacy(row: Row) -> Demand | None:
        return Demand(needed[row.key], f"level {needed[row.key]}") if row.key in needed else None

    def modern(row: Row) -> Demand | None:
        calls = [one.call for one in row.modern[0].handle.dependant.dependencies]
        levels = [one.level for one in calls if isinstance(one, Needs)]
        return Demand(max(levels), f"level {max(levels)}") if levels else None

    return Demands(legacy, modern)


def built(fault: str = "", **options: Any) -> Router:
    legacy = flask_app()
    store = options.pop("flags", None) or MemoryStore()
    return Router(legacy, fastapi_app(fault), store, demands=demands(legacy, NEEDED), poll_interval=60, **options)


def copies(fault: str = "") -> Callable[[Side], AbstractContextManager[Rehearsal]]:
    @contextmanager
    def rehearse(side: Side) -> Iterator[Rehearsal]:
        router = built(fault, mirror=None)
        keys = [row.key for row in router.table if row.owner is Owner.BOTH]
        router.flags.apply([Change(key, Stage(side.value)) for key in keys], actor="a test", reason="one side")
        logins = {name: Login(f"/login/{name}", {"json": {}}) for name in ("reader", "editor", "root")}
        yield Rehearsal(router, logins=logins, prober="root")

    return rehearse
