"""What is well with the installation and what isn't, as a list for people. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from fastapi_app.jobs.health import Link, Overview, findings
from fastapi_app.jobs.presence import Role

LITTLE_SPACE = 2 * 2**30
HARDLY_SPACE = 200 * 2**20


class Level(StrEnum):
    """How much it matters."""

    OK = "ok"
    NOTICE = "notice"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True)
class Space:
    """A folder and the disk below it, in bytes. `total` 0: the folder is not there, or its disk does not answer."""

    name: str
    path: str
    total: int
    free: int

    @property
    def used(self) -> int:
        return self.total - self.free

    @property
    def is_short(self) -> bool:
        return self.total > 0 and self.free < LITTLE_SPACE


@dataclass(frozen=True)
class Check:
    """One thing that was looked at. `link` leads to where something can be done, `link_text` names it."""

    source: str
    level: Level
    message: str
    link: str = ""
    link_text: str = ""


@dataclass(frozen=True)
class Seen:
    """What was looked at. `jobs` None: the database took too long to tell. `ffmpeg` empty: there is none."""

    jobs: Overview | None
    spaces: Sequence[Space]
    gate_open: bool
    ffmpeg: str


def checks(seen: Seen) -> list[Check]:
    """The list, the worst first, each kind in its own order."""
    found = [
        *_of_jobs(seen.jobs),
        *map(_of_space, seen.spaces),
        *_of_ffmpeg(seen.ffmpeg),
        _of_gate(open_=seen.gate_open),
    ]
    order = list(reversed(Level))
    return sorted(found, key=lambda check: order.index(check.level))


def worst(found: Sequence[Check]) -> Level:
    levels = list(Level)
    return max((check.level for check in found), key=levels.index, default=Level.OK)


def _of_jobs(jobs: Overview | None) -> list[Check]:
    if jobs is None:
        return [Check("Background work", Level.ERROR, "The database takes too long to answer.")]
    wrong = [
        Check("Background work", _level(finding.code), finding.message, "/downloads", "Downloads")
        for finding in findings(jobs)
    ]
    if wrong or jobs.link is not Link.ANSWERS:
        return wrong
    number = len(jobs.alive(Role.WORKER))
    return [Check("Background work", Level.OK, f"{number} {'worker is' if number == 1 else 'workers are'} there.")]


def _level(code: str) -> Level:
    return Level.WARNING if code.startswith("paused-") else Level.ERROR


def _of_space(space: Space) -> Check:
    source = f"Disk: {space.name}"
    if not space.total:
        return Check(source, Level.ERROR, "The folder is not there, or its disk does not answer.")
    free = f"{space.free / 2**30:.1f} GiB free."
    if space.free < HARDLY_SPACE:
        return Check(source, Level.ERROR, f"Hardly any room: {free} Downloads fail.")
    if space.is_short:
        return Check(source, Level.WARNING, f"Only {free} Downloads will fail when it is used up.")
    return Check(source, Level.OK, free)


def _of_ffmpeg(path: str) -> list[Check]:
    if path:
        return [Check("FFmpeg", Level.OK, "It is there.")]
    return [Check("FFmpeg", Level.ERROR, "There is none: install it (on Debian: apt-get install ffmpeg).")]


def _of_gate(*, open_: bool) -> Check:
    if not open_:
        return Check("Login", Level.OK, "Demanded of everybody.")
    message = "The library is open: whoever reaches this server may use and change it."
    return Check("Login", Level.WARNING, message, "/settings", "Settings")
