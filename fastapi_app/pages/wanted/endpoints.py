"""What the library lacks: wanted, failed, and files that are gone. Chosen ones are downloaded as jobs."""

from collections.abc import Sequence
from urllib.parse import urlencode

from anyio import to_thread
from fastapi import APIRouter, Request
from starlette.responses import Response

from fastapi_app.bodies import query_values
from fastapi_app.config import Config
from fastapi_app.downloads.payload import Download
from fastapi_app.downloads.submitting import submit_download
from fastapi_app.media.files import existing_file
from fastapi_app.models import Video
from fastapi_app.pages.asking import Editor, Reader
from fastapi_app.pages.counting import counted
from fastapi_app.pages.downloads.rights import rights_of
from fastapi_app.pages.markup import render, url_for
from fastapi_app.pages.wanted import queries, rules
from fastapi_app.pages.wanted.rules import LABELS, After, Lack
from fastapi_app.responses import redirect
from fastapi_app.route import Route
from fastapi_app.transaction import Record, Transaction
from fastapi_app.urls import local

router = APIRouter(route_class=Route, include_in_schema=False)

PER_PAGE = 50
LOOKED_AT = 500
"""Files that are looked for in one request."""

_MOST_FIELDS = rules.MOST_AT_ONCE + 8
_NO_REASON = "Nobody noted why."


@router.get("/wanted")
async def show_wanted(request: Request, session: Transaction, visitor: Reader) -> Response:
    """A page of what is lacking, each with the reason."""
    values = query_values(request)
    lack, after = rules.lack(values.get("lack", "")), rules.after(values.get("after", ""))
    wide = LOOKED_AT if lack is Lack.MISSING else PER_PAGE
    looked = await queries.page(session, lack, after, wide + 1)
    rows = list(looked[:wide])
    if lack is Lack.MISSING:
        rows = await to_thread.run_sync(_missing, request.state.config, rows)
    reasons = await queries.reasons(session, [row.id for row in rows]) if lack is Lack.FAILED else {}
    last = looked[wide - 1] if len(looked) > wide else None
    more = {"lack": lack.value, "after": After(last.artist_id, last.id)} if last else None
    return render(
        request,
        "wanted.html",
        visitor=visitor,
        headers={"cache-control": "no-store"},
        place="wanted",
        here=url_for(request)("/wanted"),
        lack=lack.value,
        labels=[(each.value, label) for each, label in LABELS.items()],
        counts=rules.counts(await counted(request, session)),
        rows=rows,
        reason={row.id: _reason(lack, row, reasons) for row in rows},
        more="?" + urlencode(more) if more else "",
        looked=min(len(looked), wide),
        is_first=after is None,
        may_modify=(await rights_of(visitor, session)).modify,
        done=_told(values.get("done", "")),
    )


@router.post("/wanted")
async def download_chosen(request: Request, session: Transaction, visitor: Editor) -> Response:
    """Hands in a download for each video that was chosen. Without an address it is searched for."""
    async with request.form(max_files=0, max_fields=_MOST_FIELDS) as form:
        ids = rules.chosen([str(value) for value in form.getlist("video")])
        lack = rules.lack(str(form.get("lack", "")))
    begun = 0
    for video_id in ids:
        if await session.get(Video, video_id) is None:
            continue
        made = await session.run_sync(submit_download, Download(video_id=video_id), user_id=visitor.user_id)
        if made.created:
            request.state.jobs.after_commit(session, made.job)
            begun += 1
    query = urlencode({"lack": lack.value, "done": begun})
    return redirect(f"{local(request.scope, '/wanted')}?{query}", 303)


def _missing(config: Config, rows: Sequence[Record]) -> list[Record]:
    """Those whose file isn't there, or lies where none may be served. Blocks."""
    return [row for row in rows if existing_file(config, row.local_path) is None]


def _reason(lack: Lack, row: Record, reasons: dict[int, str]) -> str:
    if lack is Lack.FAILED:
        return reasons.get(row.id) or _NO_REASON
    return f"The file is gone: {row.local_path}" if lack is Lack.MISSING else ""


def _told(done: str) -> str:
    if not (done.isascii() and done.isdecimal() and len(done) < 6):
        return ""
    return f"{int(done)} {'download waits' if int(done) == 1 else 'downloads wait'} for a turn."
