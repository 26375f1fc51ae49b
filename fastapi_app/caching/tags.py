"""What an answer can depend on: a tag is a table or a column of one, and what changes its rows. Pure."""

from collections.abc import Iterator
from enum import StrEnum
from types import MappingProxyType

from sqlalchemy import MetaData

CACHE_PREFIX = "cache_"
"""Tables and triggers with this prefix hold nothing of anybody's: they are made anew at any time."""

TABLE = "cache_tags"

EVENTS = ("insert", "update", "delete")
_FOLLOWS = frozenset({"CASCADE", "SET NULL", "SET DEFAULT"})


class Tag(StrEnum):
    """Named for its table. Of a column, only what changes it counts, and rows that come and go."""

    ARTISTS = "artists"
    ARTIST_GENRES = "artists.genres"
    DOWNLOADS = "downloads"
    PLAYLISTS = "playlists"
    PLAYLIST_ENTRIES = "playlist_entries"
    SETTINGS = "settings"
    VIDEOS = "videos"
    VIDEO_GENRES = "videos.genres"
    VIDEO_STATUSES = "videos.status"
    WATCHED = "playlist_monitors"

    @property
    def table(self) -> str:
        return self.partition(".")[0]

    @property
    def column(self) -> str:
        """Empty for a whole table."""
        return self.partition(".")[2]


UNTAGGED = MappingProxyType(
    {
        "api_keys": "about one account: never kept",
        "attempts": "written at each failed login, read to decide about the next one",
        "audit_events": "only ever grows, and is read by few",
        "deletions": "a few rows, read by few",
        "job_queues": "read with jobs",
        "jobs": "written several times a second while something runs: nothing made of it would be found again",
        "refresh_tokens": "about one account: never kept",
        "renamed_files": "written at each step of a job",
        "renames": "written at each step of a job",
        "task_queue": "0.9's, which nothing reads",
        "user_sessions": "about one account: never kept",
        "users": "about one account: never kept",
    }
)
"""Tables that no kept answer may be made of, and why."""

Rule = tuple[str, str]
"""A table and an event: of each there is one trigger."""


def effects(metadata: MetaData) -> dict[Rule, frozenset[Tag]]:
    """Which tags a change of a table's rows touches.

    Where the database itself changes rows because others go, MariaDB tells no trigger of it: so whoever deletes those
    others touches the tags of both.
    """
    found: dict[Rule, set[Tag]] = {}
    for tag in Tag:
        for event in EVENTS:
            found.setdefault((tag.table, event), set()).add(tag)
        for ancestor in _ancestors(metadata, tag.table):
            found.setdefault((ancestor, "delete"), set()).add(tag)
    return {rule: frozenset(tags) for rule, tags in found.items() if rule[0] in metadata.tables}


def _ancestors(metadata: MetaData, table: str) -> set[str]:
    """Tables whose deleted rows take rows of `table` along, or change them, at one remove or at several."""
    found: set[str] = set()
    waiting = [table]
    while waiting:
        for parent in _parents(metadata, waiting.pop()):
            if parent not in found:
                found.add(parent)
                waiting.append(parent)
    return found - {table}


def _parents(metadata: MetaData, table: str) -> Iterator[str]:
    if table in metadata.tables:
        for key in metadata.tables[table].foreign_keys:
            if (key.ondelete or "").upper() in _FOLLOWS:
                yield key.column.table.name
