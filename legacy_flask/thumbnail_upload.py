"""A picture from a form, and its way into the files and the row."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex
from typing import Any

from flask import request
from PIL import Image
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import RequestEntityTooLarge

from fastapi_app.models import Artist, Video
from legacy_flask import thumbnail_files, thumbnail_pictures, thumbnail_rules
from legacy_flask.configuration import current_settings
from legacy_flask.database import database, transaction
from legacy_flask.errors import BadRequest, TooLarge
from legacy_flask.stored_paths import existing_file
from legacy_flask.thumbnail_rules import PRIMARY, SIZES, Upload

Owner = Artist | Video
_MOST_BYTES = 10 * 1024 * 1024
_FORM_BYTES = 64 * 1024
"""What the form may take besides the picture."""


@dataclass(frozen=True)
class Made:
    """A picture whose files are written, and what the row and the answer tell of it."""

    upload: Upload
    metadata: dict[str, Any]

    @property
    def path(self) -> str:
        return self.upload.stored(PRIMARY)


def received(field: str, missing: str) -> FileStorage:
    """The file in that field of the form. Raises BadRequest, with the message `missing` for none, and TooLarge."""
    request.max_content_length = _MOST_BYTES + _FORM_BYTES
    try:
        file = request.files.get(field)
    except RequestEntityTooLarge:
        raise TooLarge(_MOST_BYTES) from None
    if file is None:
        raise BadRequest(missing)
    if not file.filename:
        raise BadRequest("No file selected")
    thumbnail_rules.check_file_name(file.filename)
    if _length(file) > _MOST_BYTES:
        raise TooLarge(_MOST_BYTES)
    return file


def begin(kind: str, name: str) -> Upload:
    """A new upload, now."""
    return Upload(kind, name, datetime.now(UTC).replace(tzinfo=None), token_hex(4))


def store(upload: Upload, file: FileStorage) -> Made:
    """Reads what was sent, and writes its sizes. Raises BadRequest and Unavailable."""
    picture = thumbnail_pictures.read(file.stream)
    return _store(upload, picture, thumbnail_rules.shown_name(file.filename or ""), _length(file))


def store_crop(upload: Upload, path: Path, box: tuple[int, int, int, int]) -> Made:
    """Cuts `box` out of a stored picture, and writes its sizes. Raises BadRequest and Unavailable."""
    with path.open("rb") as file:
        picture = thumbnail_pictures.read(file)
    thumbnail_rules.check_box(box, picture.width, picture.height)
    return _store(upload, picture.crop(box), f"cropped_{path.name}", None)


def first_file(stored_paths: Sequence[str]) -> Path:
    """The first of these stored files that is there. Raises BadRequest."""
    settings = current_settings()
    for stored in stored_paths:
        path = existing_file(stored, settings)
        if path is not None:
            return path
    raise BadRequest("No thumbnail to crop")


@contextmanager
def exchange(find: Callable[[Session], Owner]) -> Iterator["Exchange"]:
    """A transaction in which the row that `find` finds gets another picture, or none.

    Files of the old picture go after the commit; when the block or the commit fails, the new ones go instead.
    """
    begun: Exchange | None = None
    try:
        with transaction() as session:
            begun = Exchange(session, find(session))
            yield begun
    except BaseException:  # whatever ended it: undone, and raised again
        if begun is not None and begun.made is not None:
            _take_back(begun, begun.made)
        raise
    thumbnail_files.remove(begun.abandoned)


class Exchange:
    """One row's change of picture, inside its transaction."""

    def __init__(self, session: Session, row: Any) -> None:
        self.row = row
        self.made: Made | None = None
        self.model, self.row_id = type(row), row.id
        self.abandoned = thumbnail_rules.stored_files(row.thumbnail_path, row.thumbnail_metadata)
        if row.thumbnail_path and self._is_shared(session):
            self.abandoned.remove(row.thumbnail_path)

    def take(self, made: Made, source: str) -> None:
        """Gives the row the new picture."""
        self.made = made
        self.row.thumbnail_path = made.path
        self.row.thumbnail_source = source
        self.row.thumbnail_metadata = made.metadata
        self.row.thumbnail_uploaded_at = made.upload.moment.replace(microsecond=0)

    def _is_shared(self, session: Session) -> bool:
        """Whether another row names the same file: pictures of equal names and addresses were fetched only once."""
        model = self.model
        query = session.query(model.id).filter(model.thumbnail_path == self.row.thumbnail_path, model.id != self.row_id)
        return query.first() is not None


def _take_back(failed: Exchange, made: Made) -> None:
    """Removes the new files, unless the row names them: a commit may fail in our eyes only."""
    reader = database().session(writes=False)
    try:
        model = failed.model
        current = reader.query(model.thumbnail_path).filter(model.id == failed.row_id).scalar()
        reader.rollback()
    except SQLAlchemyError:
        return  # nobody can tell; files too many do less harm than files too few
    if current != made.path:
        thumbnail_files.remove(made.upload.stored(size) for size in SIZES)


def _store(upload: Upload, picture: Image.Image, original_name: str, file_size: int | None) -> Made:
    made = thumbnail_pictures.sizes_of(picture)
    thumbnail_files.write({upload.stored(size): jpeg.content for size, jpeg in made.items()})
    metadata = {
        "upload_id": upload.token,
        "original_filename": original_name,
        "upload_timestamp": upload.moment.isoformat(timespec="microseconds"),
        "original_size": list(picture.size),
        "file_size": len(made["original"].content) if file_size is None else file_size,
        "format": "JPEG",
        "sizes": {
            size: {
                "path": upload.stored(size),
                "size": [jpeg.width, jpeg.height],
                "file_size": len(jpeg.content),
                "filename": upload.file_name(size),
            }
            for size, jpeg in made.items()
        },
    }
    return Made(upload, metadata)


def _length(file: FileStorage) -> int:
    """The size of an upload in bytes; afterwards it is read from its beginning."""
    length = file.stream.seek(0, 2)
    file.stream.seek(0)
    return length
