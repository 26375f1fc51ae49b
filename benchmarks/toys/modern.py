"""The same in FastAPI."""

from typing import Any

from fastapi import FastAPI, UploadFile
from fastapi.responses import HTMLResponse
from jinja2 import Environment

from benchmarks.toys.legacy import PAGE, RECORD, ROWS

MANY = 300


def create_record() -> FastAPI:
    """The JSON route, and no other."""
    app = FastAPI()

    @app.get("/json")
    async def record() -> dict[str, Any]:
        return RECORD

    return app


def create_modern() -> FastAPI:
    """All three."""
    app = create_record()
    template = Environment(autoescape=True).from_string(PAGE)

    @app.get("/page")
    async def page() -> HTMLResponse:
        return HTMLResponse(template.render(title="Videos", rows=[RECORD] * ROWS))

    @app.post("/upload")
    async def upload(file: UploadFile) -> dict[str, int]:
        return {"received": len(await file.read())}

    return app


def create_nouns() -> FastAPI:
    """`MANY` routes, ``/api/noun<n>/{item_id}``."""
    app = FastAPI()

    async def noun(item_id: int) -> dict[str, Any]:
        return {**RECORD, "id": item_id}

    for number in range(MANY):
        app.add_api_route(f"/api/noun{number}/{{item_id}}", noun, name=f"noun{number}")
    return app
