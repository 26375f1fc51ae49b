"""The page of the system: what runs, how it fares, what happens by itself, and the end of the log."""

from datetime import datetime

from anyio import to_thread
from fastapi import APIRouter, Request
from starlette.responses import Response

from fastapi_app import log_file
from fastapi_app.auth.access import Access
from fastapi_app.bodies import query_values
from fastapi_app.caching.figures import figures
from fastapi_app.models import now
from fastapi_app.pages.asking import Configurer
from fastapi_app.pages.downloads.figures import amount
from fastapi_app.pages.markup import render, url_for
from fastapi_app.pages.system import looking, tasks, versions
from fastapi_app.pages.system.checks import checks
from fastapi_app.route import Route
from fastapi_app.system import lines
from fastapi_app.transaction import Transaction

router = APIRouter(route_class=Route, include_in_schema=False)

MOST_LINES = 100
_LEVELS = {"": "All", "WARNING": "Warnings", "ERROR": "Errors"}


@router.get("/system")
async def show(request: Request, session: Transaction, visitor: Configurer) -> Response:
    """For who configures; log, paths and versions are told to administrators alone."""
    administers = visitor.reaches(Access.ADMINISTER)
    read, last = await tasks.settings(session), await tasks.ended(session)
    seen = await looking.look(request, session)
    level = query_values(request).get("level", "")
    return render(
        request,
        "system.html",
        visitor=visitor,
        headers={"cache-control": "no-store"},
        place="system",
        here=url_for(request)("/system"),
        version=request.app.version,
        uptime=versions.duration(await to_thread.run_sync(versions.uptime)),
        programs=await _programs(request, session) if administers else [],
        checks=checks(seen),
        spaces=seen.spaces if administers else [],
        jobs=seen.jobs,
        tasks=tasks.tasks(read, last, datetime.now().astimezone().replace(tzinfo=None), now()),
        caches=figures(request.state.caches.store.tallies),
        amount=amount,
        log=await _log(request, level) if administers else [],
        level=level if level in _LEVELS else "",
        levels=_LEVELS.items(),
    )


@router.get("/system/licences")
async def show_licences(request: Request, visitor: Configurer) -> Response:
    """Every package that is installed, and its licence."""
    return render(
        request,
        "licences.html",
        visitor=visitor,
        place="system",
        packages=await to_thread.run_sync(versions.licences),
    )


async def _programs(request: Request, session: Transaction) -> list[tuple[str, str]]:
    return [
        *await to_thread.run_sync(versions.programs),
        ("Database", await versions.database(session)),
        ("Redis", await versions.redis(request.state.config.redis_url)),
    ]


async def _log(request: Request, level: str) -> list[lines.LogLine]:
    """The newest line first."""
    found = await to_thread.run_sync(lines.read, log_file.path_of(request.state.config))
    return lines.last(found, level, MOST_LINES)[::-1]
