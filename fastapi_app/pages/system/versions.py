"""What runs here: versions of the programs, and how long this process has been up."""

import os
import platform
import subprocess
from collections.abc import Sequence
from functools import cache
from importlib import metadata
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.operations import ffmpeg
from fastapi_app.operations.refusal import Refusal

UNKNOWN = "unknown"
_SECONDS = 5
_PATIENCE = 0.5


@cache
def programs() -> tuple[tuple[str, str], ...]:
    """Name and version of what doesn't change while this process runs. Blocks, the first time."""
    return (
        ("Python", f"{platform.python_version()} on {platform.system()} {platform.machine()}"),
        ("yt-dlp", _package("yt-dlp")),
        ("FFmpeg", _ffmpeg()),
        ("FastAPI", _package("fastapi")),
    )


async def database(session: AsyncSession) -> str:
    """The server's name and version."""
    if session.get_bind().dialect.name == "sqlite":
        return f"SQLite {await session.scalar(text('SELECT sqlite_version()'))}"
    return f"{await session.scalar(text('SELECT VERSION()'))}"


async def redis(url: str) -> str:
    """The server's version; a word where there is none."""
    from redis import RedisError  # noqa: PLC0415  half a second that other pages need not spend
    from redis.asyncio import Redis  # noqa: PLC0415

    if not url:
        return "not configured"
    try:
        client = Redis.from_url(url, socket_timeout=_PATIENCE, socket_connect_timeout=_PATIENCE, driver_info=None)
        async with client:
            told = await client.info("server")
    except (RedisError, ValueError):  # ValueError: the address is none
        return "does not answer"
    return str(told.get("redis_version", UNKNOWN))


def uptime(proc: Path = Path("/proc")) -> int | None:
    """Seconds since this process began; None where the system doesn't tell. Blocks."""
    try:
        began = (proc / "self" / "stat").read_text().rpartition(")")[2].split()[19]
        now = (proc / "uptime").read_text().split()[0]
        return max(0, int(float(now) - int(began) / os.sysconf("SC_CLK_TCK")))
    except (OSError, ValueError, IndexError):
        return None


def duration(seconds: int | None) -> str:
    """`90061` is `1 d 1 h`; nothing known is empty. Pure."""
    if seconds is None:
        return ""
    parts = [(seconds // 86_400, "d"), (seconds // 3600 % 24, "h"), (seconds // 60 % 60, "min")]
    told = [f"{number} {unit}" for number, unit in parts if number]
    return " ".join(told[:2]) or "less than a minute"


@cache
def licences() -> Sequence[tuple[str, str, str]]:
    """Name, version and licence of every package that is installed. Blocks, the first time."""
    found = {one.name: one for one in metadata.distributions() if one.name}
    return [(name, found[name].version, _licence(found[name])) for name in sorted(found, key=str.lower)]


def _licence(package: metadata.Distribution) -> str:
    told = package.metadata
    for name in ("License-Expression", "License"):
        declared = (told[name] or "").strip().partition("\n")[0] if name in told else ""
        if 0 < len(declared) <= 60:
            return declared
    classified = (one for one in told.get_all("Classifier") or () if one.startswith("License ::"))
    return ", ".join(one.rpartition(" :: ")[2] for one in classified) or UNKNOWN


def _package(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "not installed"


def _ffmpeg() -> str:
    try:
        argv = [ffmpeg.executable(), "-version"]
        told = subprocess.run(argv, capture_output=True, timeout=_SECONDS, check=False, text=True, errors="replace")
    except (Refusal, OSError, subprocess.TimeoutExpired):
        return "missing"
    return version_of(told.stdout)


def version_of(told: str) -> str:
    """The third word of `ffmpeg version 5.1.6-0+deb12u1 Copyright …`. Pure."""
    words = told.split(maxsplit=3)
    return words[2] if len(words) > 2 and words[:2] == ["ffmpeg", "version"] else UNKNOWN
