"""A shelf of books, twice. Its faults are the candidate's, each behind one parameter or one member."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI
from fastapi import Request as ModernRequest
from flask import Flask, jsonify, request

from migration_flags import Change, Stage
from migration_flags.stores.memory import MemoryStore
from router import Router, Side
from router.json_response import FlaskJSONResponse
from router.parity.rehearsal import Rehearsal
from router.row import Owner

TITLES = {1: "Emma", 2: "Ada", 3: "Kim"}


@dataclass
class Shelf:
    """The data of one copy."""

    titles: dict[int, str] = field(default_factory=lambda: dict(TITLES))

    def rows(self) -> dict[str, list[dict[str, Any]]]:
        return {"books": [{"id": number, "title": title} for number, title in self.titles.items()]}

    def listed(self, sort: str, limit: int) -> list[str]:
        titles = list(self.titles.values())
        return (sorted(titles) if sort == "title" else titles)[:limit]

    def add(self, content: Any, *, loses: bool = False) -> dict[str, Any]:
        number = max(self.titles) + 1
        tags = content.get("tags", [])
        self.titles[number] = content.get("title", "")
        return {"id": number, "tags": [tag for tag in tags if not (loses and tag == "rare")]}


def flask_app(shelf: Shelf) -> Flask:
    app = Flask("shelf", static_folder=None)

    @app.get("/books")
    def books() -> Any:
        limit = request.args.get("limit", 10, int)
        return jsonify(books=shelf.listed(request.args.get("sort", ""), limit))

    @app.get("/books/<int:number>")
    def book(number: int) -> Any:
        return jsonify(title=shelf.titles.get(number)), 200 if number in shelf.titles else 404

    @app.post("/books")
    def add() -> Any:
        return jsonify(shelf.add(request.get_json(silent=True) or {})), 201

    @app.put("/books/<int:number>")
    def change(number: int) -> Any:
        if number not in shelf.titles:
            return jsonify(error="none"), 404
        shelf.titles[number] = (request.get_json(silent=True) or {}).get("title", "")
        return jsonify(title=shelf.titles[number])

    return app


def fastapi_app(
    shelf: Shelf,
    *,
    sorts_backwards: bool = False,
    shortens: bool = False,
    loses: bool = False,
    shouts_new: bool = False,
    forgets: bool = False,
) -> FastAPI:
    app = FastAPI(default_response_class=FlaskJSONResponse)

    @app.get("/books")
    async def books(sort: str = "", limit: int = 10) -> Any:
        found = shelf.listed(sort, limit)
        if sorts_backwards and sort == "title":
            found.reverse()
        return {"books": found[:100] if not shortens or limit <= 100 else found[:1]}

    @app.get("/books/{number}")
    async def book(number: int) -> Any:
        title = shelf.titles.get(number)
        shown = title.upper() if shouts_new and title is not None and number > 3 else title
        return FlaskJSONResponse({"title": shown}, 200 if number in shelf.titles else 404)

    @app.post("/books", status_code=201)
    async def add(request: ModernRequest) -> Any:
        return shelf.add(await _content(request), loses=loses)

    @app.put("/books/{number}")
    async def change(number: int, request: ModernRequest) -> Any:
        if number not in shelf.titles:
            return FlaskJSONResponse({"error": "none"}, 404)
        title = (await _content(request)).get("title", "")
        if not forgets:
            shelf.titles[number] = title
        return {"title": title}

    return app


async def _content(request: ModernRequest) -> dict[str, Any]:
    try:
        content: dict[str, Any] = await request.json()
    except ValueError:
        return {}
    return content


def create_router(**faults: bool) -> Router:
    shelf = Shelf()
    return Router(flask_app(shelf), fastapi_app(shelf, **faults), MemoryStore(), poll_interval=60)


def rehearsals(**faults: bool) -> Callable[[Side], AbstractContextManager[Rehearsal]]:
    @contextmanager
    def rehearse(side: Side) -> Iterator[Rehearsal]:
        shelf, store = Shelf(), MemoryStore()
        router = Router(
            flask_app(shelf), fastapi_app(shelf, **faults), store, fallback=None, rollback=None, poll_interval=60
        )
        keys = [row.key for row in router.table if row.owner is Owner.BOTH]
        store.apply([Change(key, Stage(side.value)) for key in keys], actor="a test", reason="one side")
        yield Rehearsal(router, shelf.rows)

    return rehearse


equal, backwards = rehearsals(), rehearsals(sorts_backwards=True)
