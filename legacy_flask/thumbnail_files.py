"""The files of pictures: found, described, written, removed, counted."""

import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

from flask import Response, current_app

from legacy_flask import thumbnail_pictures
from legacy_flask.configuration import current_settings
from legacy_flask.errors import NotFound, Unavailable
from legacy_flask.file_answer import answer_file
from legacy_flask.stored_paths import existing_file, locate
from legacy_flask.thumbnail_rules import SIZES

_BEGINNINGS = {
    b"\xff\xd8\xff": "image/jpeg",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"GIF87a": "image/gif",
    b"GIF89a": "image/gif",
    b"BM": "image/bmp",
}
_BY_NAME = {
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".avif": "image/avif",
    ".bmp": "image/bmp",
}
_UNKNOWN = "application/octet-stream"


def answer_picture(stored_paths: Iterable[str], placeholder: str = "") -> Response:
    """The first of these files that is there, else the placeholder. Raises NotFound and BadRange."""
    settings = current_settings()
    for stored in stored_paths:
        path = existing_file(stored, settings)
        name = PurePosixPath(stored).name
        if path is not None:
            with suppress(FileNotFoundError):  # another request may have replaced the picture just now
                return answer_file(path, name, _kind(path, name))
    stand_in = settings.static_folder / placeholder
    if not placeholder or not stand_in.is_file():
        raise NotFound("No thumbnail available")
    return answer_file(stand_in, placeholder)


def describe(stored: str) -> dict[str, Any] | None:
    """Facts about a stored picture, None where it is missing or can't be read."""
    path = existing_file(stored, current_settings())
    if path is None:
        return None
    try:
        facts, status = thumbnail_pictures.facts(path), path.stat()
    except FileNotFoundError:  # another request removed it just now
        return None
    if facts is None:
        return None
    return {
        "path": stored,
        **facts,
        "file_size": status.st_size,
        "created": _moment(status.st_ctime),
        "modified": _moment(status.st_mtime),
    }


def write(contents: Mapping[str, bytes]) -> None:
    """Writes every file, or none. Raises Unavailable where the disk refuses."""
    try:
        for stored, content in contents.items():
            _write(stored, content)
    except OSError as error:
        remove(contents)
        current_app.logger.error("a picture could not be stored: %s", error)
        raise Unavailable("The picture can't be stored at the moment") from None


def remove(stored_paths: Iterable[str]) -> None:
    """Deletes files inside the data folder. Others stay, and those that can't be deleted."""
    settings = current_settings()
    home = settings.data_dir.resolve()
    for stored in stored_paths:
        path = existing_file(stored, settings)
        if path is not None and home in path.parents:
            with suppress(OSError):
                path.unlink()


def storage() -> dict[str, Any]:
    """How many files the picture folder holds, of which kinds and sizes, in bytes and MiB."""
    folder = current_settings().data_dir.absolute() / "thumbnails"
    counts, by_size, total = {"artists": 0, "videos": 0, "uploads": 0}, dict.fromkeys(SIZES, 0), 0
    for kind in counts:
        for path in (folder / kind).rglob("*"):
            length = _length(path)
            if length is not None:
                counts[kind] += 1
                total += length
                if path.parent.name in by_size:
                    by_size[path.parent.name] += 1
    return {
        "total_files": sum(counts.values()),
        "total_size": total,
        "total_size_mb": round(total / (1024 * 1024), 2),
        "artist_thumbnails": counts["artists"],
        "video_thumbnails": counts["videos"],
        "manual_uploads": counts["uploads"],
        "auto_generated": 0,
        "by_size": by_size,
        "thumbnails_directory": str(folder),
    }


def _kind(path: Path, name: str) -> str:
    """What a file is, by its first bytes, else by its name; nothing that runs."""
    with path.open("rb") as file:
        beginning = file.read(16)
    for signature, kind in _BEGINNINGS.items():
        if beginning.startswith(signature):
            return kind
    if beginning[8:12] == b"WEBP":
        return "image/webp"
    if beginning[4:12] == b"ftypavif":
        return "image/avif"
    return _BY_NAME.get(Path(name).suffix.lower(), _UNKNOWN)


def _length(path: Path) -> int | None:
    """In bytes; None for a folder, and for a file that is gone by now."""
    try:
        return path.stat().st_size if path.is_file() else None
    except OSError:
        return None


def _write(stored: str, content: bytes) -> None:
    """The file appears under its name when it is whole. Raises OSError, also where links lead out of the library."""
    found = locate(stored, current_settings())
    if found is None:
        raise PermissionError(f"{stored} is outside the library")
    found.path.parent.mkdir(parents=True, exist_ok=True)
    part = found.path.with_name(f".{found.path.name}.part")
    try:
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(found.path)
    except BaseException:  # whatever ended it: nothing half written stays, and it is raised again
        part.unlink(missing_ok=True)
        raise


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None).isoformat(timespec="microseconds")
