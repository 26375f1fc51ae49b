"""The one place in a process where news of jobs arrive, and from where they reach its sockets."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import aclosing, asynccontextmanager, suppress
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

import structlog
from sqlalchemy.exc import SQLAlchemyError

from fastapi_app.config import Config
from fastapi_app.database import Database
from fastapi_app.jobs.event import CHANNEL, Event, stamp
from fastapi_app.jobs.states import Executor
from fastapi_app.jobs.visibility import View
from fastapi_app.models import now
from fastapi_app.progress import rows
from fastapi_app.progress.channel import Channel
from fastapi_app.progress.ledger import Ledger
from fastapi_app.progress.news import News, event_type
from fastapi_app.progress.sockets import Sockets
from fastapi_app.progress.subscription import Subscriptions

TICK = 1.0
"""Seconds between two looks at the rows that nobody publishes."""

WHOLE_LOOK = 5
"""While Redis is heard, every fifth look is at all rows: a worker may have lost its Redis, and told nobody."""

OVERLAP = timedelta(seconds=30)
"""How far each look goes back: MariaDB's dates are whole seconds, and clocks of several machines differ."""

log = structlog.get_logger(__name__)


class Listener(Protocol):
    """A socket, as far as the hub knows it. `hear` neither blocks nor raises; `told` says what an answer tells."""

    @property
    def view(self) -> View: ...

    def hear(self, news: News) -> None: ...

    def told(self, event: Event) -> None: ...


class Hub:
    """Hears events from Redis and from rows, drops what is old, and tells the sockets concerned.

    Constructing connects to nothing. `sockets` are those of this process.
    """

    def __init__(
        self, database: Database, redis_url: str, sockets: Sockets, clock: Callable[[], datetime] = now
    ) -> None:
        self.subscriptions: Subscriptions[Listener] = Subscriptions()
        self.sockets = sockets
        self._database = database
        self._channel = Channel(redis_url, CHANNEL) if redis_url else None
        self._ledger = Ledger()
        self._clock = clock
        self._seen_until: datetime | None = None

    @property
    def connected(self) -> bool:
        """Whether news arrive through Redis at this moment."""
        return self._channel is not None and self._channel.connected

    def learn(self, events: Iterable[Event], asker: Listener) -> None:
        """Rows that were read to answer `asker`: they may be news to others, who hear of them here.

        What was written before the rows are looked at and is not known happened before anybody listened: no news.
        """
        since = stamp(self._since())
        for event in events:
            asker.told(event)
            if event.ts < since and self._ledger[event.job_id] is None:
                self._ledger.note(event)
            else:
                self.hear(event, but=asker)

    def hear(self, event: Event, but: Listener | None = None) -> None:
        """Tells an event to the sockets that it concerns, unless it is old; not to one that knows already."""
        known = self._ledger[event.job_id]
        if not self._ledger.note(event):
            return
        concerned = self.subscriptions.concerned(event.job_id, event.user_id) - {but}
        if concerned:
            news = News(event, event_type(event, known))
            for listener in concerned:
                listener.hear(news)

    async def receive(self) -> None:
        """Hears what is published, without end."""
        if self._channel is None:
            return
        async with aclosing(self._channel.listen()) as messages:
            async for message in messages:
                event = _read(message)
                if event is not None:
                    self.hear(event)

    async def follow_all(self, listener: Listener) -> None:
        """Subscribes to all visible jobs. What the rows tell by now is learnt before: to the newcomer it is no news."""
        await self.look(None)
        self.subscriptions.follow_all(listener)

    async def watch(self) -> None:
        """Looks at the rows once a second, without end."""
        looks, was_connected = 0, False
        while True:
            is_connected = self.connected
            whole = looks % WHOLE_LOOK == 0 or not (is_connected and was_connected)
            try:
                if self.subscriptions.is_empty:
                    self._seen_until = None
                else:
                    await self.look(None if whole else Executor.LEGACY)
                was_connected = is_connected
            except (SQLAlchemyError, OSError, TimeoutError) as error:
                log.warning("changes of jobs could not be read", reason=type(error).__name__)
            looks += 1
            await asyncio.sleep(TICK)

    async def look(self, executor: Executor | None) -> None:
        """Hears what changed in the rows of one executor, or of all, since the last look at all of them."""
        at = self._clock()
        async with self._database.reading() as session:
            found = await rows.changed(session, self._since(), executor)
            lacking = [job_id for job_id, seq in found if self._ledger.lacks(job_id, seq)]
            events = await rows.events(session, lacking) if lacking else []
        for event in events:
            self.hear(event)
        if executor is None:
            self._seen_until = at

    def _since(self) -> datetime:
        """Rows written from this moment on are looked at."""
        return (self._seen_until or self._clock()) - OVERLAP


@asynccontextmanager
async def opened(config: Config, database: Database) -> AsyncIterator[Hub]:
    """A hub at work: three tasks, which end with the block."""
    sockets = Sockets(config.sockets, config.sockets_per_user)
    hub = Hub(database, config.redis_url, sockets)
    work = (hub.receive, hub.watch, partial(sockets.watch, database))
    tasks = [asyncio.create_task(_lasting(one)) for one in work]
    try:
        yield hub
    finally:
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task


async def _lasting(work: Callable[[], Awaitable[None]]) -> None:
    """Runs what has no end, and again after an error that nobody foresaw: news must not stop for the first of them."""
    while True:
        try:
            await work()
        except Exception:  # the edge of a task: recorded, then begun anew
            log.exception("live progress stumbled")
        else:
            return
        await asyncio.sleep(TICK)


def _read(message: bytes) -> Event | None:
    try:
        return Event.from_json(json.loads(message))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        log.warning("a message about a job can't be read", reason=type(error).__name__)
        return None
