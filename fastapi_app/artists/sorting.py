"""The orders in which artists can be asked for."""

from typing import Any

from sqlalchemy import ColumnElement, Label, UnaryExpression
from sqlalchemy.orm import InstrumentedAttribute

from fastapi_app.artists.queries import video_count
from fastapi_app.models import Artist

BY_VIDEOS = "video_count"


def place(sort: str) -> Label[Any]:
    """What `sort` sorts by, as a column; an unknown one means the name.

    Videos are counted artist by artist in the index: faster than grouping all videos, and only for those that match.
    """
    if sort == BY_VIDEOS:
        return video_count().label("place")
    columns: dict[str, Any] = {"created_at": Artist.created_at, "updated_at": Artist.updated_at}
    found: Label[Any] = columns.get(sort, Artist.name).label("place")
    return found


def ordered(
    by: ColumnElement[Any], row_id: ColumnElement[int] | InstrumentedAttribute[int], *, descending: bool
) -> tuple[UnaryExpression[Any], UnaryExpression[int]]:
    """An `ORDER BY` that leaves no two artists at the same place."""
    return (by.desc() if descending else by.asc(), row_id.asc())
