"""What the buttons of the downloads page do."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.errors import BadField, BadRequest, Conflict, NotFound
from fastapi_app.jobs import afterwards, changes, rules
from fastapi_app.jobs.dispatch import Messenger
from fastapi_app.jobs.handing_in import hand_in
from fastapi_app.jobs.states import State
from fastapi_app.jobs.visibility import View
from fastapi_app.models import Job
from fastapi_app.pages.downloads import queries
from fastapi_app.pages.downloads.groups import Group
from fastapi_app.pages.downloads.queries import QUEUE
from fastapi_app.pages.downloads.rows import row

PAUSED_BY_HAND = "Somebody paused it."
MOST_RETRIED = 500
_HIGHEST, _LOWEST = 1, 10
_DIGITS = 9


@dataclass(frozen=True)
class Acting:
    """Who acts on what: their session, the jobs that they see, and the messenger that tells about it."""

    session: AsyncSession
    view: View
    messenger: Messenger
    user_id: int | None


@dataclass(frozen=True)
class Outcome:
    """The sentence that the page shows afterwards, and the one job that it is about, if it is about one."""

    sentence: str
    job: Job | None = None


async def act(acting: Acting, values: Mapping[str, str]) -> Outcome:
    """Does what a form of a user asks for. Raises BadRequest, NotFound and Conflict."""
    action = values.get("action", "")
    if action == "add":
        return await _add(acting, values)
    if action == "retry_failed":
        return await _retry_failed(acting)
    if action not in _ON_ONE:
        raise BadRequest("Unknown action")
    job = await _job(acting, values.get("job_id", ""))
    news, changed = await _ON_ONE[action](acting.session, job)
    acting.messenger.after_commit(acting.session, changed)
    return Outcome(f"{row(changed).title}: {news}", changed)


async def act_on_queue(acting: Acting, values: Mapping[str, str]) -> Outcome:
    """Does what a form about the whole queue asks for. Raises BadRequest."""
    action, session = values.get("action", ""), acting.session
    if action == "pause":
        await changes.pause_queue(session, QUEUE, PAUSED_BY_HAND)
        return Outcome("The queue is paused. What runs is finished first.")
    if action == "resume":
        await changes.resume_queue(session, QUEUE)
        afterwards.after_commit(session, partial(acting.messenger.soon, QUEUE))
        return Outcome("The queue goes on.")
    if action == "cancel_waiting":
        cancelled = await changes.clear(session, QUEUE)
        for job in cancelled:
            acting.messenger.after_commit(session, job)
        return Outcome(f"{_downloads(len(cancelled))} cancelled.")
    if action in _FORGETTABLE:
        return Outcome(f"{_downloads(await queries.forget(session, _FORGETTABLE[action]))} forgotten. Files stay.")
    raise BadRequest("Unknown action")


async def _cancel(session: AsyncSession, job: Job) -> tuple[str, Job]:
    changed = await changes.cancel(session, job.id)
    return ("cancelled." if changed.state == State.CANCELLED else "ends in a moment."), changed


async def _retry(session: AsyncSession, job: Job) -> tuple[str, Job]:
    return "waits for its turn.", await changes.retry(session, job.id)


async def _pause(session: AsyncSession, job: Job) -> tuple[str, Job]:
    changed = await changes.pause(session, job.id)
    return ("paused." if changed.state == State.PAUSED else "pauses in a moment."), changed


async def _resume(session: AsyncSession, job: Job) -> tuple[str, Job]:
    return "waits for its turn.", await changes.resume(session, job.id)


async def _up(session: AsyncSession, job: Job) -> tuple[str, Job]:
    return await _prioritised(session, job, max(_HIGHEST, job.priority - 1))


async def _down(session: AsyncSession, job: Job) -> tuple[str, Job]:
    return await _prioritised(session, job, min(_LOWEST, job.priority + 1))


async def _top(session: AsyncSession, job: Job) -> tuple[str, Job]:
    """Before every other that waits: with the best priority there is, and the first place among those that have it."""
    waiting = (Job.queue == job.queue, Job.state.in_(sorted(changes.WAITING)))
    best = await session.scalar(select(func.min(Job.priority)).where(*waiting))
    if best is None or job.state not in changes.WAITING:
        raise Conflict("Only a waiting download can move")
    place = await session.scalar(select(func.min(Job.position)).where(*waiting, Job.priority == best))
    await session.execute(update(Job).where(Job.id == job.id).values(position=(place or 0) - 1))
    return "next in the queue.", await changes.set_priority(session, job.id, best)


_ON_ONE: Mapping[str, Callable[[AsyncSession, Job], Awaitable[tuple[str, Job]]]] = {
    "cancel": _cancel,
    "retry": _retry,
    "pause": _pause,
    "resume": _resume,
    "up": _up,
    "down": _down,
    "top": _top,
}
_FORGETTABLE: Mapping[str, Group] = {"clear_failed": Group.FAILED, "clear_done": Group.DONE}


async def _prioritised(session: AsyncSession, job: Job, priority: int) -> tuple[str, Job]:
    return f"priority {priority} of {_LOWEST}.", await changes.set_priority(session, job.id, priority)


async def _retry_failed(acting: Acting) -> Outcome:
    """The oldest first. One whose place was taken meanwhile stays as it is."""
    retried = 0
    for job_id in await queries.failed_ids(acting.session, acting.view, MOST_RETRIED):
        try:
            job = await changes.retry(acting.session, job_id)
        except (Conflict, NotFound):
            continue
        acting.messenger.after_commit(acting.session, job)
        retried += 1
    return Outcome(f"{_downloads(retried)} tried again.")


async def _add(acting: Acting, values: Mapping[str, str]) -> Outcome:
    """Artist and title name the file, so both are needed."""
    given = {field: values.get(field, "").strip() for field in ("url", "artist", "title")}
    for field, value in given.items():
        if not value:
            raise BadField(field, "given")
    made = await hand_in(acting.session, rules.wish({"kind": "download", **given}), acting.user_id)
    if not made.created:
        raise Conflict("This is being downloaded already")
    acting.messenger.after_commit(acting.session, made.job)
    return Outcome(f"{row(made.job).title}: added.", made.job)


async def _job(acting: Acting, told: str) -> Job:
    """The job, if the visitor may know of it. Raises NotFound."""
    number = int(told) if told.isascii() and told.isdigit() and len(told) <= _DIGITS else 0
    job = await acting.session.get(Job, number) if number else None
    if job is None or job.queue != QUEUE or not acting.view.shows(job.user_id):
        raise NotFound("This download is no longer there")
    return job


def _downloads(number: int) -> str:
    return f"{number} {'download' if number == 1 else 'downloads'}"
