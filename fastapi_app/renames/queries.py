"""The SQL of runs, for the API and the pages."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.models import Artist, Job, Rename, RenamedFile, Video
from fastapi_app.renames.states import State
from fastapi_app.transaction import Record

_SHOWN = (
    Rename.id,
    Rename.template,
    Rename.undoes,
    Rename.job_id,
    Rename.total,
    Rename.unchanged,
    Rename.planned_at,
    Rename.created_at,
    Job.state,
    Job.percent,
    Job.message,
    Job.error_message,
)


async def latest(session: AsyncSession, limit: int) -> Sequence[Record]:
    """The last runs with the states of their jobs; a job that was forgotten has none."""
    query = select(*_SHOWN).join(Job, Job.id == Rename.job_id, isouter=True)
    return (await session.execute(query.order_by(Rename.id.desc()).limit(limit))).all()


async def one(session: AsyncSession, rename_id: int) -> Record | None:
    query = select(*_SHOWN).join(Job, Job.id == Rename.job_id, isouter=True).where(Rename.id == rename_id)
    return (await session.execute(query)).one_or_none()


async def undone_by(session: AsyncSession, ids: Sequence[int]) -> dict[int, int]:
    """The last run that takes each of these back, where there is one."""
    query = select(Rename.undoes, func.max(Rename.id)).where(Rename.undoes.in_(ids)).group_by(Rename.undoes)
    return {undone: by for undone, by in await session.execute(query) if undone is not None and by is not None}


async def counts(session: AsyncSession, ids: Sequence[int]) -> dict[int, dict[State, int]]:
    """The films of runs by their states."""
    columns = (RenamedFile.rename_id, RenamedFile.state, func.count())
    query = select(*columns).where(RenamedFile.rename_id.in_(ids))
    found: dict[int, dict[State, int]] = {rename_id: {} for rename_id in ids}
    for rename_id, state, number in await session.execute(query.group_by(RenamedFile.rename_id, RenamedFile.state)):
        found[rename_id][State(state)] = number
    return found


async def files(
    session: AsyncSession, rename_id: int, states: Sequence[State], after: int, limit: int
) -> Sequence[Record]:
    """Films of a run behind an entry, with the names of their videos, which may be forgotten."""
    columns = (
        RenamedFile.id,
        RenamedFile.video_id,
        RenamedFile.state,
        RenamedFile.reason,
        RenamedFile.old_path,
        RenamedFile.new_path,
        Video.title,
        Artist.name.label("artist"),
    )
    query = select(*columns).join(Video, Video.id == RenamedFile.video_id, isouter=True)
    query = query.join(Artist, Artist.id == Video.artist_id, isouter=True)
    query = query.where(RenamedFile.rename_id == rename_id, RenamedFile.id > after)
    if states:
        query = query.where(RenamedFile.state.in_(states))
    return (await session.execute(query.order_by(RenamedFile.id).limit(limit))).all()
