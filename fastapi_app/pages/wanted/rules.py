"""What the page of wanted videos is asked. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from fastapi_app.models import INTEGER_MAX, VideoStatus

MOST_AT_ONCE = 200


class Lack(StrEnum):
    """What a video lacks."""

    WANTED = "wanted"
    FAILED = "failed"
    MISSING = "missing"


LABELS = {Lack.WANTED: "Wanted", Lack.FAILED: "Failed", Lack.MISSING: "Missing files"}
STATUSES = {Lack.WANTED: VideoStatus.WANTED, Lack.FAILED: VideoStatus.FAILED, Lack.MISSING: VideoStatus.DOWNLOADED}


@dataclass(frozen=True)
class After:
    """The last video of a page."""

    artist_id: int
    video_id: int

    def __str__(self) -> str:
        return f"{self.artist_id}-{self.video_id}"


def counts(videos: Mapping[VideoStatus | None, int]) -> dict[str, int]:
    """How many are wanted, and how many failed. Missing files are found by looking for them."""
    return {lack.value: videos.get(STATUSES[lack], 0) for lack in (Lack.WANTED, Lack.FAILED)}


def lack(text: str) -> Lack:
    return Lack(text) if text in set(Lack) else Lack.WANTED


def after(text: str) -> After | None:
    """The place in a query string; nonsense is the beginning."""
    numbers = _numbers(text.split("-"))
    return After(*numbers) if len(numbers) == 2 else None


def chosen(texts: Sequence[str]) -> list[int]:
    """The ids of a form, as many as are handed in at once."""
    return list(dict.fromkeys(_numbers(texts)))[:MOST_AT_ONCE]


def _numbers(texts: Sequence[str]) -> list[int]:
    plain = (text for text in texts if text.isascii() and text.isdecimal() and len(text) < 11)
    return [int(text) for text in plain if int(text) <= INTEGER_MAX]
