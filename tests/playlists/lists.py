"""Playlists for tests: asked for as any client asks."""

from typing import Any

from fastapi_app.models import Playlist, PlaylistEntry
from tests.fastapi_app.conftest import Client
from tests.fastapi_app.library import CREATED


def playlist(row_id: int = 1, name: str = "Sunday", **columns: Any) -> Playlist:
    given = {"id": row_id, "name": name, "created_at": CREATED, "updated_at": CREATED}
    flags = {"is_public": False, "is_featured": False, "is_dynamic": False, "auto_update": False}
    return Playlist(**{**given, **flags, **columns})


def entry(row_id: int, video_id: int, position: int, playlist_id: int = 1) -> PlaylistEntry:
    given = {"id": row_id, "video_id": video_id, "position": position, "playlist_id": playlist_id}
    return PlaylistEntry(**given, added_at=CREATED)


async def make(client: Client, *video_ids: int, **members: Any) -> int:
    """A new playlist with these videos; its id."""
    made = await client.post("/api/playlists/", json={"name": "Sunday", **members})
    assert made.status_code == 201, made.text
    playlist_id: int = made.json()["id"]
    if video_ids:
        added = await client.post(f"/api/playlists/{playlist_id}/videos", json={"video_ids": list(video_ids)})
        assert added.status_code == 200, added.text
    return playlist_id


async def shown(client: Client, playlist_id: int, query: str = "") -> dict[str, Any]:
    """What one playlist answers."""
    answer = await client.get(f"/api/playlists/{playlist_id}{query}")
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def videos(client: Client, playlist_id: int) -> list[int]:
    """The videos in order. Their places are counted from 1, without gaps."""
    entries = (await shown(client, playlist_id, "?per_page=200"))["playlist"]["entries"]
    assert [row["position"] for row in entries] == list(range(1, len(entries) + 1))
    return [row["video_id"] for row in entries]


async def entry_of(client: Client, playlist_id: int, video_id: int) -> int:
    """The entry of a video."""
    entries = (await shown(client, playlist_id, "?per_page=200"))["playlist"]["entries"]
    return next(int(row["id"]) for row in entries if row["video_id"] == video_id)
