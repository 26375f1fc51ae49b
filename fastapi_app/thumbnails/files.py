"""The files of pictures: written in full or not at all, found, described, removed. All of it blocks."""

import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

import structlog
from PIL import Image

from fastapi_app.config import Config
from fastapi_app.errors import Unavailable
from fastapi_app.media.content_type import UNKNOWN, content_type
from fastapi_app.media.file_response import OpenFile, open_file
from fastapi_app.media.files import existing_file, write_whole
from fastapi_app.media.paths import Roots, place, resolve
from fastapi_app.pages.static_files import find
from fastapi_app.thumbnails.pictures import BROKEN, KNOWN

_SIGNATURES = (
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (4, b"ftypavif", "image/avif"),
    (0, b"BM", "image/bmp"),
)
_SIGNATURE_BYTES = 16
_NOT_SHOWN = "image/svg"
"""A drawing may hold scripts, so it is only ever downloaded."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Found:
    """An open picture, the name it is sent under, and what it is."""

    file: OpenFile
    name: str
    media_type: str


def open_first(config: Config, stored_paths: Iterable[str], placeholder: str = "") -> Found | None:
    """Opens the first picture that is there, else the placeholder of that name; None for neither."""
    for stored in stored_paths:
        path = existing_file(config, stored)
        file = open_file(path) if path else None
        if file is not None:
            name = PurePosixPath(stored).name
            return Found(file, name, kind_of(os.pread(file.handle.fileno(), _SIGNATURE_BYTES, 0), name))
    path = find(placeholder)
    file = open_file(path) if path else None
    return Found(file, placeholder, content_type(placeholder)) if file else None


def kind_of(beginning: bytes, name: str) -> str:
    """What a file is, by its first bytes; by its name where they say nothing, but never anything that runs."""
    for offset, signature, kind in _SIGNATURES:
        if beginning[offset:].startswith(signature):
            return kind
    kind = content_type(name)
    return kind if kind.startswith("image/") and not kind.startswith(_NOT_SHOWN) else UNKNOWN


def describe(config: Config, stored: str) -> dict[str, Any] | None:
    """Facts about the picture behind a stored path; None where it is missing, outside, or can't be read."""
    path = existing_file(config, stored)
    if path is None:
        return None
    try:
        facts = path.stat()
        with path.open("rb") as file, Image.open(file, formats=KNOWN) as image:
            return {
                "path": stored,
                "size": list(image.size),
                "format": image.format,
                "mode": image.mode,
                "file_size": facts.st_size,
                "created": _iso(facts.st_ctime),
                "modified": _iso(facts.st_mtime),
            }
    except BROKEN:
        return None


def write(config: Config, contents: Mapping[str, bytes]) -> None:
    """Writes a file for each stored path, all of them or none, and each under its name only when it is whole.

    Raises Unavailable where the disk refuses.
    """
    try:
        for stored, content in contents.items():
            target = _target(config, stored)
            target.parent.mkdir(parents=True, exist_ok=True)
            write_whole(target, content)
    except BaseException as error:
        remove(config, contents)
        if isinstance(error, OSError):
            log.error("a picture could not be stored", reason=str(error))
            raise Unavailable("The picture can't be stored at the moment") from None
        raise


def remove(config: Config, stored_paths: Iterable[str]) -> None:
    """Deletes files that lie in the data folder. Whatever lies elsewhere, and whatever can't go, stays."""
    home = config.data_dir.resolve()
    for stored in stored_paths:
        path = existing_file(config, stored)
        if path is not None and home in path.parents:
            with suppress(OSError):
                path.unlink()


def storage(config: Config, sizes: Sequence[str]) -> dict[str, Any]:
    """How many pictures there are, of which kinds and sizes, and how much room they take, in bytes and MiB."""
    folder = config.data_dir.absolute() / "thumbnails"
    counts = {"artists": 0, "videos": 0, "uploads": 0}
    by_size = dict.fromkeys(sizes, 0)
    total = 0
    for kind in counts:
        for parent, _, names in os.walk(folder / kind):
            lengths = [length for name in names if (length := _length(Path(parent, name))) is not None]
            counts[kind] += len(lengths)
            total += sum(lengths)
            if Path(parent).name in by_size:
                by_size[Path(parent).name] += len(lengths)
    return {
        "total_files": sum(counts.values()),
        "total_size": total,
        "total_size_mb": round(total / 2**20, 2),
        "artist_thumbnails": counts["artists"],
        "video_thumbnails": counts["videos"],
        "manual_uploads": counts["uploads"],
        "auto_generated": 0,
        "by_size": by_size,
        "thumbnails_directory": str(folder),
    }


def _target(config: Config, stored: str) -> Path:
    """Where a stored path is written to. Raises OSError where links lead out of the library."""
    roots = Roots.of(config)
    found = place(stored, roots)
    real = resolve(found, roots) if found else None
    if real is None:
        raise PermissionError(f"{stored} is outside the library")
    return real


def _length(path: Path) -> int | None:
    try:
        return path.stat().st_size if path.is_file() else None
    except OSError:
        return None


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None).isoformat(timespec="microseconds")
