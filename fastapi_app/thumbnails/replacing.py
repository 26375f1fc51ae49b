"""Giving a row another picture: whatever fails, it names whole files, and no file is lost that it still names."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import IO, Any

import anyio
from anyio import CapacityLimiter, to_thread
from PIL import Image
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.config import Config
from fastapi_app.database import Database
from fastapi_app.errors import BadRequest, Conflict, NotFound
from fastapi_app.media.files import existing_file
from fastapi_app.models import Artist, Playlist, Video
from fastapi_app.thumbnails import files, pictures, queries, rules


@dataclass(frozen=True)
class Made:
    """A picture whose files are written and which no row names yet."""

    naming: rules.Naming
    metadata: dict[str, Any]

    @property
    def path(self) -> str:
        return self.naming.stored(rules.PRIMARY)

    @property
    def stored(self) -> list[str]:
        return [self.naming.stored(size) for size in rules.SIZES]


@dataclass(frozen=True)
class Change:
    """Which row gets the picture, and what it says of it. `missing` is told where there is no such row.

    A crop is made of the picture `cropped_from`, so it only replaces that one, and keeps its address.
    """

    owner: queries.Owner
    row_id: int
    missing: str
    cropped_from: str | None = None

    @property
    def source(self) -> str:
        return "manual" if self.cropped_from is None else "manual_crop"


def picture_limiter() -> CapacityLimiter:
    """How many pictures one process works on at the same time: each takes a core and much memory."""
    return CapacityLimiter(2)


def make(config: Config, naming: rules.Naming, file: IO[bytes], file_size: int, original_name: str) -> Made:
    """Reads an uploaded picture and writes its sizes. Blocks. Raises NotAPicture, TooManyPixels, Unavailable."""
    return _make(config, naming, pictures.read(file), original_name, file_size)


def make_crop(config: Config, naming: rules.Naming, stored_paths: Sequence[str], box: rules.Box) -> Made:
    """Cuts `box` out of the first stored picture that is there, and writes its sizes. Blocks.

    Raises what `make` raises, and BadRequest where there is no picture or the box leaves it.
    """
    path = next((found for stored in stored_paths if (found := existing_file(config, stored))), None)
    if path is None:
        raise NoPicture
    with path.open("rb") as file:
        image = pictures.read(file)
    rules.check_box(box, image.size)
    return _make(config, naming, image.crop(box), f"cropped_{path.name}", None)


class NoPicture(BadRequest):
    """The row names no picture, or its file is gone."""

    def __init__(self) -> None:
        super().__init__("No thumbnail to crop")


async def replace(database: Database, config: Config, made: Made, change: Change) -> None:
    """Commits a row with its new picture, then removes the files of the old one.

    Raises NotFound for a row that is gone by now, and Conflict for one that has another picture than expected; then,
    and whenever the commit fails, the new files go and the old ones stay.
    """
    try:
        async with database.writing() as session:
            old = await _exchange(session, made, change)
    except BaseException:  # cancelled or failed: undone, and raised again
        with anyio.CancelScope(shield=True):
            await _take_back(database, config, made, change)
        raise
    with anyio.CancelScope(shield=True):
        await to_thread.run_sync(files.remove, config, old)


async def abandoned(session: AsyncSession, row: Artist | Video | Playlist) -> list[str]:
    """The files that nothing needs once `row` has lost its picture. Asked before it does."""
    path = row.thumbnail_path
    stored = rules.files_of(path, row.thumbnail_metadata)
    if path and await queries.is_shared(session, type(row), row.id, path):
        stored.remove(path)
    return stored


async def in_thread(limiter: CapacityLimiter, work: Callable[..., Made], *arguments: Any) -> Made:
    """Work on a picture beside the event loop, within the process's limit.

    Once begun it ends, so that its caller learns which files it wrote, and can take them back.
    """
    async with limiter:
        with anyio.CancelScope(shield=True):
            made = await to_thread.run_sync(partial(work, *arguments))
    return made


async def _exchange(session: AsyncSession, made: Made, change: Change) -> list[str]:
    row = await queries.locked(session, change.owner, change.row_id)
    if row is None:
        raise NotFound(change.missing)
    if change.cropped_from not in (None, row.thumbnail_path):
        raise Conflict("The picture was replaced at the same moment")
    old = await abandoned(session, row)
    moment = made.naming.moment.replace(microsecond=0)
    for column, value in rules.columns(made.naming, made.metadata, change.source, moment).items():
        setattr(row, column, value)
    if change.cropped_from is None:
        row.thumbnail_url = None
    await session.flush()
    return old


async def _take_back(database: Database, config: Config, made: Made, change: Change) -> None:
    """Removes the new files, unless the row names them: a commit may fail in our eyes only."""
    try:
        async with database.reading() as session:
            row = await queries.picture_of(session, change.owner, change.row_id)
    except (SQLAlchemyError, OSError):
        return  # nobody can tell; files too many do less harm than files too few
    if row is None or row.thumbnail_path != made.path:
        await to_thread.run_sync(files.remove, config, made.stored)


def _make(config: Config, naming: rules.Naming, image: Image.Image, original_name: str, file_size: int | None) -> Made:
    made = pictures.renditions(image)
    files.write(config, {naming.stored(size): rendition.content for size, rendition in made.items()})
    facts = {size: (one.width, one.height, len(one.content)) for size, one in made.items()}
    length = facts["original"][2] if file_size is None else file_size
    return Made(naming, rules.metadata_of(naming, original_name, length, image.size, facts))
