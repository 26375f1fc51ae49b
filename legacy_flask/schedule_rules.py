"""When wanted videos are downloaded by themselves, and what clients hear of it. Pure; moments are naive and local."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

ENABLED = "auto_download_schedule_enabled"
TIME = "auto_download_schedule_time"
DAYS = "auto_download_schedule_days"
MOST = "auto_download_max_videos"
SWITCH = "auto_download_scheduler"
DESCRIPTION = "Whether the scheduler of downloads was started or stopped by hand"
_WEEK = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


def is_enabled(settings: Mapping[str, str | None]) -> bool:
    return _text(settings, ENABLED).lower() in ("true", "1", "yes", "on")


def is_on(settings: Mapping[str, str | None]) -> bool:
    """Whether the scheduler runs: where the schedule is enabled, unless a person said otherwise."""
    said = settings.get(SWITCH)
    if said in ("started", "stopped"):
        return said == "started"
    return is_enabled(settings)


def switched(settings: Mapping[str, str | None], *, on: bool) -> str | None:
    """What the switch must hold; None: no row, because the schedule says the same by itself."""
    return None if is_enabled(settings) == on else "started" if on else "stopped"


def clock(settings: Mapping[str, str | None]) -> str:
    """The time of day, HH:MM."""
    found = re.fullmatch(r"([0-9]{1,2}):([0-9]{2})(:[0-9]{2})?", _text(settings, TIME))
    if found is None or int(found[1]) > 23 or int(found[2]) > 59:
        return "02:00"
    return f"{int(found[1]):02}:{found[2]}"


def weekdays(settings: Mapping[str, str | None]) -> list[int]:
    """The days of the week, Monday is 0; what is no day stands for all of them."""
    text = _text(settings, DAYS).lower()
    named = ["sunday"] if text == "weekly" else [word.strip() for word in text.split(",")]
    return [number for number, name in enumerate(_WEEK) if name in named] or list(range(7))


def most(settings: Mapping[str, str | None]) -> int:
    """How many videos at one time."""
    text = _text(settings, MOST)
    return max(1, min(int(text), 500)) if re.fullmatch("[0-9]{1,9}", text) else 50


def next_run(settings: Mapping[str, str | None], now: datetime) -> datetime | None:
    """The first moment after `now` at which it fires, None where it never does."""
    if not is_enabled(settings) or not is_on(settings):
        return None
    hour, minute = map(int, clock(settings).split(":"))
    moment = now.replace(hour=hour, minute=minute, second=0, microsecond=0)
    while moment <= now or moment.weekday() not in weekdays(settings):
        moment += timedelta(days=1)
    return moment


def status(settings: Mapping[str, str | None], now: datetime, *, beat_is_gone: bool) -> dict[str, Any]:
    """The state at `now`. Nothing runs where the process that keeps time is gone."""
    running = is_on(settings) and not beat_is_gone
    if not is_enabled(settings):
        return {"running": running, "schedule_info": {"enabled": False, "next_run": None, "schedule": "Disabled"}}
    moment = next_run(settings, now) if running else None
    days = weekdays(settings)
    info: dict[str, Any] = {
        "enabled": True,
        "schedule_time": clock(settings),
        "schedule_days": _text(settings, DAYS) or "daily",
        "max_videos": most(settings),
        "next_run": None,
        "next_run_human": None,
        "job_count": (1 if len(days) == 7 else len(days)) if running else 0,
    }
    if moment is not None:
        info["next_run"], info["next_run_human"] = moment.isoformat(), str(moment)
    return {"running": running, "schedule_info": info}


def _text(settings: Mapping[str, str | None], name: str) -> str:
    return (settings.get(name) or "").strip()
