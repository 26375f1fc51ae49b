"""The cookies that a user uploaded for YouTube: one file, that nobody else may read."""

import os
from contextlib import closing, suppress
from pathlib import Path
from secrets import token_hex
from typing import Any

from flask import request
from werkzeug.exceptions import RequestEntityTooLarge

from legacy_flask.configuration import LegacySettings
from legacy_flask.errors import BadRequest, TooLarge

NAME = "youtube_cookies.txt"
STORED = f"data/cookies/{NAME}"
_MOST_BYTES = 2 * 1024 * 1024
_FORM_BYTES = 64 * 1024
_SUFFIXES = ("txt", "cookies")
_FIELDS = 7
"""Of a line in Netscape's format: domain, subdomains, path, secure, expiry, name, value."""


def cookie_path(settings: LegacySettings) -> Path:
    return settings.data_dir / "cookies" / NAME


def received() -> bytes:
    """The cookies in the form. Raises BadRequest for anything that is none, and TooLarge."""
    request.max_content_length = _MOST_BYTES + _FORM_BYTES
    try:
        file = request.files.get("file")
    except RequestEntityTooLarge:
        raise TooLarge(_MOST_BYTES) from None
    if file is None:
        raise _refused("No file provided")
    with closing(file):
        if not file.filename:
            raise _refused("No file selected")
        if "." not in file.filename or file.filename.rpartition(".")[2].lower() not in _SUFFIXES:
            raise _refused("File type not allowed. Please upload a .txt or .cookies file")
        content = file.stream.read(_MOST_BYTES + 1)
    check(content)
    return content


def check(content: bytes) -> None:
    """Raises TooLarge, and BadRequest for what is no file of cookies in Netscape's format.

    yt-dlp refuses every download for one bad line.
    """
    if len(content) > _MOST_BYTES:
        raise TooLarge(_MOST_BYTES)
    if not content.strip():
        raise _refused("Cookie file is empty")
    try:
        lines = content.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise _refused("File does not appear to contain valid cookies") from None
    told = [line.removeprefix("#HttpOnly_") for line in lines]
    cookies = [line for line in told if line.strip() and not line.startswith("#")]
    if not cookies or any(not _is_cookie(line) for line in cookies):
        raise _refused("File does not appear to contain valid cookies")


def write(content: bytes, settings: LegacySettings) -> None:
    """Replaces the file as a whole. Raises OSError."""
    path = cookie_path(settings)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    new = path.with_name(f".{token_hex(8)}.part")
    try:
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)


def remove(settings: LegacySettings) -> bool:
    """Whether there was a file. Raises OSError."""
    with suppress(FileNotFoundError):
        cookie_path(settings).unlink()
        return True
    return False


def status(settings: LegacySettings) -> dict[str, Any] | None:
    """The size of the file in bytes and the moment of its last change, None where there is none."""
    try:
        found = cookie_path(settings).stat()
    except OSError:
        return None
    return {"file_size": found.st_size, "modified_time": found.st_mtime}


def _is_cookie(line: str) -> bool:
    parts = line.split("\t")
    return len(parts) == _FIELDS and bool(parts[0]) and parts[1] in ("TRUE", "FALSE")


def _refused(message: str) -> BadRequest:
    return BadRequest(message, success=False)
