"""A Flask and a FastAPI application that can be told apart, for tests that need whole processes."""

import os
from typing import Any

from fastapi import FastAPI
from flask import Flask, jsonify
from flask.typing import ResponseReturnValue

from migration_flags import FlagStore
from migration_flags.stores.sql import SQLStore
from router import Router

KEYS = ("GET /api/one/{id}", "GET /api/two", "POST /api/three")


def create_legacy() -> Flask:
    app = Flask("legacy", static_folder=None)

    @app.get("/api/one/<int:id>")
    def one(id: int) -> ResponseReturnValue:  # noqa: A002
        return jsonify(side="legacy", id=id)

    @app.get("/api/two")
    def two() -> ResponseReturnValue:
        return jsonify(side="legacy")

    @app.post("/api/three")
    def three() -> ResponseReturnValue:
        return jsonify(side="legacy")

    @app.get("/api/pid")
    def pid() -> ResponseReturnValue:
        return jsonify(pid=os.getpid())

    return app


def create_modern() -> FastAPI:
    app = FastAPI()

    @app.get("/api/one/{number}")
    async def one(number: int) -> dict[str, Any]:
        return {"side": "modern", "id": number}

    @app.get("/api/two")
    async def two() -> dict[str, Any]:
        return {"side": "modern"}

    @app.post("/api/three")
    async def three() -> dict[str, Any]:
        return {"side": "modern"}

    return app


def create_store() -> FlagStore:
    return SQLStore(os.environ["TOY_STORE"])


def create_router() -> Router:
    """Needs ``TOY_STORE``, the URL of a flag store."""
    return Router(create_legacy(), create_modern(), create_store())


def create_signing_router() -> Router:
    return Router(create_legacy(), create_modern(), create_store(), secret="a secret of the toys")
