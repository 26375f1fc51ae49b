"""A stand-in for YouTube's data interface on loopback: real HTTP, playlists in pages, and ways to go wrong."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.servers.service import Call, Reply, Service, serving

__all__ = ["KEY", "PATH", "Call", "FakeYouTube", "Reply", "fake_youtube", "film", "items", "refusal"]

KEY = "a-key-for-youtube"
PATH = "/youtube/v3"


@dataclass
class FakeYouTube(Service):
    """Its playlists by id, and their videos in order."""

    playlists: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def asked_for(self, path: str) -> list[Mapping[str, str]]:
        """The queries of the calls of one kind, in order."""
        return [call.query for call in self.calls if call.path == path]

    def known(self, call: Call) -> Reply:
        if call.path == "/playlists":
            return items(_playlist(call.query["id"])) if call.query["id"] in self.playlists else items()
        if call.path == "/videos":
            asked = call.query["id"].split(",")
            known = {one["id"]: one for films in self.playlists.values() for one in films if "gone" not in one}
            return items(*(known[one] for one in asked if one in known))
        films = self.playlists.get(call.query["playlistId"])
        if films is None:
            return refusal(404, "playlistNotFound")
        return _page(films, int(call.query.get("pageToken", "0")), int(call.query["maxResults"]))


def film(youtube_id: str, title: str, channel: str = "Some Channel", **more: Any) -> dict[str, Any]:
    """A video as YouTube writes it. With `gone` it is in playlists, and nothing is told of it."""
    return {
        "id": youtube_id,
        "snippet": {
            "title": title,
            "channelTitle": channel,
            "description": f"About {title}",
            "publishedAt": "2011-05-06T07:08:09Z",
            "thumbnails": {
                "default": {"url": f"https://i.example/{youtube_id}/default.jpg"},
                "high": {"url": f"https://i.example/{youtube_id}/high.jpg"},
            },
        },
        "contentDetails": {"duration": "PT3M7S"},
        "statistics": {"viewCount": "9000000000", "likeCount": "12"},
        **more,
    }


def items(*found: Any, **more: Any) -> Reply:
    return Reply(body=json.dumps({"items": found, **more}).encode())


def refusal(status: int, reason: str) -> Reply:
    """An error as YouTube words it."""
    told = {"code": status, "message": "a secret message", "errors": [{"reason": reason, "domain": "youtube"}]}
    return Reply(status, json.dumps({"error": told}).encode())


def _playlist(playlist_id: str) -> dict[str, Any]:
    snippet = {"title": f"List {playlist_id}", "channelTitle": "Curator", "channelId": "UCcurator"}
    return {"id": playlist_id, "snippet": snippet}


def _page(films: list[dict[str, Any]], start: int, most: int) -> Reply:
    entries = [
        {"snippet": {"title": one["snippet"]["title"], "resourceId": {"videoId": one["id"]}}}
        for one in films[start : start + most]
    ]
    following = {"nextPageToken": str(start + most)} if start + most < len(films) else {}
    return items(*entries, **following)


@contextmanager
def fake_youtube() -> Iterator[FakeYouTube]:
    """Serves on a free port until the block ends."""
    with serving(FakeYouTube(), PATH) as fake:
        yield fake
