"""Which rows already name a file."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.media.paths import Roots
from fastapi_app.models import Video
from fastapi_app.videos.bulk.queries import portions
from fastapi_app.videos.films.folders import same_file, spellings_of


class Owners:
    """The videos that name files, by the file's one text; `give` adds to them."""

    def __init__(self, roots: Roots) -> None:
        self._roots = roots
        self._videos: dict[str, set[int]] = {}

    def give(self, stored: str, video_id: int) -> None:
        self._videos.setdefault(self._file(stored), set()).add(video_id)

    def is_free(self, stored: str, video_id: int) -> bool:
        """Whether no other video names this file."""
        return not self._videos.get(self._file(stored), set()) - {video_id}

    def _file(self, stored: str) -> str:
        return same_file(self._roots, stored) or stored


async def owners_of(session: AsyncSession, roots: Roots, stored: Iterable[str]) -> Owners:
    """The videos that name the given stored paths, in whatever spelling."""
    spelled = sorted({spelling for one in stored for spelling in spellings_of(roots, one)})
    owners = Owners(roots)
    for some in portions(spelled):
        for row in await session.execute(select(Video.id, Video.local_path).where(Video.local_path.in_(some))):
            owners.give(row.local_path, row.id)
    return owners
