"""The cookies that a user uploads for YouTube: one file, that nobody else may read. All of it blocks."""

import os
from contextlib import suppress
from secrets import token_hex
from typing import Any

from fastapi_app.config import Config
from fastapi_app.downloads.cookies import path
from fastapi_app.errors import BadRequest, TooLarge

NAME = "youtube_cookies.txt"
STORED = f"data/cookies/{NAME}"
MOST_BYTES = 2 * 2**20
_SUFFIXES = ("txt", "cookies")
_MODE = 0o600
_MEMBERS = 7
"""Of a line in Netscape's format: domain, subdomains, path, secure, expiry, name, value."""
_NO_COOKIES = "File does not appear to contain valid cookies"


def check_name(name: str) -> None:
    """Raises BadRequest for a file that is not called one of cookies. Pure."""
    if "." not in name or name.rpartition(".")[2].lower() not in _SUFFIXES:
        raise BadRequest("File type not allowed. Please upload a .txt or .cookies file", success=False)


def check(content: bytes) -> None:
    """Raises TooLarge, and BadRequest for what is no file of cookies in Netscape's format. Pure.

    yt-dlp refuses every download for one bad line.
    """
    if len(content) > MOST_BYTES:
        raise TooLarge(MOST_BYTES)
    if not content.strip():
        raise BadRequest("Cookie file is empty", success=False)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadRequest(_NO_COOKIES, success=False) from None
    lines = [line.removeprefix("#HttpOnly_") for line in text.splitlines()]
    told = [line for line in lines if line.strip() and not line.startswith("#")]
    if not told or not all(_is_cookie(line) for line in told):
        raise BadRequest(_NO_COOKIES, success=False)


def write(config: Config, content: bytes) -> None:
    """Replaces the file as a whole. Raises OSError."""
    file = path(config)
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    new = file.with_name(f".{token_hex(8)}.part")
    try:
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _MODE), "wb") as opened:
            opened.write(content)
        new.replace(file)
    finally:
        new.unlink(missing_ok=True)


def remove(config: Config) -> bool:
    """Whether there was a file. Raises OSError."""
    with suppress(FileNotFoundError):
        path(config).unlink()
        return True
    return False


def status(config: Config) -> dict[str, Any] | None:
    """The file's bytes and the moment of its last change, None where there is none."""
    try:
        found = path(config).stat()
    except OSError:
        return None
    return {"file_size": found.st_size, "modified_time": found.st_mtime}


def _is_cookie(line: str) -> bool:
    members = line.split("\t")
    return len(members) == _MEMBERS and bool(members[0]) and members[1] in ("TRUE", "FALSE")
