"""The folder of backups: names, what is there, which ones go."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from fastapi_app.config import Config

SUFFIX = ".tar.gz"
_NAME = re.compile(r"mvidarr-\d{8}T\d{6}Z(-[a-z][a-z-]{0,39})?(-\d{1,3})?\.tar\.gz", re.ASCII)
BEFORE_RESTORE = "before-restore"
WITHOUT_SECRETS = "without-secrets"
UPLOADED = "uploaded"
KEPT = 7
"""How many backups are kept where nothing else is said."""


@dataclass(frozen=True)
class Kept:
    """One backup in the folder: its bytes, and when it was written (UTC)."""

    name: str
    size: int
    at: datetime


def of(config: Config) -> Path:
    return config.data_dir / "backups"


def name_at(moment: datetime, mark: str = "") -> str:
    """The name of a backup made at this moment, in UTC."""
    return f"mvidarr-{moment:%Y%m%dT%H%M%SZ}{f'-{mark}' if mark else ''}{SUFFIX}"


def is_name(name: str) -> bool:
    """Whether a backup can be called so: no folder, no way out of it."""
    return _NAME.fullmatch(name) is not None


def free(folder: Path, name: str) -> Path:
    """The path of that name, or of one with a number where it is taken."""
    stem = name.removesuffix(SUFFIX)
    names = (name, *(f"{stem}-{number}{SUFFIX}" for number in range(2, 1000)))
    return next(folder / each for each in names if not (folder / each).exists())


def find(folder: Path, name: str) -> Path | None:
    """The backup of that name. Links are none."""
    path = folder / name
    return path if is_name(name) and path.is_file() and not path.is_symlink() else None


def listed(folder: Path) -> list[Kept]:
    """What is there, the newest first."""
    if not folder.is_dir():
        return []
    found = []
    for path in folder.iterdir():
        if is_name(path.name) and path.is_file() and not path.is_symlink():
            stat = path.stat()
            found.append(Kept(path.name, stat.st_size, datetime.fromtimestamp(stat.st_mtime, UTC)))
    return sorted(found, key=lambda kept: (kept.name[:24], kept.at), reverse=True)


def superfluous(names: Sequence[str], keep: int) -> list[str]:
    """Which of these go when `keep` are kept: the oldest. What people uploaded and safety copies count apart."""
    own = sorted((name for name in names if UPLOADED not in name and BEFORE_RESTORE not in name), reverse=True)
    safety = sorted((name for name in names if BEFORE_RESTORE in name), reverse=True)
    return own[max(keep, 1) :] + safety[3:]


def prune(folder: Path, keep: int) -> list[str]:
    """Deletes what is superfluous; which those were."""
    gone = superfluous([kept.name for kept in listed(folder)], keep)
    for name in gone:
        (folder / name).unlink(missing_ok=True)
    return gone
