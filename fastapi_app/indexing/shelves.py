"""Where films arrive and where they are kept, as the settings say it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.errors import Conflict
from fastapi_app.indexing.walk import real_folder
from fastapi_app.media.paths import Roots
from fastapi_app.models import Setting

_DOWNLOADS = ("downloads_path", "data/downloads")
_LIBRARY = ("music_videos_path", "data/musicvideos")
_INDEXES = "auto_index_organized_videos"
_NO = frozenset({"", "0", "false", "no", "off"})


@dataclass(frozen=True)
class Shelves:
    """Two stored folders, and whether films that are organised get rows."""

    downloads: str
    library: str
    indexes: bool


async def read_shelves(session: AsyncSession) -> Shelves:
    names = (_DOWNLOADS[0], _LIBRARY[0], _INDEXES)
    rows = await session.execute(select(Setting.key, Setting.value).where(Setting.key.in_(names)))
    return shelves({row.key.lower(): row.value for row in rows})


def shelves(settings: Mapping[str, str | None]) -> Shelves:
    """Reads the settings; an empty path is the default. Pure."""
    indexes = settings.get(_INDEXES)
    return Shelves(
        _path(settings, *_DOWNLOADS), _path(settings, *_LIBRARY), indexes is None or indexes.strip().lower() not in _NO
    )


def check_inside(roots: Roots, found: Shelves) -> None:
    """Raises Conflict for a folder that no film may be in. Asks the disk."""
    for name, stored in ((_DOWNLOADS[0], found.downloads), (_LIBRARY[0], found.library)):
        if real_folder(roots, stored) is None:
            reason = "names a folder outside the library. Add it to MVIDARR_MEDIA_ROOTS, or change the setting"
            raise Conflict(f"The setting {name} {reason}")


def _path(settings: Mapping[str, str | None], name: str, default: str) -> str:
    return str(PurePosixPath((settings.get(name) or "").strip() or default))
