"""What happens by itself: the schedules, when each ran last, and when it runs next."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.backup import kinds as backups
from fastapi_app.backup import retention
from fastapi_app.downloads import kinds as downloads
from fastapi_app.downloads import schedule
from fastapi_app.models import Job, Setting

_NAMES = (
    schedule.ENABLED,
    schedule.TIME,
    schedule.DAYS,
    schedule.MOST,
    schedule.SWITCH,
    retention.EVERY_DAYS,
    retention.LAST,
)
_KINDS = {downloads.AUTOMATIC.name: schedule.SUBJECT, backups.BACKUP.name: backups.SUBJECT}


@dataclass(frozen=True)
class Ended:
    """How a job of a kind ended last, at a moment in naive UTC."""

    state: str
    at: datetime


@dataclass(frozen=True)
class Task:
    """One schedule. Moments are naive UTC; `following` None: it is off. `rhythm` says how often."""

    name: str
    rhythm: str
    last: Ended | None
    following: datetime | None
    link: str


async def settings(session: AsyncSession) -> dict[str, str | None]:
    rows = await session.execute(select(Setting.key, Setting.value).where(Setting.key.in_(_NAMES)))
    return {row.key.lower(): row.value for row in rows}


async def ended(session: AsyncSession) -> dict[str, Ended]:
    """The last end of each kind. Their subjects find the few rows by an index."""
    latest = (
        select(func.max(Job.id).label("id"))
        .where(Job.subject.in_(_KINDS.values()), Job.kind.in_(_KINDS), Job.finished_at.is_not(None))
        .group_by(Job.kind)
        .subquery()
    )
    query = select(Job.kind, Job.state, Job.finished_at).join(latest, latest.c.id == Job.id)
    return {row.kind: Ended(row.state, row.finished_at) for row in await session.execute(query)}


def tasks(read: Mapping[str, str | None], last: Mapping[str, Ended], local: datetime, moment: datetime) -> list[Task]:
    """The schedules at a moment: in the server's naive local time, and in naive UTC. Pure."""
    coming = schedule.next_run(read, local)
    return [
        Task(
            "Download what is wanted",
            f"at {schedule.hour_of(read.get(schedule.TIME)):%H:%M}" if coming else "off",
            last.get(downloads.AUTOMATIC.name),
            coming.astimezone(UTC).replace(tzinfo=None) if coming else None,
            "/settings",
        ),
        _backup(read, last.get(backups.BACKUP.name), moment),
    ]


def _backup(read: Mapping[str, str | None], last: Ended | None, moment: datetime) -> Task:
    name, link, days = "Back up", "/system/backup", _days(read)
    if not days:
        return Task(name, "off", last, None, link)
    try:
        handed = datetime.fromisoformat(read.get(retention.LAST) or "").replace(tzinfo=None)
    except ValueError:
        handed = moment - timedelta(days=days)
    rhythm = "every day" if days == 1 else f"every {days} days"
    return Task(name, rhythm, last, max(handed + timedelta(days=days), moment), link)


def _days(read: Mapping[str, str | None]) -> int:
    """The days between two backups, where there are any at all."""
    text = (read.get(retention.EVERY_DAYS) or "").strip()
    return min(int(text), 365) if text.isascii() and text.isdecimal() and len(text) < 6 else 0
