"""Videos that sequences begin with: put into the database until a later part brings the route that makes them."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from fastapi_app.models import WRITES, Video
from tests.golden.line import Line

IMPORT = "/api/videos/import-from-youtube"


def stands_in(line: Line) -> bool:
    """Whether this step only makes the video that later steps are about."""
    return line.path == IMPORT and line.status == 201


def import_video(engine: Engine, body: Mapping[str, Any]) -> int:
    """The row as 0.9's import makes it; its id."""
    published = body.get("published_at")
    video = Video(
        artist_id=body["artist_id"],
        title=body["title"],
        youtube_id=body["youtube_id"],
        thumbnail_url=body.get("thumbnail_url", ""),
        duration=body.get("duration"),
        view_count=body.get("view_count"),
        like_count=body.get("like_count"),
        year=int(published[:4]) if published else None,
    )
    with Session(engine.execution_options(**{WRITES: True})) as session, session.begin():
        session.add(video)
        session.flush()
        made: int = video.id
    return made
