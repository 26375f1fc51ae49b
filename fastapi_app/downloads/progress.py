"""What yt-dlp says of its progress, as a job tells it. Pure."""

from collections.abc import Mapping
from typing import Any, TypedDict


class Told(TypedDict):
    """What `Work.progress` takes of a running download."""

    percent: float | None
    speed: int | None
    eta: int | None
    bytes_done: int | None
    bytes_total: int | None


def told(hook: Mapping[str, Any], part: int = 0, parts: int = 1) -> Told:
    """The progress in a hook of yt-dlp, where `part` (from 0) of `parts` files is being fetched.

    Picture and sound come one after the other: each has its share of the percent. Of a file of unknown length there is
    no percent, unless it comes in counted fragments.
    """
    done = _whole(hook.get("downloaded_bytes"))
    total = _whole(hook.get("total_bytes")) or _whole(hook.get("total_bytes_estimate"))
    share = _share(hook, done, total)
    percent = None if share is None else round((part + min(share, 1.0)) / max(parts, part + 1) * 100, 1)
    return Told(
        percent=percent,
        speed=_whole(hook.get("speed")),
        eta=_whole(hook.get("eta")),
        bytes_done=done,
        bytes_total=max(total, done or 0) if total else None,
    )


def _share(hook: Mapping[str, Any], done: int | None, total: int | None) -> float | None:
    if hook.get("status") == "finished":
        return 1.0
    index, number = hook.get("fragment_index"), hook.get("fragment_count")
    if isinstance(index, int) and isinstance(number, int) and number > 0:
        return index / number
    return done / total if done is not None and total else None


def _whole(value: Any) -> int | None:
    """A number that yt-dlp measured or guessed, in whole units; None for what is no such number."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 2**62:
        return None
    return int(value)
