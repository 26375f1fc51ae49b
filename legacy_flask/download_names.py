"""What a download is about, and what its file and folder are called. Pure."""

import re
from hashlib import sha256
from urllib.parse import quote, urlsplit

from legacy_flask.indexing_names import folder_name
from legacy_flask.video_film_rules import composed

_MOST_BYTES = 255 - 40
"""Room for the suffix, a number, and what lies beside the film."""
_UNSEEN = re.compile(r"[\x00-\x1f\x7f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_HALVES = re.compile(r"[\ud800-\udfff]")
_DEVICES = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])", re.IGNORECASE)


def subject(video_id: int | None, url: str | None, artist: str, title: str) -> str:
    """One download may be under way for it. An address may hold secrets, so only its digest is told."""
    if video_id is not None:
        return f"video {video_id}"
    return f"url {_digest(url)}" if url else f"search {_digest(f'{artist} {title}')}"


def file_name(text: str) -> str:
    """The folder of an artist, or a film's name without its suffix. Never empty, never hidden, never a step up."""
    shown = _HALVES.sub("_", _UNSEEN.sub("", composed(text)))
    cut = folder_name(shown).encode("utf-8", "replace")[:_MOST_BYTES].decode("utf-8", "ignore")
    name = cut.strip(". ") or "Unknown"
    return f"{name}_" if _DEVICES.fullmatch(name.split(".")[0].strip()) else name


def address_of(url: str | None, youtube_url: str | None, youtube_id: str | None) -> str | None:
    """Where a video is to be had, as far as its row says."""
    watched = f"https://www.youtube.com/watch?v={quote(youtube_id, safe='')}" if youtube_id else None
    return next((one for one in (url, youtube_url, watched) if one and is_address(one)), None)


def is_address(url: str) -> bool:
    """Whether `url` is an address on the web, by its text."""
    try:
        parts = urlsplit(url)
        return parts.scheme.lower() in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _digest(text: str) -> str:
    return sha256(text.encode("utf-8", "replace")).hexdigest()[:32]
