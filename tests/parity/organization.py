"""Requests about the files of the library: listed, given rows, put in order."""

from collections.abc import Iterator
from itertools import product
from urllib.parse import quote

from tests.parity.ask import Ask, get, send
from tests.parity.values import VALUES

INDEXING, ORGANIZATION = "/api/video-indexing", "/api/video-organization"
_FOLDERS = (
    "data/musicvideos",
    "data/musicvideos/",
    "/app/data/musicvideos/x",
    "data/downloads",
    "data/thumbnails",
    "data",
    "/",
    "/etc",
    "..",
    "data/musicvideos/..",
    "data/musicvideos/x/empty.mov",
    "nope",
    "",
    "a\0b",
    "data/musicvideos/宇宙バンド",
    "x" * 300,
)
_PATHS = (
    "data/musicvideos/Nova Kestrel/Nova Kestrel - Taken.mp4",
    "/app/data/musicvideos/Nova Kestrel/Nova Kestrel - Taken.mp4",
    "data/musicvideos/x/link.mp4",
    "data/musicvideos/x/unknown.kind",
    "data/musicvideos/../mvidarr.db",
    "/etc/passwd",
    "data/downloads/unsorted_clip.mp4",
    "",
)
_NAMES = (
    "unsorted_clip.mp4",
    "Nova Kestrel - Paper Moon (Official Video).mp4",
    "Nova Kestrel - Paper Moon (Official Video).mp4",
    "nope.mp4",
    ".",
    "deep",
    "a\0b.mp4",
    "a/b.mp4",
    "é" * 200,
)


def reads() -> Iterator[Ask]:
    """Nothing of this changes the library."""
    yield get(f"{INDEXING}/stats")
    yield get(f"{INDEXING}/scan-files")
    for folder in _FOLDERS:
        yield get(f"{INDEXING}/scan-files?directory={quote(folder)}")
    for name in ("artists", "downloads/scan", "status"):
        yield get(f"{ORGANIZATION}/{name}")
        yield Ask("POST", f"{ORGANIZATION}/{name}")
    for value in VALUES:
        yield send("POST", f"{INDEXING}/index-single", {"file_path": value})


def writes() -> Iterator[Ask]:
    """Each part followed by what it left behind."""
    for field, value in product(("max_files", "fetch_metadata"), VALUES):
        yield send("POST", f"{INDEXING}/index-all", {"max_files": 1, field: value})
    for path in _PATHS:
        yield send("POST", f"{INDEXING}/index-single", {"file_path": path, "fetch_metadata": False})
    yield from _left()
    for name in _NAMES:
        yield Ask("POST", f"{ORGANIZATION}/organize/{quote(name, safe='')}")
    yield send("PUT", "/api/settings/auto_index_organized_videos", {"value": "no"})
    yield Ask("POST", f"{ORGANIZATION}/organize-all")
    yield from _left()
    yield send("POST", f"{INDEXING}/index-all", {})
    for _ in range(2):
        yield Ask("POST", f"{ORGANIZATION}/reorganize-existing")
        yield Ask("POST", f"{ORGANIZATION}/cleanup")
        yield from _left()
    for key, value in product(("downloads_path", "music_videos_path"), ("/etc", "..", "", " ", "data/elsewhere", None)):
        yield send("PUT", f"/api/settings/{key}", {"value": value})
        yield get(f"{ORGANIZATION}/status")
        yield Ask("POST", f"{ORGANIZATION}/organize-all")


def gated() -> Iterator[Ask]:
    """What sorts the whole library, as everybody; those who may do it do it."""
    names = ("cleanup", "organize-all", "reorganize-existing")
    targets = (f"{INDEXING}/index-all", *(f"{ORGANIZATION}/{name}" for name in names))
    for who, target in product(("", "reader", "anna", "manager", "root"), targets):
        yield send("POST", target, {}, who)


def _left() -> Iterator[Ask]:
    yield get(f"{INDEXING}/scan-files")
    yield get(f"{INDEXING}/stats")
    yield get(f"{ORGANIZATION}/artists")
    yield get(f"{ORGANIZATION}/downloads/scan")
