"""The thread beside a running job: says that it lives, writes its progress, and hears what people ask of it."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import structlog
from sqlalchemy import Engine, case, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from fastapi_app.database import rows_changed
from fastapi_app.jobs import download_row
from fastapi_app.jobs.claiming import Claim
from fastapi_app.jobs.event import Event
from fastapi_app.jobs.interruption import Interruption, Reason
from fastapi_app.jobs.states import State
from fastapi_app.models import WRITES, Job, now

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Pace:
    """Seconds. `look` between two looks at the row, `beat` between two signs of life; after `silence` without one the
    job counts as somebody else's, which is sooner than the reaper thinks so; `patience` is how long an interrupted job
    may take to end."""

    look: float = 1.0
    beat: float = 5.0
    silence: float = 25.0
    patience: float = 10.0


class Heartbeat:
    """Runs in its block. `told` answers the newest event, `give_up` is called once when an interruption has no effect.
    `stopping` answers whether the worker stops; its signal may have come before the job was there to hear it.

    `sequence` is the greatest number seen in the row.
    """

    def __init__(
        self,
        engine: Engine,
        claim: Claim,
        interruption: Interruption,
        told: Callable[[], Event],
        *,
        pace: Pace,
        deadline: float,
        give_up: Callable[[Reason], None],
        stopping: Callable[[], bool],
    ) -> None:
        self.sequence = claim.sequence
        self._engine = engine
        self._claim = claim
        self._interruption = interruption
        self._told = told
        self._pace = pace
        self._give_up = give_up
        self._stopping = stopping
        self._begun = self._lived = time.monotonic()
        self._deadline = self._begun + deadline
        self._asked_at: float | None = None
        self._written = told()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="heartbeat", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()

    def _beat(self) -> None:
        away = False
        while not self._ended.wait(self._pace.look):
            try:
                reason = self._looked()
                away = False
            except SQLAlchemyError as error:
                if not away:
                    log.warning("no heartbeat, the database is away", reason=type(error).__name__)
                away = True
                reason = None
            self._act(reason, time.monotonic())

    def _looked(self) -> Reason | None:
        """Writes what there is to write, and answers what the row asks for."""
        event, moment = self._told(), time.monotonic()
        writes = event.seq != self._written.seq or moment - self._lived >= self._pace.beat
        with Session(self._engine.execution_options(**{WRITES: writes})) as session, session.begin():
            if writes and not self._wrote(session, event):
                return Reason.LOST
            row = session.execute(
                select(Job.cancel_requested, Job.pause_requested, Job.sequence).where(self._claim.holds())
            ).one_or_none()
        if row is None:
            return Reason.LOST
        if writes:
            self._lived, self._written = moment, event
        cancel, pause, self.sequence = row
        if cancel:
            return Reason.CANCELLED
        return Reason.PAUSED if pause else None

    def _wrote(self, session: Session, event: Event) -> bool:
        told: dict[str, Any] = {
            "stage": event.stage,
            "percent": event.percent,
            "speed": event.speed,
            "eta": event.eta,
            "bytes_done": event.bytes_done,
            "bytes_total": event.bytes_total,
            "message": event.message,
            "sequence": case((Job.sequence > event.seq, Job.sequence), else_=event.seq),
            "heartbeat_at": now(),
        }
        made = session.execute(
            update(Job).where(self._claim.holds()).values(told).execution_options(synchronize_session=False)
        )
        if not rows_changed(made):
            return False
        download_id = self._claim.task.download_id
        if download_id is not None and event.percent is not None and event.percent != self._written.percent:
            session.execute(download_row.changed(download_id, state=State.RUNNING, percent=event.percent))
        return True

    def _act(self, reason: Reason | None, moment: float) -> None:
        """Interrupts the job, again with every look, and gives up on one that doesn't end."""
        if reason is None and moment - self._lived > self._pace.silence:
            reason = Reason.LOST
        if reason is None and moment > self._deadline:
            reason = Reason.OVERDUE
        if reason is None and self._stopping():
            reason = Reason.STOPPING
        reason = reason or self._interruption.reason
        if reason is None:
            return
        if self._asked_at is None:
            self._asked_at = moment
        self._interruption.request(reason)
        late = moment - self._asked_at > self._pace.patience
        if late and (reason is Reason.OVERDUE or not self._interruption.deferred):
            self._give_up(self._interruption.reason or reason)
