"""What 0.9's clients hear of the scheduler, and what its switch holds. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from fastapi_app.downloads.schedule import DAYS, ENABLED, MOST, SWITCH, TIME, hour_of, most_videos, next_run, weekdays
from fastapi_app.jobs.health import Link, Overview
from fastapi_app.jobs.presence import Role

NAMES = (ENABLED, TIME, DAYS, MOST, SWITCH)
DESCRIPTION = "Whether the scheduler of downloads was started or stopped by hand"
STARTED, STOPPED = "started", "stopped"
_TRUE = frozenset({"true", "1", "yes", "on"})
_DISABLED = {"enabled": False, "next_run": None, "schedule": "Disabled"}
_WEEK = 7

Settings = Mapping[str, str | None]


def is_enabled(settings: Settings) -> bool:
    """Whether anything is to be downloaded by itself."""
    return (settings.get(ENABLED) or "").strip().lower() in _TRUE


def is_running(settings: Settings) -> bool:
    """Whether the scheduler is on: where the schedule is enabled, unless a person said otherwise."""
    switch = settings.get(SWITCH)
    return switch == STARTED or (is_enabled(settings) and switch != STOPPED)


def switched(settings: Settings, *, on: bool) -> str | None:
    """What the switch must hold so that the scheduler is on, or off; None: no row, the schedule says it by itself."""
    if on == is_enabled(settings):
        return None
    return STARTED if on else STOPPED


def status(settings: Settings, now: datetime, *, beat_is_gone: bool) -> dict[str, Any]:
    """The state at `now`, naive and local. Nothing runs where the process that keeps time is gone."""
    running = is_running(settings) and not beat_is_gone
    if not is_enabled(settings):
        return {"running": running, "schedule_info": _DISABLED}
    following = next_run(settings, now) if running else None
    info = {
        "enabled": True,
        "schedule_time": hour_of(settings.get(TIME)).strftime("%H:%M"),
        "schedule_days": (settings.get(DAYS) or "").strip() or "daily",
        "max_videos": most_videos(settings),
        "next_run": following.isoformat() if following else None,
        "next_run_human": following.strftime("%Y-%m-%d %H:%M:%S") if following else None,
        "job_count": _entries(settings) if running else 0,
    }
    return {"running": running, "schedule_info": info}


def triggered(result: Mapping[str, Any]) -> dict[str, Any]:
    """What became of the wanted videos, in the words of this route: 0.9 named no downloads here."""
    results = [{name: one[name] for name in one if name != "download_id"} for one in result["results"]]
    return {"message": "Scheduled download triggered successfully", "result": {**result, "results": results}}


def beat_is_gone(seen: Overview | None) -> bool:
    """Whether Redis answers, and nobody keeps time. Where Redis does not answer, nobody knows."""
    return seen is not None and seen.link is Link.ANSWERS and not seen.alive(Role.BEAT)


def _entries(settings: Settings) -> int:
    """How many entries 0.9 had for this: one, or one for each day of a list."""
    days = len(weekdays(settings.get(DAYS)))
    return 1 if days == _WEEK else days
