"""Artists with videos whose every column holds something odd, and what refers to them."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import text

from fastapi_app.models import Download, Job, Playlist, PlaylistEntry, Video, VideoStatus
from tests.fastapi_app.conftest import Client
from tests.fastapi_app.library import artist, video

Rows = Callable[..., None]
WATCHED = ("artists", "videos", "downloads", "playlists", "playlist_entries", "jobs")


def fill(rows: Rows) -> None:
    """Artist 1 has videos 1 to 3, artist 2 has video 4. Videos 1 and 4 are in a playlist; download 1 has a job."""
    rows(
        artist(1, "Björk", imvdb_id="b1", genres=["Rock", "ü"], keywords='{"1e999": "\\"'),
        artist(2, "فرقة الميناء"),
        full(1),
        video(2, "Unknown", youtube_id="same", status=VideoStatus.FAILED),
        video(3, "Third", youtube_id="same"),
        video(4, "Elsewhere", 2),
        Download(id=1, artist_id=1, video_id=1, title="d", original_url="u", download_metadata={"a": [1, None, "é"]}),
        Download(id=2, artist_id=1, video_id=None, title="of nobody", original_url="u"),
        Download(id=3, artist_id=2, video_id=4, title="d", original_url="u"),
        Job(id=1, kind="download", subject="video 1", queue="downloads", payload={}, download_id=1),
        Playlist(id=1, name="Mine", is_public=True),
        PlaylistEntry(id=1, playlist_id=1, video_id=1, position=1000),
        PlaylistEntry(id=2, playlist_id=1, video_id=4, position=2000),
    )


def full(row_id: int) -> Video:
    return video(
        row_id,
        'A "title" with 🪩, a \\ and a\nline',
        imvdb_id="v1",
        youtube_id="yt",
        url="https://example.org/?a=1&b=%C3%A9",
        thumbnail_metadata={"sizes": {"small": "x"}, "empty": {}},
        thumbnail_uploaded_at=datetime(2026, 1, 2, 3, 4, 5),  # noqa: DTZ001
        duration=3723,
        year=-1,
        description="x" * 60_000,
        genres=["Rock", "", None, 1.5],
        directors=None,
        status=VideoStatus.DOWNLOADED,
        video_metadata={"deep": [[[{"ключ": True}]]]},
    )


async def stored(client: Client) -> dict[str, list[dict[str, Any]]]:
    """Every row of the tables that a deletion touches, as the database has it."""
    found = {}
    async with client.state["database"].reading() as session:
        for name in WATCHED:
            rows = (await session.execute(text(f"SELECT * FROM {name} ORDER BY id"))).mappings()
            found[name] = [dict(row) for row in rows]
    return found
