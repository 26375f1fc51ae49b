"""The hybrid on a real port, with a real Redis, and people on sockets."""

import json
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import anyio
import httpx2
from redis import Redis as RedisClient
from sqlalchemy import Engine, update
from sqlalchemy.orm import Session
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from fastapi_app.config import Config
from fastapi_app.database import blocking_engine
from fastapi_app.jobs.event import CHANNEL, Event, event_of
from fastapi_app.models import WRITES, Job, UserRole, now
from fastapi_app.schema import upgrade
from tests.fastapi_app.conftest import write
from tests.fastapi_app.library import PASSWORD, user
from tests.servers.redis import Redis, start_redis
from tests.servers.web import serving

DEADLINE = 30.0
"""Patience, and no measure."""
HYBRID = "legacy_flask.asgi:app"
PEOPLE = (user(1, "boss", UserRole.ADMIN), user(5, "anna"), user(6, "bert"), user(7, "mona", UserRole.MANAGER))


@dataclass(frozen=True)
class Site:
    """`base` is the address of the web process, `engine` its database, `redis` its Redis."""

    base: str
    engine: Engine
    redis: Redis
    environment: Mapping[str, str]
    folder: Path
    pid: int

    @property
    def sockets(self) -> str:
        return self.base.replace("http", "ws", 1)

    def publish(self, event: Event) -> None:
        with RedisClient.from_url(self.redis.url) as client:
            client.publish(CHANNEL, json.dumps(event.to_json()))

    def add(self, job_id: int, owner: int | None = None, state: str = "queued", **columns: Any) -> Event:
        """A new row; the event about it is returned and not published."""
        given = {"kind": "download", "subject": f"video {job_id}", "queue": "downloads", "payload": {"title": "Crater"}}
        write(self.engine, Job(id=job_id, state=state, user_id=owner, **{**given, **columns}))
        return self.event(job_id)

    def change(self, job_id: int, **columns: Any) -> Event:
        """The row, changed as whoever runs the job would."""
        change = update(Job).where(Job.id == job_id).values(sequence=Job.sequence + 1, updated_at=now(), **columns)
        with Session(self.engine.execution_options(**{WRITES: True})) as session, session.begin():
            session.execute(change)
        return self.event(job_id)

    def event(self, job_id: int) -> Event:
        with Session(self.engine) as session:
            return event_of(session.get_one(Job, job_id), now())

    async def cookie(self, name: str) -> str:
        async with httpx2.AsyncClient(base_url=self.base) as client:
            answer = await client.post("/auth/login", json={"username": name, "password": PASSWORD})
            assert answer.status_code == 200, answer.text
            return "; ".join(f"{key}={value}" for key, value in client.cookies.items())

    @asynccontextmanager
    async def socket(self, name: str, path: str = "/ws/jobs", **headers: str) -> "AsyncIterator[Socket]":
        """A socket of somebody who logged in, past `connected` and the first snapshot."""
        given = {"Cookie": await self.cookie(name), **headers}
        async with connect(self.sockets + path, additional_headers=given) as raw:
            socket = Socket(raw)
            socket.greeting = await socket.next("connected")
            socket.snapshot = await socket.next("snapshot")
            yield socket


class Socket:
    """A client of `/ws/jobs` that reads JSON."""

    greeting: dict[str, Any]
    snapshot: dict[str, Any]

    def __init__(self, raw: ClientConnection) -> None:
        self.raw = raw

    async def send(self, **message: Any) -> None:
        await self.raw.send(json.dumps(message))

    async def next(self, kind: str = "") -> dict[str, Any]:
        """The next message, which must be of that type."""
        with anyio.fail_after(DEADLINE):
            message: dict[str, Any] = json.loads(await self.raw.recv())
        assert not kind or message["type"] == kind, message
        return message

    async def ask(self, kind: str, **message: Any) -> dict[str, Any]:
        """Sends a message and reads its answer."""
        await self.send(**message)
        return await self.next(kind)

    async def update(self, job_id: int, state: str) -> dict[str, Any]:
        """Reads until this job is told to be in this state."""
        while True:
            message = await self.next()
            if message["type"] == "job_update" and (message["job_id"], message["data"]["state"]) == (job_id, state):
                return message

    async def is_silent(self) -> bool:
        """Whether nothing waits: a ping is the next thing that is answered."""
        return bool((await self.ask("", type="ping"))["type"] == "pong")

    async def close_code(self) -> int:
        """Reads until the server closes."""
        with anyio.fail_after(DEADLINE), suppress(ConnectionClosed):
            while True:
                await self.raw.recv()
        assert self.raw.close_code is not None
        return self.raw.close_code


@contextmanager
def running(folder: Path, *options: str, **more: str) -> Iterator[Site]:
    """The site in `folder`; its database and people are made where they are missing."""
    data = folder / "data"
    engine = blocking_engine(Config(data_dir=data, database_url="", db_host=""))
    if not data.exists():
        data.mkdir(parents=True)
        upgrade(engine)
        write(engine, *PEOPLE)
    try:
        with start_redis(folder / "redis") as redis:
            environment = {"MVIDARR_DATA_DIR": str(data), "MVIDARR_REDIS_URL": redis.url, **more}
            with serving(HYBRID, environment, folder, options=options) as web:
                yield Site(web.base, engine, redis, environment, folder, web.pid)
    finally:
        engine.dispose()


@contextmanager
def restarted(site: Site) -> Iterator[Site]:
    """Another web process over the same database and Redis."""
    with serving(HYBRID, site.environment, site.folder) as web:
        yield replace(site, base=web.base, pid=web.pid)
