"""What became of films that were put in order, and how it is told. Pure."""

from pathlib import PurePosixPath
from typing import Any

UNREADABLE_NAME = "Could not parse artist and title from filename"
UNMOVABLE = "The file can't be moved"
IS_LINK = "A symbolic link stays where it is"
NOT_MOUNTED = "The library's folder is missing although videos are in it: is its drive mounted?"
IN_PLACE = "already_organized"
_OF_EXISTING = ("skipped", "action")


def new_result(stored: str, cleaned: str) -> dict[str, Any]:
    """What is told of a film, before anything was done with it."""
    return {
        "original_path": stored,
        "success": False,
        "error": None,
        "artist": None,
        "title": None,
        "new_path": None,
        "cleaned_filename": cleaned,
        "skipped": False,
        "action": None,
    }


def told(result: dict[str, Any], *, existing: bool) -> dict[str, Any]:
    """Of downloads nothing is skipped, and there is one action."""
    return {name: value for name, value in result.items() if existing or name not in _OF_EXISTING}


def action(stored: str, folder: str) -> str:
    """What brings a film into the stored `folder`."""
    now = PurePosixPath(stored).parent
    if str(now) == folder:
        return "rename"
    return "organize" if now.name == PurePosixPath(folder).name else "move_and_rename"


def summarize(results: list[dict[str, Any]], *, existing: bool) -> dict[str, Any]:
    """A film in its place is a success."""
    successful = sum(one["success"] for one in results)
    skipped = sum(existing and one["skipped"] and not one["success"] for one in results)
    counts = {
        "total_files": len(results),
        "processed": len(results),
        "successful": successful,
        "failed": len(results) - successful - skipped,
        **({"skipped": skipped} if existing else {}),
    }
    return {**counts, "results": [told(one, existing=existing) for one in results]}
