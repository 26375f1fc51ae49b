"""Renaming a video's file after its new title or artist, in step with its row."""

from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import anyio
from anyio import to_thread
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.config import Config
from fastapi_app.media.files import drop, existing_file, name_anew, take_back
from fastapi_app.media.paths import Roots, place, resolve
from fastapi_app.models import Video
from fastapi_app.videos.rules import PATH_LENGTH, file_name, stored_destination


@dataclass(frozen=True)
class Move:
    """A file that has two names where links exist, `old` and `new`; its row will name the new one as `stored`."""

    old: Path
    new: Path
    stored: str


async def commit_with_file(session: AsyncSession, config: Config, video: Video, artist: str) -> bool:
    """Commits, with the file renamed; False when it could not be, or already has that name.

    The commit is here and not at the edge of the request because the old name may go only after it: whatever fails in
    between, the row names a file that exists.
    """
    move = await to_thread.run_sync(_begin, config, video.local_path or "", artist, video.title)
    if move is None:
        return False
    video.local_path = move.stored
    try:
        await session.commit()
    except BaseException:  # cancelled or failed: the row keeps the old name, so the new one goes
        with anyio.CancelScope(shield=True):
            await to_thread.run_sync(take_back, move.old, move.new)
        raise
    await to_thread.run_sync(drop, move.old)
    return True


def _begin(config: Config, stored: str, artist: str, title: str) -> Move | None:
    old = existing_file(config, stored) if stored else None
    if old is None:
        return None
    wanted = stored_destination(stored, artist, file_name(artist, title, PurePosixPath(stored).suffix))
    roots = Roots.of(config)
    target = place(wanted, roots)
    real = resolve(target, roots) if target else None
    if real is None or real == old:
        return None
    try:
        new = name_anew(old, real.parent, real.name)
    except OSError:
        return None
    renamed = str(PurePosixPath(wanted).with_name(new.name))
    if len(renamed) > PATH_LENGTH:
        take_back(old, new)
        return None
    return Move(old, new, renamed)
