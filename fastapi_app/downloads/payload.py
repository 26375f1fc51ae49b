"""What the jobs of this folder are given. Pure: importing it loads no yt-dlp."""

from hashlib import sha256
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

URL_LENGTH = 2000
MOST_ENTRIES = 500
_LANGUAGE = r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,3}$"

Language = Annotated[str, StringConstraints(pattern=_LANGUAGE, max_length=20)]


class _Payload(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Download(_Payload):
    """One film. Where `video_id` names a row, its artist, title and address count before the ones here.

    Without `url` the film is searched for. An empty `quality` and a null among the subtitles mean: as the settings say.
    """

    url: str | None = Field(default=None, max_length=URL_LENGTH)
    video_id: int | None = None
    artist: str = Field(default="", max_length=255)
    title: str = Field(default="", max_length=500)
    quality: str = Field(default="", max_length=50)
    subtitles: bool | None = None
    subtitle_languages: list[Language] | None = Field(default=None, max_length=20)


class PlaylistDownload(_Payload):
    """Every film of a playlist, as a job of its own. An empty `artist` is each film's own."""

    url: str = Field(max_length=URL_LENGTH)
    title: str = Field(default="", max_length=500)
    artist: str = Field(default="", max_length=255)
    quality: str = Field(default="", max_length=50)
    subtitles: bool | None = None
    limit: int = Field(default=100, ge=1, le=MOST_ENTRIES)


class Information(_Payload):
    """What there is to know about an address, without fetching the film."""

    url: str = Field(max_length=URL_LENGTH)
    title: str = Field(default="", max_length=500)


class AutoDownload(_Payload):
    """Wanted videos, oldest first. Without `limit` as many as the settings say."""

    title: str = "Automatic download"
    limit: int | None = Field(default=None, ge=1, le=MOST_ENTRIES)


class Sweep(_Payload):
    """Partial files that nobody will finish."""

    title: str = "Partial downloads"


def subject(payload: Download) -> str:
    """What a download is about: one may be under way for it."""
    if payload.video_id is not None:
        return video_subject(payload.video_id)
    return address_subject(payload.url) if payload.url else f"search {_digest(f'{payload.artist} {payload.title}')}"


def video_subject(video_id: int) -> str:
    return f"video {video_id}"


def address_subject(url: str) -> str:
    """The subject of a job about an address. The address itself may hold secrets, so it is not repeated."""
    return f"url {_digest(url)}"


def _digest(text: str) -> str:
    return sha256(text.encode("utf-8", "replace")).hexdigest()[:32]
