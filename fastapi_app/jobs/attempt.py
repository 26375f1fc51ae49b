"""One attempt at one job: watched, interrupted if need be, ended, written down and told."""

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import structlog
from sqlalchemy import Engine, update
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session

from fastapi_app.config import Config
from fastapi_app.database import rows_changed
from fastapi_app.jobs import finishing, following, outcome, programs
from fastapi_app.jobs.claiming import Claim
from fastapi_app.jobs.event import Event, event_of, stamp
from fastapi_app.jobs.heartbeat import Heartbeat, Pace
from fastapi_app.jobs.interruption import Interruption, Reason
from fastapi_app.jobs.kinds import Kind, Kinds, UnknownKind
from fastapi_app.jobs.outcome import Outcome
from fastapi_app.jobs.patience import patiently
from fastapi_app.jobs.publishing import Publisher
from fastapi_app.jobs.work import Failed, FailedForNow, Interrupted, Task
from fastapi_app.models import WRITES, Job, now

UNKNOWN_KIND = "unknown-kind"
DATABASE_AWAY = "database"
_NOTING = 20.0
"""Seconds for which a note is tried to be written, while the job is surely ours."""
_ABANDONING = 1.0
_STAGE_LENGTH = 40
_MESSAGE_LENGTH = 500

log = structlog.get_logger(__name__)


class Attempt:
    """The `Work` that the job's own code is given."""

    def __init__(
        self,
        config: Config,
        engine: Engine,
        claim: Claim,
        event: Event,
        publisher: Publisher,
        pace: Pace,
        abandon: Callable[[], None] | None,
        stopping: Callable[[], bool],
    ) -> None:
        self.task: Task = claim.task
        self.config = config
        self._engine = engine.execution_options(**{WRITES: True})
        self._claim = claim
        self._event = event
        self._publisher = publisher
        self._pace = pace
        self._abandon = abandon
        self._stopping = stopping
        self._interruption = Interruption()
        self._heartbeat: Heartbeat | None = None
        self._deadline = 0.0

    def carry_out(self, kinds: Kinds) -> None:
        """To the end of the attempt. Raises sqlalchemy.exc.DBAPIError when that can't be written down."""
        self._publisher.tell(self._event)
        with self._interruption.handled():
            self._finish(self._ended(kinds))

    def progress(
        self,
        *,
        percent: float | None = None,
        speed: int | None = None,
        eta: int | None = None,
        bytes_done: int | None = None,
        bytes_total: int | None = None,
        stage: str | None = None,
        message: str | None = None,
    ) -> None:
        news = {
            "percent": percent,
            "speed": speed,
            "eta": eta,
            "bytes_done": bytes_done,
            "bytes_total": bytes_total,
            "stage": stage[:_STAGE_LENGTH] if stage else None,
            "message": message[:_MESSAGE_LENGTH] if message else None,
        }
        known: dict[str, Any] = {name: value for name, value in news.items() if value is not None}
        with self._interruption.deferring():
            self._event = replace(
                self._event, **known, seq=self._sequence() + 1, ts=stamp(datetime.now(UTC).replace(tzinfo=None))
            )
            self._publisher.offer(self._event)

    @contextmanager
    def session(self) -> Iterator[Session]:
        """An interruption waits for the end of the block."""
        with self._interruption.deferring(), Session(self._engine) as session, session.begin():
            yield session

    def note(self, plan: dict[str, Any]) -> None:
        """Only while the job is ours: after it, a moment remains in which nobody else begins the job."""
        with self._interruption.deferring():
            if not patiently(lambda: self._noted(plan), _NOTING):
                self._interruption.request(Reason.LOST)

    def run(self, command: Sequence[str], *, timeout: float) -> str:
        self._interruption.check()
        return programs.run(command, timeout=timeout)

    def shielded(self) -> AbstractContextManager[None]:
        return self._interruption.shielded()

    def _noted(self, plan: dict[str, Any]) -> bool:
        with Session(self._engine) as session, session.begin():
            made = session.execute(
                update(Job)
                .where(self._claim.holds())
                .values(result={"plan": plan}, heartbeat_at=now())
                .execution_options(synchronize_session=False)
            )
            return bool(rows_changed(made))

    def _ended(self, kinds: Kinds) -> Outcome | None:
        try:
            kind = kinds[self.task.kind]
        except UnknownKind:
            return self._failed(Failed(UNKNOWN_KIND, "This version knows no such job"))
        return self._watched(kind)

    def _watched(self, kind: Kind) -> Outcome | None:
        """Runs the job's own code beside a heartbeat."""
        self._deadline = kind.deadline
        heartbeat = Heartbeat(
            self._engine,
            self._claim,
            self._interruption,
            lambda: self._event,
            pace=self._pace,
            deadline=kind.deadline,
            give_up=self._give_up,
            stopping=self._stopping,
        )
        self._heartbeat = heartbeat
        with heartbeat:
            return self._outcome(kind)

    def _outcome(self, kind: Kind) -> Outcome | None:
        """What the job's own code came to. Once it was interrupted, that is all that counts, unless it is done."""
        try:
            with self._interruption.opened():
                done = kind.load()(self)
            return outcome.of_done(done, now())
        except Interrupted:
            self._interruption.close()
            return self._interrupted(self._interruption.reason or Reason.STOPPING)
        except Failed as failed:
            return self._interruption_or(self._failed(failed))
        except (OperationalError, InterfaceError) as error:
            log.warning("the job lost the database", reason=type(error.orig).__name__)
            return self._interruption_or(self._failed(FailedForNow(DATABASE_AWAY, "The database was not available")))
        except Exception:  # the edge of the job's own code: it is logged, and the job has failed
            log.exception("the job broke")
            return self._interruption_or(outcome.of_break(now()))

    def _interruption_or(self, ended: Outcome) -> Outcome | None:
        reason = self._interruption.reason
        return ended if reason is None else self._interrupted(reason)

    def _interrupted(self, reason: Reason) -> Outcome | None:
        return outcome.of_interruption(
            reason,
            self.task.attempt,
            self._claim.attempt_limit,
            now(),
            deadline=self._deadline,
            chance=random.random(),  # noqa: S311  jitter
        )

    def _failed(self, failed: Failed) -> Outcome:
        chance = random.random()  # noqa: S311  jitter
        return outcome.of_failure(failed, self.task.attempt, self._claim.attempt_limit, now(), chance)

    def _finish(self, ended: Outcome | None, patience: float = finishing.PATIENCE) -> None:
        """Writes the end down and tells it. What the job wants to write may be wrong: then the job broke."""
        if ended is None:
            log.warning("the job was taken away")
            return
        try:
            job = finishing.finish(self._engine, self._claim, ended, self._sequence(), patience)
        except (OperationalError, InterfaceError):
            raise
        except Exception:  # the edge of `Done.write`, the job's own code
            if ended.write is None:
                raise
            log.exception("the job broke while its result was written")
            self._finish(outcome.of_break(now()), patience)
            return
        if job is None:
            log.warning("the job was taken away before its end was written")
            return
        self._event = event_of(job, now())
        self._publisher.tell(self._event)
        following.clean(self.config, job)

    def _give_up(self, reason: Reason) -> None:
        """The job's own code can't be interrupted: the end is written down without it, and the process ends."""
        if self._abandon is None:
            return
        log.error("the job didn't end when it was asked to", reason=reason.name.lower())
        try:
            self._finish(self._interrupted(reason), _ABANDONING)
        finally:
            self._abandon()

    def _sequence(self) -> int:
        seen = self._heartbeat.sequence if self._heartbeat else 0
        return max(self._event.seq, seen)
