"""What people do with runs, for the API and for the page."""

from collections.abc import Mapping

from fastapi import Request
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.errors import Conflict, NotFound
from fastapi_app.jobs.states import TERMINAL
from fastapi_app.jobs.submission import active_key, submit
from fastapi_app.models import INTEGER_MAX, Job, Rename, Setting
from fastapi_app.naming.preferences import KEY
from fastapi_app.naming.template import Template
from fastapi_app.renames import kinds, queries
from fastapi_app.renames.payload import RenameFiles
from fastapi_app.renames.states import State
from fastapi_app.transaction import Record

MISSING = "This run is not known"
_UNDER_WAY = "Files are being renamed already"
_NOTHING = "This run renamed nothing that could be taken back"
_UNDONE = "This run was taken back already"


async def start(request: Request, session: AsyncSession, template: Template, user_id: int | None) -> Rename:
    """A run by a template. Raises Conflict where one is under way."""
    return await _submitted(request, session, Rename(template=template.text, user_id=user_id), "Rename files")


async def undo(request: Request, session: AsyncSession, rename_id: int, user_id: int | None) -> Rename:
    """A run that takes another one back. Raises NotFound and Conflict."""
    found = await known(session, rename_id)
    if found.state is not None and found.state not in TERMINAL:
        raise Conflict("This run is still under way")
    before = (await queries.undone_by(session, [rename_id])).get(rename_id, 0)
    counts = await queries.counts(session, [rename_id, before])
    if counts[before].get(State.DONE):
        raise Conflict(_UNDONE)
    if not counts[rename_id].get(State.DONE):
        raise Conflict(_NOTHING)
    row = Rename(template=found.template, undoes=rename_id, user_id=user_id)
    return await _submitted(request, session, row, "Take a renaming back")


async def known(session: AsyncSession, rename_id: int) -> Record:
    """Raises NotFound."""
    found = await queries.one(session, rename_id) if 0 < rename_id <= INTEGER_MAX else None
    if found is None:
        raise NotFound(MISSING)
    return found


async def keep_template(session: AsyncSession, template: Template) -> None:
    """New downloads are named by it from now on."""
    row = await session.scalar(select(Setting).where(Setting.key == KEY).with_for_update())
    if row is None:
        session.add(Setting(key=KEY, value=template.text))
    else:
        row.value = template.text


async def _submitted(request: Request, session: AsyncSession, row: Rename, title: str) -> Rename:
    key = active_key(kinds.RENAME.name, kinds.SUBJECT)
    if await session.scalar(select(Job.id).where(Job.active_key == key)) is not None:
        raise Conflict(_UNDER_WAY)
    session.add(row)
    await session.flush()
    payload: Mapping[str, object] = RenameFiles(title=title, rename_id=row.id).model_dump(mode="json")
    made = await session.run_sync(submit, kinds.RENAME, kinds.SUBJECT, dict(payload), user_id=row.user_id)
    if not made.created:  # somebody was quicker
        await session.delete(row)
        await session.flush()
        raise Conflict(_UNDER_WAY)
    row.job_id = made.job.id
    await session.flush()
    request.state.jobs.after_commit(session, made.job)
    return row
