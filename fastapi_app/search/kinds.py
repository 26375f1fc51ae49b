"""What is searched: artists, videos and playlists, each with an index of its own."""

from enum import StrEnum


class Kind(StrEnum):
    """In the order in which results are shown."""

    ARTISTS = "artists"
    VIDEOS = "videos"
    PLAYLISTS = "playlists"


INDEX_PREFIX = "search_"
"""Tables with this prefix are made of others, and can be made anew at any time: `mvidarr db reindex`."""


def index_of(kind: Kind) -> str:
    """The table that is searched. Its columns: `title`, `credit` (whose it is), `body`."""
    return f"{INDEX_PREFIX}{kind}"


TABLES = {Kind.ARTISTS: "artists", Kind.VIDEOS: "videos", Kind.PLAYLISTS: "playlist_monitors"}
"""The tables that the rows are in."""
TITLES = {Kind.ARTISTS: "name", Kind.VIDEOS: "title", Kind.PLAYLISTS: "name"}
"""Their columns that a search looks at first. Each has an index, but for that of playlists, which are few."""
