"""The page of backups, for administrators. Everything works as a plain form, but for bringing a file."""

from functools import partial
from urllib.parse import urlencode

from anyio import to_thread
from fastapi import APIRouter, Request
from starlette.responses import Response

from fastapi_app.auth.visitor import Visitor
from fastapi_app.backup import desk, folder, telling
from fastapi_app.backup.payload import Backup
from fastapi_app.bodies import query_values
from fastapi_app.errors import AppError, BadRequest
from fastapi_app.pages.asking import Administrator
from fastapi_app.pages.downloads.figures import amount
from fastapi_app.pages.markup import url_for
from fastapi_app.responses import redirect
from fastapi_app.route import Route
from fastapi_app.transaction import Transaction
from fastapi_app.urls import local
from fastapi_app.users.markup import form_values, page

router = APIRouter(route_class=Route, include_in_schema=False)

_PATH = "/system/backup"
_DONE = {
    "create": "A backup is being made. It shows up here when it is whole.",
    "verify": "It is whole: nothing is missing or changed.",
    "restore": "The library is restored. The one that was there is among the backups.",
    "delete": "It is deleted.",
    "upload": "It is whole, and kept here now.",
}


@router.get(_PATH)
async def show_backups(request: Request, visitor: Administrator) -> Response:
    """What there is, and what can be done with it."""
    return await _page(request, visitor)


@router.post(_PATH)
async def act(request: Request, session: Transaction, visitor: Administrator) -> Response:
    """Does what a button asks for."""
    values = await form_values(request)
    action, name = values.get("action", ""), values.get("name", "")
    config = request.state.config
    try:
        if action == "create":
            wish = Backup(with_secrets=values.get("secrets") != "without")
            await desk.begin(request, session, wish, visitor)
        elif action == "verify":
            await desk.verify(config, name)
        elif action == "delete":
            await desk.delete(request, session, name, visitor)
        elif action == "restore":
            if values.get("confirm") != "yes":
                raise BadRequest("Tick the box first: the library will be replaced.")
            await session.rollback()  # SQLite has one writer: this request's own transaction would keep it out
            if telling.is_wanted(request.headers.get("accept", "")):
                await desk.path_of(config, name)
                return telling.Telling(partial(desk.restore, request, name, visitor))
            await desk.restore(request, name, visitor)
        else:
            raise BadRequest("Unknown action")
    except AppError as refusal:
        return await _page(request, visitor, error=refusal.message, status=refusal.status)
    return redirect(f"{local(request.scope, _PATH)}?{urlencode({'done': action})}", 303)


async def _page(request: Request, visitor: Visitor, error: str = "", status: int = 200) -> Response:
    home = folder.of(request.state.config)
    kept = await to_thread.run_sync(folder.listed, home)
    answer = page(
        request,
        visitor,
        "backup.html",
        "admin",
        here=url_for(request)(_PATH),
        upload=url_for(request)("/api/backups/upload"),
        backups=[(each.name, amount(each.size), each.at, _mark(each.name)) for each in kept],
        home=str(home),
        limit=amount(request.state.config.max_body_bytes),
        done="" if error else _DONE.get(query_values(request).get("done", ""), ""),
        error=error,
    )
    answer.status_code = status
    return answer


def _mark(name: str) -> str:
    marks = {
        folder.WITHOUT_SECRETS: "without secrets",
        folder.BEFORE_RESTORE: "before a restore",
        folder.UPLOADED: "brought here",
    }
    return next((label for mark, label in marks.items() if mark in name), "")
