"""A picture as an answer."""

from collections.abc import Sequence
from typing import Any

from anyio import to_thread
from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app import openapi
from fastapi_app.errors import NotFound
from fastapi_app.media.file_response import FileResponse
from fastapi_app.models import INTEGER_MAX
from fastapi_app.responses import iso
from fastapi_app.thumbnails import files, queries
from fastapi_app.transaction import Record

NONE = "No thumbnail available"
ARTIST_PLACEHOLDER = "placeholder-artist.png"
VIDEO_PLACEHOLDER = "placeholder-video.png"
PICTURE: dict[int | str, dict[str, Any]] = {
    200: {"description": "The picture", "content": {"image/*": {}}},
    206: {"description": "The ranges asked for", "content": {"image/*": {}}},
    304: {"description": "The client has it already"},
}
TOO_LARGE: dict[int | str, dict[str, Any]] = {
    413: {"model": openapi.Problem, "description": "The picture is larger than 10 MiB"}
}


async def picture(request: Request, stored_paths: Sequence[str], placeholder: str = "") -> FileResponse:
    """The first of these files that is there, else the placeholder. Raises NotFound and BadRange."""
    found = await to_thread.run_sync(files.open_first, request.state.config, stored_paths, placeholder)
    if found is None:
        raise NotFound(NONE)
    return FileResponse(found.file, request.headers, name=found.name, media_type=found.media_type)


async def stored_picture(session: AsyncSession, owner: queries.Owner, row_id: int, missing: str) -> Record:
    """What a row says of its picture. Raises NotFound."""
    row = await queries.picture_of(session, owner, row_id) if row_id <= INTEGER_MAX else None
    if row is None:
        raise NotFound(missing)
    return row


async def described(request: Request, row: Record) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """What a row says of its picture, and what the file says where there is one that can be read."""
    path = row.thumbnail_path
    said = {
        "has_thumbnail": bool(path or row.thumbnail_url),
        "thumbnail_url": row.thumbnail_url,
        "thumbnail_path": path,
        "thumbnail_source": row.thumbnail_source,
        "thumbnail_uploaded_at": iso(row.thumbnail_uploaded_at),
    }
    return said, await to_thread.run_sync(files.describe, request.state.config, path) if path else None


def form(field: str) -> dict[str, Any]:
    """The body of an upload, for `openapi_extra`."""
    file = {"type": "string", "format": "binary", "description": "JPEG, PNG, WebP or GIF of at most 10 MiB"}
    schema = {"type": "object", "required": [field], "properties": {field: file}}
    return {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": schema}}}}
