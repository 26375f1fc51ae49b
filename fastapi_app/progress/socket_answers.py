"""What is answered to clients of Socket.IO: pairs of an event's name and its data."""

from typing import Any

from sqlalchemy import select

from fastapi_app.database import Database
from fastapi_app.jobs.states import State
from fastapi_app.models import Job
from fastapi_app.progress import rows
from fastapi_app.progress.hub import Hub
from fastapi_app.progress.news import timestamp
from fastapi_app.progress.socket_client import Client
from fastapi_app.progress.subscription import TooManySubscriptions
from fastapi_app.progress.wishes import NotUnderstood, job_id
from fastapi_app.responses import iso

LIMIT, MOST = 50, 500
"""How many jobs `get_user_jobs` tells when it is not told, and at most."""

Answer = tuple[str, dict[str, Any]]


class Answers:
    """One method for each event of a client, named like it. All raise NotUnderstood."""

    def __init__(self, hub: Hub, database: Database) -> None:
        self._hub = hub
        self._database = database

    async def subscribe_job(self, client: Client, data: Any) -> list[Answer]:
        """Subscribes before it reads: what happens meanwhile waits in the client's queue."""
        wanted = job_id(data)
        try:
            self._hub.subscriptions.follow(client, wanted)
        except TooManySubscriptions:
            raise NotUnderstood("too-many", "You follow too many jobs") from None
        try:
            status = await self.get_job_status(client, data)
        except NotUnderstood:
            self._hub.subscriptions.unfollow(client, wanted)
            raise
        return [_told("subscription_confirmed", job_id=wanted, message="You follow this job"), *status]

    async def unsubscribe_job(self, client: Client, data: Any) -> list[Answer]:
        wanted = job_id(data)
        self._hub.subscriptions.unfollow(client, wanted)
        return [_told("unsubscription_confirmed", job_id=wanted, message="You no longer follow this job")]

    async def get_job_status(self, client: Client, data: Any) -> list[Answer]:
        wanted = job_id(data)
        async with self._database.reading() as session:
            event = await rows.event(session, wanted, client.view)
        if event is None:
            raise _unknown()
        self._hub.learn([event], client)
        return [_told("job_status", job_id=wanted, data=event.to_json())]

    async def get_job_details(self, client: Client, data: Any) -> list[Answer]:
        wanted = job_id(data)
        async with self._database.reading() as session:
            job = await session.scalar(select(Job).where(Job.id == wanted, client.view.condition()))
        if job is None:
            raise _unknown()
        moments = {name: iso(getattr(job, name)) for name in ("created_at", "started_at", "finished_at")}
        return [_told("job_details", job_id=wanted, data=rows.told(job).to_json(), result=job.result, **moments)]

    async def get_user_jobs(self, client: Client, data: Any) -> list[Answer]:
        filters = data if isinstance(data, dict) else {}
        limit, state = _limit(filters.get("limit")), _state(filters.get("status"))
        async with self._database.reading() as session:
            found = await rows.shown(session, client.view, limit, state)
        jobs = [event.to_json() for event in found.jobs]
        asked = {"limit": limit, "status": state}
        return [_told("user_jobs", jobs=jobs, total=found.total, filters=asked)]


def _told(event: str, /, **data: Any) -> Answer:
    return event, {**data, "timestamp": timestamp()}


def _unknown() -> NotUnderstood:
    return NotUnderstood("unknown-job", "There is no such job")


def _limit(value: Any) -> int:
    if value is None:
        return LIMIT
    if type(value) is not int or not 0 < value <= MOST:
        raise NotUnderstood("bad-field", f"limit must be a number from 1 to {MOST}")
    return value


def _state(value: Any) -> State | None:
    try:
        return None if value is None else State(str(value))
    except ValueError:
        raise NotUnderstood("bad-field", f"status must be one of {', '.join(State)}") from None
