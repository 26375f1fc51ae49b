"""What a figure was measured on."""

import os
import platform
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGES = (
    *("fastapi", "starlette", "uvicorn", "uvloop", "httptools", "flask", "werkzeug", "gunicorn", "a2wsgi", "granian"),
    *("sqlalchemy", "aiomysql", "aiosqlite"),
)


def environment() -> dict[str, str]:
    """Machine, Python, and the versions that matter."""
    return {
        "processor": _processor(),
        "cores": str(_cores()),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "commit": _commit(),
        **{package: _version(package) for package in PACKAGES},
    }


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def _cores() -> int:
    return len(os.sched_getaffinity(0))


def _commit() -> str:
    found = subprocess.run(["git", "describe", "--always", "--dirty"], check=False, capture_output=True, text=True)
    return found.stdout.strip() or "unknown"
