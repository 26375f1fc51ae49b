"""What is answered on `/ws/jobs`."""

from typing import Any

from fastapi_app.database import Database
from fastapi_app.jobs.event import Event
from fastapi_app.progress import rows
from fastapi_app.progress.hub import Hub, Listener
from fastapi_app.progress.news import News, encoded, event_type, timestamp
from fastapi_app.progress.subscription import TooManySubscriptions
from fastapi_app.progress.wishes import Kind, NotUnderstood, Wish


def message(kind: str, /, **fields: Any) -> str:
    """One message of the server."""
    return encoded({"type": kind, "timestamp": timestamp(), **fields})


def snapshot(found: rows.Active, kind: str = "snapshot") -> str:
    """The jobs under way."""
    jobs = [event.to_json() for event in found.jobs]
    return message(kind, jobs=jobs, total=found.total, complete=len(jobs) == found.total)


class Conversation:
    """Follows the wishes of one listener."""

    def __init__(self, listener: Listener, hub: Hub, database: Database) -> None:
        self._listener = listener
        self._hub = hub
        self._database = database

    async def answer(self, wish: Wish) -> list[str]:
        """The messages that answer a wish. Raises NotUnderstood.

        Subscribes before it reads: what happens meanwhile waits in the listener's queue.
        """
        match wish.kind:
            case Kind.SUBSCRIBE_JOB:
                return await self._subscribe(wish.job_id)
            case Kind.SUBSCRIBE_ALL:
                text = message("subscription_response", job_id=None, success=True, message="You follow every job")
                return [text, await self.follow_all()]
            case Kind.GET_ACTIVE_JOBS:
                return [await self.active("active_jobs")]
            case Kind.RESUME:
                return await self._resume(wish.jobs)
            case _:
                return self._at_once(wish)

    async def follow_all(self) -> str:
        """Subscribes to all visible jobs; the snapshot."""
        await self._hub.follow_all(self._listener)
        return await self.active()

    async def active(self, kind: str = "snapshot") -> str:
        async with self._database.reading() as session:
            found = await rows.active(session, self._listener.view)
        self._hub.learn(found.jobs, self._listener)
        return snapshot(found, kind)

    def _at_once(self, wish: Wish) -> list[str]:
        if wish.kind is Kind.PING:
            return [message("pong")]
        if wish.kind is Kind.PONG:
            return []
        if wish.kind is Kind.UNSUBSCRIBE_ALL:
            self._hub.subscriptions.leave(self._listener)
            return [message("unsubscription_response", job_id=None, success=True, message="You follow no job")]
        self._hub.subscriptions.unfollow(self._listener, wish.job_id)
        told = "You no longer follow this job by its number"
        return [message("unsubscription_response", job_id=wish.job_id, success=True, message=told)]

    async def _subscribe(self, job_id: int) -> list[str]:
        self._follow(job_id)
        async with self._database.reading() as session:
            event = await rows.event(session, job_id, self._listener.view)
        if event is None:
            self._hub.subscriptions.unfollow(self._listener, job_id)
            told = "There is no such job"
            refusal = message("subscription_response", job_id=job_id, success=False, message=told)
            return [refusal, message("error", code="unknown-job", message=told, job_id=job_id)]
        self._hub.learn([event], self._listener)
        response = message("subscription_response", job_id=job_id, success=True, message="You follow this job")
        return [response, status(event)]

    async def _resume(self, seen: dict[int, int]) -> list[str]:
        for job_id in seen:
            self._follow(job_id)
        async with self._database.reading() as session:
            found = [event for event in await rows.events(session, seen) if self._listener.view.shows(event.user_id)]
        self._hub.learn(found, self._listener)
        under_way = {event.job_id for event in found if not event.terminal}
        for job_id in seen.keys() - under_way:
            self._hub.subscriptions.unfollow(self._listener, job_id)
        moved = [event for event in found if event.seq > seen[event.job_id]]
        gone = sorted(seen.keys() - {event.job_id for event in found})
        updates = [News(event, event_type(event, None)).message for event in moved]
        return [*updates, message("resumed", updated=[event.job_id for event in moved], gone=gone)]

    def _follow(self, job_id: int) -> None:
        try:
            self._hub.subscriptions.follow(self._listener, job_id)
        except TooManySubscriptions:
            raise NotUnderstood("too-many", "You follow too many single jobs: subscribe to all") from None


def status(event: Event) -> str:
    """How a job is."""
    return message("job_status", job_id=event.job_id, data=event.to_json())
