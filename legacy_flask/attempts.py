"""Failures as rows, so that limits survive a restart and hold for every process. `attempt_rules.py` decides."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Insert, delete, insert, select, update
from sqlalchemy.dialects.mysql import insert as mariadb_insert
from sqlalchemy.orm import Session

from fastapi_app.models import Attempt
from legacy_flask.attempt_rules import Count, Limit, after_failure, after_refusal, blocked_until, refusals_subject

_KEPT_FOR = timedelta(days=2)
_SWEPT_AT_ONCE = 100
_COLUMNS = (Attempt.failures, Attempt.window_began_at, Attempt.blocked_until)


def counts(session: Session, subjects: Sequence[str]) -> dict[str, Count]:
    """What is counted for each of `subjects`, in one query; those without failures are absent."""
    rows = session.execute(select(Attempt.subject, *_COLUMNS).where(Attempt.subject.in_(subjects)))
    return {row.subject: Count(row.failures, row.window_began_at, row.blocked_until) for row in rows}


def block(session: Session, subject: str, at: datetime) -> datetime | None:
    """Until when `subject` is blocked, None while it is not."""
    return blocked_until((counts(session, [subject])).get(subject), at)


def locked_count(session: Session, subject: str, at: datetime) -> Count:
    """The count of `subject`, its row locked until the end of the transaction: others who count it wait."""
    session.execute(_placeholder(session, subject, at))
    query = select(*_COLUMNS).where(Attempt.subject == subject).with_for_update()
    row = (session.execute(query)).one()
    return Count(row.failures, row.window_began_at, row.blocked_until)


def count_failure(session: Session, subject: str, limit: Limit, at: datetime) -> Count:
    """Counts one failure, and gives the count with it. Several at once are counted one after the other."""
    count = after_failure(locked_count(session, subject, at), limit, at)
    _write(session, subject, count)
    return count


def count_refusal(session: Session, subject: str, at: datetime) -> int | None:
    """Counts one refusal of `subject`; gives their number when the audit trail is to tell of it."""
    key = refusals_subject(subject)
    count, told = after_refusal(locked_count(session, key, at), at)
    _write(session, key, count)
    return told


def forget(session: Session, subjects: Sequence[str]) -> None:
    session.execute(delete(Attempt).where(Attempt.subject.in_(subjects)))


def sweep(session: Session, at: datetime) -> None:
    """Forgets some of what no limit looks at any more. Rows that somebody counts at this moment are left alone."""
    stale = (Attempt.window_began_at < at - _KEPT_FOR, Attempt.blocked_until.is_(None) | (Attempt.blocked_until < at))
    found = list(session.scalars(select(Attempt.subject).where(*stale).limit(_SWEPT_AT_ONCE)))
    if found:
        session.execute(delete(Attempt).where(Attempt.subject.in_(found), *stale))


def _write(session: Session, subject: str, count: Count) -> None:
    values = {"failures": count.failures, "window_began_at": count.began, "blocked_until": count.blocked_until}
    session.execute(update(Attempt).where(Attempt.subject == subject).values(**values))


def _placeholder(session: Session, subject: str, at: datetime) -> Insert:
    """Makes sure that there is a row to lock.

    On MariaDB it takes the lock of the row that is there already; IGNORE would share it, and two who share it wait
    for each other for ever.
    """
    values = {"subject": subject, "failures": 0, "window_began_at": at}
    if session.get_bind().dialect.name == "sqlite":
        return insert(Attempt).prefix_with("OR IGNORE").values(**values)
    return mariadb_insert(Attempt).values(**values).on_duplicate_key_update(failures=Attempt.failures)
