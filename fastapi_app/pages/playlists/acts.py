"""What the forms on the page of a playlist do."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from fastapi_app.auth.visitor import Visitor
from fastapi_app.errors import BadRequest, NotFound
from fastapi_app.models import now
from fastapi_app.pages.criteria import page_number
from fastapi_app.pages.playlists import rules
from fastapi_app.playlists import entries
from fastapi_app.playlists import rules as playlists
from fastapi_app.playlists.changing import changing, check_by_hand, check_dynamic
from fastapi_app.playlists.deletion_endpoints import delete_playlist
from fastapi_app.playlists.refreshing import refresh
from fastapi_app.playlists.standing import standing_of
from fastapi_app.responses import redirect
from fastapi_app.urls import local

_GONE = "This video is no longer in the playlist"


@dataclass(frozen=True)
class Asked:
    """Who asks for what on which playlist."""

    playlist_id: int
    request: Request
    session: AsyncSession
    visitor: Visitor


async def act(asked: Asked, values: Mapping[str, str], chosen: Sequence[int]) -> Response:
    """Does what the member `action` says. Raises BadField, BadRequest, NotFound, Forbidden and Conflict."""
    action = values.get("action", "")
    if action == "delete":
        return await _delete(asked, values)
    if action not in _ACTS:
        raise BadRequest("Unknown action")
    await _ACTS[action](asked, values, chosen)
    page = page_number(values.get("page", ""))
    told = {"done": action, **({"page": page} if page > 1 else {})}
    return redirect(f"{local(asked.request.scope, f'/playlist/{asked.playlist_id}')}?{urlencode(told)}", 303)


async def _change(asked: Asked, values: Mapping[str, str], _chosen: Sequence[int]) -> None:
    standing = await standing_of(asked.session, asked.visitor)
    columns = playlists.changes(rules.written(values, features=standing.manages))
    async with changing(asked.request, asked.session, asked.visitor, asked.playlist_id) as (_own, playlist):
        for column, value in columns.items():
            setattr(playlist, column, value)


async def _remove(asked: Asked, _values: Mapping[str, str], chosen: Sequence[int]) -> None:
    if not chosen:
        raise BadRequest("Nothing was chosen")
    async with changing(asked.request, asked.session, asked.visitor, asked.playlist_id) as (own, playlist):
        check_by_hand(playlist)
        for entry_id in chosen:
            await entries.remove(own, asked.playlist_id, entry_id)
        playlist.updated_at = now()


async def _move(asked: Asked, values: Mapping[str, str], chosen: Sequence[int]) -> None:
    place = page_number(values.get("place", ""))
    async with changing(asked.request, asked.session, asked.visitor, asked.playlist_id) as (own, playlist):
        check_by_hand(playlist)
        if not chosen or not await entries.move(own, asked.playlist_id, chosen[0], place):
            raise NotFound(_GONE)
        playlist.updated_at = now()


async def _refresh(asked: Asked, _values: Mapping[str, str], _chosen: Sequence[int]) -> None:
    async with changing(asked.request, asked.session, asked.visitor, asked.playlist_id) as (own, playlist):
        check_dynamic(playlist)
        await refresh(own, playlist, now())


async def _delete(asked: Asked, values: Mapping[str, str]) -> Response:
    if values.get("confirm") != "yes":
        raise BadRequest("Deleting must be confirmed")
    told = await delete_playlist(asked.playlist_id, asked.request, asked.visitor, asked.session)
    answer = redirect(local(asked.request.scope, "/playlists") + "?done=deleted", 303)
    answer.background = told.background
    return answer


_ACTS: Mapping[str, Callable[[Asked, Mapping[str, str], Sequence[int]], Awaitable[None]]] = {
    "change": _change,
    "remove": _remove,
    "move": _move,
    "refresh": _refresh,
}
