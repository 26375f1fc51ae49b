"""A stand-in for YouTube's data interface on loopback: real HTTP, playlists in pages, and ways to go wrong."""

import json
import socketserver
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

KEY = "a-key-for-youtube"
PATH = "/youtube/v3"


@dataclass(frozen=True)
class Call:
    """One request as it arrived."""

    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Reply:
    """What is sent. `hang_up` ends the connection without a word."""

    status: int = 200
    body: bytes = b'{"items": []}'
    headers: tuple[tuple[str, str], ...] = ()
    hang_up: bool = False


@dataclass
class FakeYouTube:
    """Its playlists by id, their videos in order, and what was asked. `answer` may replace what it says itself."""

    url: str = ""
    calls: list[Call] = field(default_factory=list)
    playlists: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    answer: Callable[[Call], Reply | None] = field(default=lambda _call: None)
    waiting: threading.Event = field(default_factory=threading.Event)
    """Set when a call is held back by `hold`."""
    _released: threading.Event = field(default_factory=threading.Event)

    def asked_for(self, path: str) -> list[Mapping[str, str]]:
        """The queries of the calls of one kind, in order."""
        return [call.query for call in self.calls if call.path == path]

    def hold(self, call: Call) -> Reply | None:
        """An answer that comes after `release` only."""
        del call
        self.waiting.set()
        self._released.wait(30)
        return None

    def release(self) -> None:
        self._released.set()

    def reply(self, call: Call) -> Reply:
        said = self.answer(call)
        return said if said is not None else self._known(call)

    def _known(self, call: Call) -> Reply:
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
    fake = FakeYouTube()
    server = _Server(("127.0.0.1", 0), _handler(fake))
    fake.url = f"http://127.0.0.1:{server.server_port}{PATH}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield fake
    finally:
        fake.release()
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that leaves early is part of the tests."""

    def shutdown_request(self, request: Any) -> None:
        socketserver.TCPServer.shutdown_request(self, request)


def _handler(fake: FakeYouTube) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
            call = Call(parts.path.removeprefix(PATH), query, {k.lower(): v for k, v in self.headers.items()})
            fake.calls.append(call)
            self._send(fake.reply(call))

        def _send(self, reply: Reply) -> None:
            self.close_connection = True
            if reply.hang_up:
                return
            self.send_response(reply.status)
            for name, value in (("Content-Type", "application/json"), ("Connection", "close"), *reply.headers):
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(reply.body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name that the base class has
            """Says nothing."""

    return Handler
