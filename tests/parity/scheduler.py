"""Requests about the scheduler."""

from collections.abc import Iterator

from tests.parity.ask import Ask, get, send
from tests.parity.values import VALUES

_BASE = "/api/settings/scheduler"
_ENABLED = "auto_download_schedule_enabled"
_SETTINGS: tuple[tuple[str, str], ...] = (
    ("auto_download_schedule_time", "13:05"),
    ("auto_download_schedule_time", "9:30:00"),
    ("auto_download_schedule_time", "24:00"),
    ("auto_download_schedule_days", "weekly"),
    ("auto_download_schedule_days", "Monday, friday"),
    ("auto_download_schedule_days", "whenever"),
    ("auto_download_max_videos", "\u0663"),
    ("auto_download_max_videos", "9999"),
)


def reads() -> Iterator[Ask]:
    """The state, and addresses and methods that there are not."""
    for end in ("status", "status/", "start", "trigger", "nope", ""):
        yield get(f"{_BASE}/{end}")
    yield get(_BASE)


def writes() -> Iterator[Ask]:
    """Turned by hand, with the schedule on and off, and with settings of every kind; then what is wanted."""
    yield from _turned()
    yield send("PUT", f"/api/settings/{_ENABLED}", {"value": "true"})
    yield from _turned()
    for key, value in _SETTINGS:
        yield send("PUT", f"/api/settings/{key}", {"value": value})
        yield get(f"{_BASE}/status")
    for value in VALUES:
        yield send("PUT", f"/api/settings/{_ENABLED}", {"value": value})
        yield get(f"{_BASE}/status")
    yield send("PUT", f"/api/settings/{_ENABLED}", {"value": "false"})
    yield send("PUT", "/api/settings/auto_download_max_videos", {"value": "2"})
    for who in ("", "reader"):
        yield Ask("POST", f"{_BASE}/trigger", who=who)


def _turned() -> Iterator[Ask]:
    for action in ("status", "start", "start", "reload", "stop", "stop", "start"):
        yield Ask("GET" if action == "status" else "POST", f"{_BASE}/{action}")
        yield get(f"{_BASE}/status")
    yield get("/api/settings/auto_download_scheduler")
