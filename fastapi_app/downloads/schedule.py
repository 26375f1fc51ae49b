"""When wanted videos are downloaded by themselves: 0.9's settings, read once a minute by beat.

The rows of `settings` are the schedule's memory, so that two beats hand in one job, and a restarted one none.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta

from sqlalchemy import Engine, delete, select, update
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from fastapi_app.config import Config
from fastapi_app.database import rows_changed
from fastapi_app.downloads import kinds
from fastapi_app.downloads.payload import AutoDownload, Sweep
from fastapi_app.jobs.submission import submit
from fastapi_app.models import WRITES, Job, Setting

Settings = Mapping[str, str | None]

ENABLED = "auto_download_schedule_enabled"
TIME = "auto_download_schedule_time"
DAYS = "auto_download_schedule_days"
MOST = "auto_download_max_videos"
SWITCH = "auto_download_scheduler"
"""`started` or `stopped`, by the buttons of the settings page; without it the schedule runs while it is enabled."""
LAST = "auto_download_last_slot"
SUBJECT = "wanted"
_USUAL_TIME = time(2, 0)
_USUAL_MOST = 50
_GRACE = timedelta(minutes=30)
"""How late a slot may be noticed and still count: beat was restarted, the machine slept."""
_YES = frozenset({"true", "1", "yes", "on"})
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_TIME = re.compile(r"\s*(\d{1,2}):(\d{2})(?::\d{2})?\s*", re.ASCII)
_OVERTAKEN = (1205, 1213)
"""MariaDB's numbers for a lock that took too long, and for a deadlock: another beat is at it."""
_EVERY_DAY = frozenset(range(7))


def is_on(settings: Settings) -> bool:
    """Whether the schedule is kept: enabled, and not stopped."""
    return (settings.get(ENABLED) or "").strip().lower() in _YES and (settings.get(SWITCH) or "") != "stopped"


def weekdays(text: str | None) -> frozenset[int]:
    """The days of `daily`, `weekly` (Sunday), a weekday or a list of them; Monday is 0. Unknown text is every day."""
    words = [word.strip().lower() for word in (text or "").split(",")]
    if words == ["weekly"]:
        return frozenset({6})
    named = frozenset(_WEEKDAYS.index(word) for word in words if word in _WEEKDAYS)
    return named or _EVERY_DAY


def hour_of(text: str | None) -> time:
    """The time in `HH:MM`, 02:00 for anything else."""
    found = _TIME.fullmatch(text or "")
    if found is None or int(found[1]) > 23 or int(found[2]) > 59:
        return _USUAL_TIME
    return time(int(found[1]), int(found[2]))


def most_videos(settings: Settings) -> int:
    """How many videos one run hands in."""
    text = (settings.get(MOST) or "").strip()
    return min(max(int(text), 1), 500) if text.isascii() and text.isdecimal() and len(text) < 10 else _USUAL_MOST


def next_run(settings: Settings, now: datetime) -> datetime | None:
    """The next moment after `now` at which it runs, None while it is off. Both naive, in the server's local time."""
    return next((slot for slot in _slots(settings, now, 1) if slot > now), None) if is_on(settings) else None


def last_slot(settings: Settings, now: datetime) -> datetime | None:
    """The latest moment up to `now` at which it was to run, as far as that still counts."""
    return next((slot for slot in _slots(settings, now, -1) if now - _GRACE <= slot <= now), None)


def check(config: Config, engine: Engine) -> bool:  # noqa: ARG001  the signature that beat calls
    """Hands in a job when the time has come; whether it did. However many beats look, one of them does."""
    local, utc = datetime.now(UTC).astimezone().replace(tzinfo=None), datetime.now(UTC)
    return look(engine, local, utc)


def look(engine: Engine, local: datetime, utc: datetime) -> bool:
    """The same at a moment, in the server's naive local time and in UTC."""
    try:
        with Session(engine.execution_options(**{WRITES: True})) as session, session.begin():
            settings = read_settings(session)
            _sweep_daily(session, utc)
            if not is_on(settings):
                session.execute(delete(Setting).where(Setting.key == LAST))
                return False
            return _take_slot(session, settings, local)
    except IntegrityError:  # another beat wrote its first row at the same moment
        return False
    except OperationalError as error:
        if getattr(error.orig, "args", (None,))[0] not in _OVERTAKEN:
            raise
        return False


def read_settings(session: Session) -> dict[str, str | None]:
    rows = session.execute(
        select(Setting.key, Setting.value).where(Setting.key.in_((ENABLED, TIME, DAYS, MOST, SWITCH, LAST)))
    )
    return {row.key.lower(): row.value for row in rows}


def _sweep_daily(session: Session, utc: datetime) -> None:
    """What downloads left behind goes once a day, whether the schedule is kept or not. Yesterday's job tells of it."""
    today = datetime.combine(utc.date(), time())
    swept = select(Job.id).where(Job.kind == kinds.SWEEP.name, Job.created_at >= today).limit(1)
    if session.scalar(swept) is None:
        submit(session, kinds.SWEEP, "all", Sweep().model_dump(mode="json"))


def _take_slot(session: Session, settings: Settings, local: datetime) -> bool:
    """A schedule that was just switched on remembers the present: what it was to do earlier today it doesn't do."""
    last = settings.get(LAST)
    if last is None:
        session.add(Setting(key=LAST, value=_written(local)))
        return False
    slot = last_slot(settings, local)
    if slot is None or _written(slot) <= last:
        return False
    taken = session.execute(
        update(Setting)
        .where(Setting.key == LAST, Setting.value == last)
        .values(value=_written(slot))
        .execution_options(synchronize_session=False)
    )
    if not rows_changed(taken):
        return False
    return submit(session, kinds.AUTOMATIC, SUBJECT, AutoDownload().model_dump(mode="json")).created


def _slots(settings: Settings, now: datetime, step: int) -> list[datetime]:
    """The moments at which it runs, from today on, or from today back, over a week and a day."""
    hour, days = hour_of(settings.get(TIME)), weekdays(settings.get(DAYS))
    dates = (now.date() + timedelta(days=step * number) for number in range(9))
    return [datetime.combine(date, hour) for date in dates if date.weekday() in days]


def _written(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
