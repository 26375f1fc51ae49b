"""What the dashboard says about the numbers that were counted. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from fastapi_app.models import VideoStatus
from fastapi_app.pages.downloads.groups import STATES, Group

MOST_AT_ONCE = 200
"""How many wanted videos one press hands in."""


@dataclass(frozen=True)
class Number:
    """One figure that leads to what it counts. `path` is one of this site."""

    label: str
    count: int
    path: str
    mood: str = ""


def numbers(artists: int, videos: Mapping[VideoStatus | None, int]) -> list[Number]:
    """The figures on top. Failures look like failures only where there are any."""
    failed = videos.get(VideoStatus.FAILED, 0)
    return [
        Number("Artists", artists, "/artists"),
        Number("Videos", sum(videos.values()), "/videos"),
        Number("Downloaded", videos.get(VideoStatus.DOWNLOADED, 0), "/videos?status=DOWNLOADED"),
        Number("Wanted", videos.get(VideoStatus.WANTED, 0), "/wanted"),
        Number("Failed", failed, "/wanted?lack=failed", "bad" if failed else ""),
    ]


def counted(by_state: Mapping[str, int]) -> dict[Group, int]:
    """The downloads of each group that is under way, or failed."""
    told = (Group.RUNNING, Group.WAITING, Group.FAILED)
    return {group: sum(by_state.get(state, 0) for state in STATES[group]) for group in told}


def wanted_button(wanted: int) -> str:
    """What the button says; empty where there is nothing to ask for."""
    if wanted > MOST_AT_ONCE:
        return f"Download the {MOST_AT_ONCE} oldest"
    return "Download all wanted" if wanted else ""


def told(done: str) -> str:
    """The sentence after the button, from the number in the address; nonsense is nothing."""
    if not (done.isascii() and done.isdecimal() and len(done) < 6):
        return ""
    number = int(done)
    return f"{number} {'download waits' if number == 1 else 'downloads wait'} for a turn."
