"""Toys with a table of so many routes, as TOY_ROUTES says, at the stage that TOY_STAGE says. Factories for servers."""

import os
from typing import Any

from fastapi import FastAPI
from flask import Flask

from benchmarks.toys.door import door
from benchmarks.toys.legacy import RECORD, create_legacy
from router import Router


def legacy() -> Flask:
    return create_legacy(_number())


def modern() -> FastAPI:
    app = FastAPI(openapi_url=None)

    async def noun(item_id: int) -> dict[str, Any]:
        return {**RECORD, "id": item_id}

    for number in range(_number()):
        app.add_api_route(f"/api/noun{number}/{{item_id}}", noun, name=f"noun{number}")
    return app


def hybrid() -> Router:
    return door(legacy(), modern())


def _number() -> int:
    return int(os.environ["TOY_ROUTES"])
