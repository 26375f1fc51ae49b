"""A stand-in for IMVDb on loopback: real HTTP, and every way in which it can go wrong."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.servers.service import Call, Reply, Service, serving

__all__ = ["KEY", "PATH", "Call", "FakeIMVDb", "Reply", "fake_imvdb", "result", "results"]

KEY = "a-key-for-imvdb"
PATH = "/api/v1"


class FakeIMVDb(Service):
    """It finds nothing, unless `answer` says otherwise."""

    def asked_for(self) -> list[str]:
        """The texts that were searched, in order."""
        return [call.query["q"] for call in self.calls]

    def known(self, call: Call) -> Reply:
        del call
        return Reply(body=b'{"results": []}')


def results(*items: Any) -> Reply:
    """A page of search results."""
    return Reply(body=json.dumps({"total_results": len(items), "results": items}).encode())


def result(number: int, artist: str = "Nova Kestrel", song: Any = "Glass Harbor", **more: Any) -> dict[str, Any]:
    """A search result as IMVDb writes it."""
    return {
        "id": number,
        "production_status": "r",
        "song_title": song,
        "year": 1999,
        "image": {"l": f"https://images.example/{number}_l.jpg", "t": "https://images.example/t.jpg"},
        "artists": [{"name": artist, "slug": artist.lower()}],
        **more,
    }


@contextmanager
def fake_imvdb() -> Iterator[FakeIMVDb]:
    """Serves on a free port until the block ends."""
    with serving(FakeIMVDb(), PATH) as fake:
        yield fake
