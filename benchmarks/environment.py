"""What a figure was measured on."""

import os
import platform
import re
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGES = (
    *("fastapi", "starlette", "uvicorn", "uvloop", "httptools", "flask", "werkzeug", "gunicorn", "a2wsgi", "granian"),
    *("sqlalchemy", "pymysql", "asyncmy", "aiosqlite", "redis", "httpx", "celery", "yt-dlp"),
)
_TOLD_IN = (":(exclude,top)benchmarks/results", ":(exclude,top)docs/benchmarks", ":(exclude,top)docs/benchmarks.md")
PROGRAMS = {"mariadbd": "--version", "redis-server": "--version", "wrk": "-v", "ffmpeg": "-version"}


def environment() -> dict[str, str]:
    """Machine, Python, and the versions that matter."""
    return {
        "processor": _processor(),
        "cores": str(_cores()),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "commit": _commit(),
        **{package: _version(package) for package in PACKAGES},
        **{program: _told(program, argument) for program, argument in PROGRAMS.items()},
    }


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def _told(program: str, argument: str) -> str:
    """The version in the first line that it prints."""
    try:
        told = subprocess.run([program, argument], check=False, capture_output=True, text=True).stdout
    except FileNotFoundError:
        return "not installed"
    found = re.search(r"\d+\.\d+[\w.+-]*", told)
    return found[0] if found else "unknown"


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def _cores() -> int:
    return len(os.sched_getaffinity(0))


def _commit() -> str:
    """Also whether something was changed since; what was measured, and is told of it, doesn't count."""
    found = subprocess.run(["git", "describe", "--always"], check=False, capture_output=True, text=True).stdout.strip()
    changed = subprocess.run(["git", "diff", "--quiet", "HEAD", "--", ".", *_TOLD_IN], check=False, capture_output=True)
    return (found or "unknown") + "-dirty" * (found != "" and changed.returncode == 1)
