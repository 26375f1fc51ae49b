"""The page about one video, and its buttons. It works without scripts, too."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from anyio import to_thread
from fastapi import APIRouter, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from fastapi_app.auth.visitor import Visitor
from fastapi_app.bodies import query_values
from fastapi_app.deletions import acts
from fastapi_app.deletions.rules import Asked
from fastapi_app.errors import AppError, NotFound
from fastapi_app.jobs.visibility import view_of
from fastapi_app.media.content_type import needs_transcoding
from fastapi_app.models import INTEGER_MAX, VideoStatus
from fastapi_app.pages.asking import Editor, Manager, Reader
from fastapi_app.pages.cards import LABELS, card
from fastapi_app.pages.downloads import figures
from fastapi_app.pages.downloads.rights import rights_of
from fastapi_app.pages.downloads.rows import row as job_row
from fastapi_app.pages.markup import render
from fastapi_app.pages.video import queries, rules
from fastapi_app.pages.video.files import on_disk
from fastapi_app.pages.wanted.queries import reasons
from fastapi_app.responses import redirect
from fastapi_app.route import Route
from fastapi_app.transaction import Record, Transaction
from fastapi_app.urls import local
from fastapi_app.users.markup import form_values
from fastapi_app.videos.bulk.rules import SETTABLE, one_status
from fastapi_app.videos.changing import MISSING, change_video
from fastapi_app.videos.downloading.handing_in import hand_in
from fastapi_app.videos.downloading.queries import one
from fastapi_app.videos.queries import locked_video

router = APIRouter(route_class=Route, include_in_schema=False)

MOST_OTHERS = 12


@router.get("/video/{video_id:row}")
async def show_video(video_id: int, request: Request, session: Transaction, visitor: Reader) -> Response:
    """The film, what is known of it, its download and its file."""
    done = rules.DONE.get(query_values(request).get("done", ""), "")
    return await _page(request, session, visitor, await _row(session, video_id), done=done)


@router.post("/video/{video_id:row}/edit")
async def edit(video_id: int, request: Request, session: Transaction, visitor: Editor) -> Response:
    """Changes what the form holds; what can't be is told beside its field."""
    values = await form_values(request)
    row = await _row(session, video_id)
    try:
        body = rules.change(values, rules.fields_of(row, rules.film(row)))
        changed = await change_video(request, session, video_id, body)
    except NotFound:
        raise
    except AppError as refusal:
        await session.rollback()
        async with request.state.database.reading() as reader:
            return await _page(request, reader, visitor, await _row(reader, video_id), values=values, refusal=refusal)
    return _back(request, video_id, "moved" if changed["file_moved"] else "saved")


@router.post("/video/{video_id:row}/status")
async def set_status(video_id: int, request: Request, session: Transaction, _visitor: Editor) -> Response:
    """Sets the status that the pressed button names."""
    status = one_status(await form_values(request))
    video = await locked_video(session, video_id) if video_id <= INTEGER_MAX else None
    if video is None:
        raise NotFound(MISSING)
    video.status = status
    return _back(request, video_id, "status")


@router.post("/video/{video_id:row}/download")
async def download(video_id: int, request: Request, session: Transaction, visitor: Editor) -> Response:
    """Hands the download in, unless it is under way; also where the file is there: somebody asked for it anew."""
    row = await one(session, video_id)
    if row is None:
        raise NotFound(MISSING)
    await hand_in(session, request.state.jobs, row, visitor.user_id)
    return _back(request, video_id, "download")


@router.post("/video/{video_id:row}/deletion")
async def forget(video_id: int, request: Request, session: Transaction, visitor: Manager) -> Response:
    """Deletes the video, and leads to where that can be undone."""
    if video_id > INTEGER_MAX:
        raise NotFound(MISSING)
    await acts.delete(request, session, visitor, Asked("videos", (video_id,)))
    return redirect(local(request.scope, "/deleted"), 303)


async def _row(session: AsyncSession, video_id: int) -> Record:
    row = await queries.video(session, video_id) if video_id <= INTEGER_MAX else None
    if row is None:
        raise NotFound(MISSING)
    return row


def _back(request: Request, video_id: int, done: str) -> Response:
    return redirect(f"{local(request.scope, f'/video/{video_id}')}?{urlencode({'done': done})}", 303)


async def _page(
    request: Request,
    session: AsyncSession,
    visitor: Visitor,
    row: Record,
    *,
    done: str = "",
    values: Mapping[str, str] | None = None,
    refusal: AppError | None = None,
) -> Response:
    """`refusal` is about the edit in `values`."""
    shown = rules.film(row)
    before, after = await queries.neighbours(session, row)
    job = await queries.last_job(session, await view_of(visitor, session), row.id)
    disk = await to_thread.run_sync(on_disk, request.state.config, shown.stored)
    told: dict[str, Any] = {
        "values": values if values is not None else rules.fields_of(row, shown),
        "wrong": rules.wrong(refusal) if refusal else {},
        "done": done,
    }
    return render(
        request,
        "video.html",
        status=refusal.status if refusal else 200,
        visitor=visitor,
        place="videos",
        here=local(request.scope, f"/video/{row.id}"),
        video=shown,
        imvdb=rules.imvdb_search(shown),
        before=before,
        after=after,
        others=[card(other) for other in await queries.others(session, row, MOST_OTHERS)],
        job=job_row(job) if job is not None else None,
        reason=(await reasons(session, [row.id])).get(row.id, "") if _failed_unseen(shown, job is not None) else "",
        disk=disk,
        size=figures.amount(disk.size),
        transcoded=needs_transcoding(shown.stored),
        may=await rights_of(visitor, session),
        settable=[(status, LABELS[VideoStatus(status)]) for status in SETTABLE],
        **told,
    )


def _failed_unseen(shown: rules.Film, has_job: bool) -> bool:
    """Whether an older download's row may tell why it failed, because no job does."""
    return shown.status is VideoStatus.FAILED and not has_job
