"""What became of films that were put in order, and how it is told. Pure."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Any

UNREADABLE_NAME = "Could not parse artist and title from filename"
UNMOVABLE = "The file can't be moved"
IS_LINK = "A symbolic link stays where it is"
NOT_MOUNTED = "The library's folder is missing although videos are in it: is its drive mounted?"


class Action(StrEnum):
    """What was done to a film that was in the library already."""

    ALREADY_ORGANIZED = "already_organized"
    RENAME = "rename"
    MOVE_AND_RENAME = "move_and_rename"
    ORGANIZE = "organize"


@dataclass
class Filed:
    """What became of one film."""

    original_path: str
    success: bool = False
    error: str | None = None
    artist: str | None = None
    title: str | None = None
    new_path: str | None = None
    cleaned_filename: str | None = None
    skipped: bool = False
    action: Action | None = None

    def told(self, *, existing: bool) -> dict[str, Any]:
        """As the answer says it: of downloads nothing is skipped, and there is one action."""
        members = asdict(self)
        if not existing:
            del members["skipped"], members["action"]
        return members


def action(stored: str, folder: str) -> Action:
    """What brings a film from where it is into the stored `folder`."""
    now = PurePosixPath(stored).parent
    if str(now) == folder:
        return Action.RENAME
    return Action.ORGANIZE if now.name == PurePosixPath(folder).name else Action.MOVE_AND_RENAME


def not_found(stored: str, name: str) -> dict[str, Any]:
    """The result about a file that is not there."""
    return {"success": False, "error": f"File not found: {name}", "original_path": stored}


def summary(results: Sequence[Filed], *, existing: bool) -> dict[str, Any]:
    """The counts of many results, and the results. A film in its place is a success."""
    failed = [one for one in results if not one.success]
    skipped = [one for one in failed if existing and one.skipped]
    counts = {
        "total_files": len(results),
        "processed": len(results),
        "successful": len(results) - len(failed),
        "failed": len(failed) - len(skipped),
    }
    if existing:
        counts["skipped"] = len(skipped)
    return {**counts, "results": [one.told(existing=existing) for one in results]}
