"""Which rows name which file, in whatever spelling."""

from collections.abc import Iterable, Sequence

from anyio import to_thread

from fastapi_app.database import Database
from fastapi_app.indexing import queries
from fastapi_app.media.paths import Roots
from fastapi_app.transaction import Record
from fastapi_app.videos.films.folders import same_file, spellings_of

_FEW = 20
"""Paths have no index: for more files than this, all rows are read once instead of being searched for each."""


class Naming:
    """The videos and downloads that name files, the oldest first."""

    def __init__(self, roots: Roots, videos: Iterable[Record], downloads: Iterable[Record]) -> None:
        self._roots = roots
        self._videos = self._by_file(videos)
        self._downloads = self._by_file(downloads)

    def videos(self, stored: str) -> Sequence[Record]:
        return self._videos.get(self._text(stored), ())

    def downloads(self, stored: str) -> Sequence[Record]:
        return self._downloads.get(self._text(stored), ())

    def _by_file(self, rows: Iterable[Record]) -> dict[str, list[Record]]:
        found: dict[str, list[Record]] = {}
        for row in rows:
            found.setdefault(self._text(row.path), []).append(row)
        return found

    def _text(self, stored: str) -> str:
        return same_file(self._roots, stored) or stored


async def read_naming(database: Database, roots: Roots, stored: Sequence[str]) -> Naming:
    """Whoever names one of these files."""
    async with database.reading() as session:
        if len(stored) > _FEW:
            videos, downloads = await queries.every_film(session), await queries.every_download(session)
        else:
            spelled = sorted({spelling for one in stored for spelling in spellings_of(roots, one)})
            videos = await queries.videos_naming(session, spelled)
            downloads = await queries.downloads_naming(session, spelled)
    return await to_thread.run_sync(Naming, roots, videos, downloads)
