"""A write through either side, or past both, is what the next read sees, in every process that keeps answers."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from starlette.testclient import TestClient

from fastapi_app.app import create_app
from fastapi_app.caching.caches import Caches
from fastapi_app.caching.tags import Tag
from fastapi_app.caching.versions import Version, Versions
from fastapi_app.config import Config
from legacy_flask import database
from legacy_flask.app import create_app as create_legacy
from legacy_flask.configuration import LegacySettings
from tests.caching.libraries import copied, shell
from tests.search.libraries import SECRET, artist, put, video

READS = (
    "/api/videos/",
    "/api/videos/?limit=2&sort=artist_name",
    "/api/videos/search?q=song",
    "/api/videos/1",
    "/api/artists/",
    "/api/artists/1",
    "/api/artists/search/advanced?monitored=true",
    "/api/artists/search/filters",
    "/api/genres",
    "/api/genres/Rock/videos",
    "/videos",
    "/wanted",
)
ARTISTS, VIDEOS = st.integers(1, 4), st.integers(1, 6)
NAMES = st.sampled_from(["Band", "Bånd", "Other", "Third"])
STATUSES = st.sampled_from(["WANTED", "DOWNLOADED", "FAILED"])
GENRES = st.lists(st.sampled_from(["Rock", "Pop"]), max_size=2)
Body = Mapping[str, Any] | None
Sent = tuple[str, str, Body]


def _sent(method: str, path: str, **members: Any) -> st.SearchStrategy[Sent]:
    """A request; strategies among the members are drawn from."""
    drawn = {name: value if isinstance(value, st.SearchStrategy) else st.just(value) for name, value in members.items()}
    row = drawn.pop("row", st.just(0))
    return st.tuples(st.just(method), row.map(path.format), st.fixed_dictionaries(drawn))


WRITES = st.one_of(
    _sent("POST", "/api/artists/", name=NAMES),
    _sent("PUT", "/api/artists/{}", row=ARTISTS, name=NAMES, monitored=st.booleans(), keywords=GENRES),
    _sent("DELETE", "/api/artists/{}?force=true", row=ARTISTS, force=True),
    _sent(
        "POST",
        "/api/artists/bulk-edit",
        artist_ids=st.lists(ARTISTS, min_size=1, max_size=3),
        updates=st.just({"monitored": False}),
    ),
    _sent("POST", "/api/artists/merge", primary_artist_id=1, secondary_artist_ids=st.just([2])),
    _sent("POST", "/api/artists/cleanup-zero-videos"),
    _sent("PUT", "/api/videos/{}", row=VIDEOS, title=NAMES, status=STATUSES, artist_name=NAMES),
    _sent("PUT", "/api/videos/{}/status", row=VIDEOS, status=STATUSES),
    _sent("PUT", "/api/videos/bulk/status", video_ids=st.lists(VIDEOS, min_size=1, max_size=3), status=STATUSES),
    _sent("PUT", "/api/genres/videos/{}", row=VIDEOS, genres=GENRES),
    _sent("POST", "/api/videos/bulk/delete", video_ids=st.lists(VIDEOS, min_size=1, max_size=2)),
    _sent("DELETE", "/api/videos/{}", row=VIDEOS),
)
STATEMENTS = st.sampled_from(
    [
        "UPDATE videos SET status = 'FAILED' WHERE id > 2",
        "UPDATE artists SET name = name || '!' WHERE id = 1",
        "DELETE FROM videos WHERE id = 3",
        "INSERT OR IGNORE INTO videos (id, artist_id, title, status) VALUES (3, 1, 'Song three', 'WANTED')",
        "INSERT OR REPLACE INTO artists (id, name) VALUES (4, 'Fourth')",
    ]
)


class Nowhere(Versions):
    """Finds no version of anything: whoever asks makes every answer anew."""

    async def read(self, session: object, tags: frozenset[Tag]) -> Version | None:
        del session, tags
        return None


class Rooms:
    """Two processes that keep answers, one that keeps none, and legacy, over one library."""

    def __init__(self, config: Config, stack: ExitStack) -> None:
        self.config = config
        self.keeping = [stack.enter_context(TestClient(create_app(config))) for _ in range(2)]
        self.truth = stack.enter_context(TestClient(create_app(config)))
        self.truth.app_state["caches"] = Caches("", versions=Nowhere())
        static = config.data_dir / "static"
        static.mkdir()
        legacy = create_legacy(LegacySettings(config.database_url, lambda: (SECRET,), config.data_dir, static))
        stack.callback(database.of(legacy).close)
        self._legacy = legacy.test_client()

    def write(self, side: str, sent: Sent) -> int:
        method, path, body = sent
        if side == "legacy":
            return self._legacy.open(path, method=method, json=body).status_code
        return self.keeping[0].request(method, path, json=body).status_code

    def check(self, path: str, known: Mapping[tuple[int, str], str]) -> Mapping[tuple[int, str], str]:
        """Each process says what is true, and 304 to nobody who has something else. The tags by process and path."""
        true = self.truth.get(path)
        found = {}
        for number, client in enumerate(self.keeping):
            answer = client.get(path)
            assert (answer.status_code, answer.content) == (true.status_code, true.content), path
            tag = answer.headers.get("etag", "")
            before = known.get((number, path), "")
            if before and before != tag:
                assert client.get(path, headers={"if-none-match": before}).status_code != 304
            found[number, path] = tag
        return {**known, **found}


class Coherence(RuleBasedStateMachine):
    """Writes of every kind, and reads in between."""

    rooms: Rooms
    old: sqlite3.Connection

    def __init__(self) -> None:
        super().__init__()
        self.known: Mapping[tuple[int, str], str] = {}

    @initialize()
    def begin(self) -> None:
        with closing(shell(self.rooms.config)) as outside:
            for table in ("downloads", "videos", "artists"):
                outside.execute(f"DELETE FROM {table}")
        put(
            self.rooms.config,
            artist(1, "Band"),
            artist(2, "Other"),
            *(video(n, f"Song {n}", n % 2 + 1) for n in range(1, 6)),
        )
        with closing(shell(self.rooms.config)) as outside:
            outside.backup(self.old)

    @rule(side=st.sampled_from(["legacy", "modern"]), sent=WRITES, path=st.sampled_from(READS))
    def write(self, side: str, sent: Sent, path: str) -> None:
        assert self.rooms.write(side, sent) < 500, sent
        self.known = self.rooms.check(path, self.known)

    @rule(statement=STATEMENTS, path=st.sampled_from(READS))
    def write_past_both(self, statement: str, path: str) -> None:
        with closing(shell(self.rooms.config)) as outside:
            outside.execute("PRAGMA foreign_keys = OFF")
            outside.execute(statement)
        self.known = self.rooms.check(path, self.known)

    @rule(path=st.sampled_from(READS))
    def put_an_old_copy_back(self, path: str) -> None:
        with closing(shell(self.rooms.config)) as outside:
            self.old.backup(outside)
        self.known = self.rooms.check(path, self.known)

    @rule(path=st.sampled_from(READS))
    def read(self, path: str) -> None:
        self.known = self.rooms.check(path, self.known)


@contextmanager
def rooms_over(new_database: Path) -> Iterator[type[Coherence]]:
    with TemporaryDirectory() as folder, ExitStack() as stack:
        over = Rooms(copied(new_database, Path(folder)), stack)
        old = stack.enter_context(closing(sqlite3.connect(":memory:", check_same_thread=False)))
        yield type("Over", (Coherence,), {"rooms": over, "old": old})


def run(new_database: Path, examples: int, steps: int) -> Rooms:
    chosen = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    with rooms_over(new_database) as machine:
        run_state_machine_as_test(machine, settings=chosen)
        return machine.rooms


def test_the_next_read_sees_every_write(new_database: Path) -> None:
    kept = run(new_database, 3, 10).keeping[1].app_state["caches"].store.tallies
    assert sum(tally.hits for tally in kept.values()) > 0


@pytest.mark.long
def test_the_next_read_sees_every_write_of_many(new_database: Path) -> None:
    run(new_database, 60, 40)


def test_this_file_would_notice_an_answer_that_is_kept_for_too_long(
    new_database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def once(_self: Versions, _session: object, _tags: frozenset[Tag]) -> Version:
        return ()

    with rooms_over(new_database) as machine:
        monkeypatch.setattr(Versions, "read", once)
        machine.rooms.check("/api/artists/", {})
        assert machine.rooms.write("legacy", ("POST", "/api/artists/", {"name": "Band"})) == 201
        with pytest.raises(AssertionError, match="/api/artists/"):
            machine.rooms.check("/api/artists/", {})
