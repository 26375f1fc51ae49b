"""Films that are gone: found again, or wanted again."""

from collections.abc import Iterable
from dataclasses import dataclass

from anyio import to_thread
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.database import Database
from fastapi_app.media.paths import Roots
from fastapi_app.models import Artist, Video, VideoStatus
from fastapi_app.videos.bulk.queries import change_rows
from fastapi_app.videos.films.owners import owners_of
from fastapi_app.videos.recovery import queries
from fastapi_app.videos.recovery.search import Missing, Searcher

_AT_ONCE = 500


@dataclass(frozen=True)
class Statistics:
    """How many there were of each."""

    total_downloaded: int
    missing_files: int
    recovered_videos: int
    marked_wanted: int
    artists_monitored: int


async def recover(database: Database, roots: Roots) -> Statistics:
    """Looks at the film of every downloaded video. No transaction is open while the disk is read; what somebody
    changed meanwhile is left alone.
    """
    async with database.reading() as session:
        total = await queries.count_downloaded(session)
        downloads = await queries.downloads_folder(session)
    searcher = await to_thread.run_sync(Searcher.at, roots, downloads)
    missing = await _missing(database, searcher)
    async with database.writing() as session:
        found = await _assign(session, roots, missing)
        return await _tell_rows(session, total, missing, found)


async def _missing(database: Database, searcher: Searcher) -> list[Missing]:
    missing: list[Missing] = []
    last = 0
    while True:
        async with database.reading() as session:
            rows = await queries.downloaded_after(session, last, _AT_ONCE)
        if not rows:
            return missing
        missing += await to_thread.run_sync(searcher.missing, rows)
        last = rows[-1].id


async def _assign(session: AsyncSession, roots: Roots, missing: Iterable[Missing]) -> dict[int, str]:
    """The file of each video that has one. No file is given to two videos, none that another row names."""
    owners = await owners_of(session, roots, [path for one in missing for path in one.candidates])
    given: dict[int, str] = {}
    for one in missing:
        path = next((path for path in one.candidates if owners.is_free(path, one.video_id)), None)
        if path is not None:
            given[one.video_id] = path
            owners.give(path, one.video_id)
    return given


async def _tell_rows(
    session: AsyncSession, total: int, missing: Iterable[Missing], found: dict[int, str]
) -> Statistics:
    artists = await queries.still_so(session, {one.video_id: one.stored for one in missing})
    lost = sorted(artists.keys() - found.keys())
    recovered = sorted(artists.keys() & found.keys())
    for video_id in recovered:
        await change_rows(session, Video, [video_id], local_path=found[video_id])
    await change_rows(session, Video, lost, status=VideoStatus.WANTED, local_path=None)
    asleep = await queries.unwatched(session, sorted({artists[video_id] for video_id in lost}))
    await change_rows(session, Artist, asleep, monitored=True)
    return Statistics(total, len(artists), len(recovered), len(lost), len(asleep))
