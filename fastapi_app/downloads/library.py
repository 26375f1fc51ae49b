"""The folder that films are put into: whether it is really there, and has room. All of it blocks."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from fastapi_app.config import Config
from fastapi_app.downloads.failures import ErrorClass, failure
from fastapi_app.downloads.incoming import NAME
from fastapi_app.indexing.walk import real_folder
from fastapi_app.media.paths import Roots
from fastapi_app.models import Video, VideoStatus
from fastapi_app.videos.films.folders import spellings_of

_OUTSIDE = "The setting music_videos_path names a folder outside the library. Add it to MVIDARR_MEDIA_ROOTS"


@dataclass(frozen=True)
class Library:
    """A library whose drive is there: its stored path, the real folder, and the device that it lies on."""

    stored: str
    folder: Path
    device: int
    free_bytes: int
    """What has to stay free."""

    def check(self, needed: int = 0) -> None:
        """Raises QueueBlocked when the drive went away, or `needed` bytes more don't fit."""
        try:
            is_same = self.folder.stat().st_dev == self.device
            free = shutil.disk_usage(self.folder).free
        except OSError:
            raise failure(ErrorClass.MOUNT_MISSING) from None
        if not is_same:
            raise failure(ErrorClass.MOUNT_MISSING)
        if not fits(free, needed, self.free_bytes):
            raise failure(ErrorClass.DISK_FULL, _short_of(free, needed + self.free_bytes))


def fits(free: int, needed: int, reserve: int) -> bool:
    """Whether `needed` bytes leave `reserve`. Pure."""
    return free - needed >= reserve


def open_library(session: Session, config: Config, stored: str, free_bytes: int) -> Library:
    """The library, made where it is new. Raises QueueBlocked of class `mount-missing`, `disk-full`.

    A drive that is not mounted is an empty folder, or none, where rows say that there are films. Nothing may be written
    there: it would fill the disk below, and hide behind the drive when that comes back.
    """
    roots = Roots.of(config)
    folder = real_folder(roots, stored)
    if folder is None:
        raise failure(ErrorClass.MOUNT_MISSING, _OUTSIDE)
    if not _holds_anything(folder) and (_has_films(session, roots, stored) or not _may_be_made(folder, roots)):
        raise failure(ErrorClass.MOUNT_MISSING)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        library = Library(stored, folder, folder.stat().st_dev, free_bytes)
    except OSError:
        raise failure(ErrorClass.MOUNT_MISSING) from None
    library.check()
    return library


def _holds_anything(folder: Path) -> bool:
    """Whether something is in the folder that is not ours."""
    try:
        with os.scandir(folder) as entries:
            return any(entry.name != NAME for entry in entries)
    except OSError:
        return False


def _may_be_made(folder: Path, roots: Roots) -> bool:
    """An empty folder is good; a missing one is made where its drive certainly is: beside our own data."""
    return folder.is_dir() or roots.data.resolve() in folder.parents


def _has_films(session: Session, roots: Roots, stored: str) -> bool:
    """Whether some row says that it has a film in the library, however it spells the path."""
    spelled = [one.removesuffix("any") for one in spellings_of(roots, f"{stored}/any")]
    beginnings = [Video.local_path.startswith(one, autoescape=True) for one in spelled]
    query = select(Video.id).where(Video.status == VideoStatus.DOWNLOADED, or_(*beginnings)).limit(1)
    return session.scalar(query) is not None


def _short_of(free: int, wanted: int) -> str:
    there, needed = (f"{amount / 2**20:,.0f} MiB" for amount in (free, wanted))
    return f"The disk of the library is full: {there} are free, {needed} are needed. Make room, then resume the queue"
