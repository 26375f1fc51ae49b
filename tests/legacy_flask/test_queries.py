"""The control is honest: it asks the database as often as the real 0.9 did, route by route."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine

from fastapi_app.models import UserRole
from legacy_flask import database
from legacy_flask.front_door import build_legacy
from tests.golden.library import load_library
from tests.golden.line import GOLDEN
from tests.legacy_flask.library import Library, artist, statements, video
from tests.servers.mariadb import start_mariadb

GATE = 1
"""0.9's login gate adds one query where it is on; ours always asks one, for the login or for the setting."""


def selects(engine: Engine, client: FlaskClient, path: str) -> int:
    client.get(path, buffered=True)
    with statements(engine) as seen:
        assert client.get(path, buffered=True).status_code == 200
    return len([text for text in seen if text.lstrip().upper().startswith("SELECT")])


@pytest.fixture(scope="module")
def fixture(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Engine, FlaskClient]]:
    """The application on the library that 0.9's queries were counted on."""
    folder = tmp_path_factory.mktemp("queries")
    with start_mariadb(tmp_path_factory.mktemp("mariadb")) as mariadb:
        app = build_legacy(load_library(mariadb, "queries", folder).config)
        yield database.of(app).engine, app.test_client()
        database.of(app).close()


@pytest.mark.shared
@pytest.mark.mariadb
@pytest.mark.skipif(not GOLDEN.is_dir(), reason="needs ../shared, the fixture of MVidarr 0.9")
@pytest.mark.parametrize(
    ("path", "counted", "gate"),
    [
        ("/api/artists/", 2, GATE),
        ("/api/videos/?limit=50", 35, GATE),
        ("/api/videos/", 277, GATE),
        ("/api/videos/97", 2, GATE),
        ("/api/settings/", 1, GATE),
        ("/api/health", 1, 0),
        ("/static/mvidarr.css", 0, 0),
        ("/api/videos/97/stream", 1, GATE),
        ("/api/videos/1/thumbnail", 1, GATE),
    ],
)
def test_as_many_queries_as_in_0_9(fixture: tuple[Engine, FlaskClient], path: str, counted: int, gate: int) -> None:
    engine, client = fixture
    assert selects(engine, client, path) == counted + gate


def test_artists_of_a_listing_are_loaded_one_by_one(library: Library) -> None:
    library.add(artist(1), artist(2, "Other"), video(1), video(2), video(3, artist_id=2))
    engine = database.of(library.app).engine
    assert selects(engine, library.client(), "/api/videos/") == GATE + 2 + 2
    assert selects(engine, library.client(), "/api/videos/?limit=2&sort=created_at") == GATE + 2 + 1
    assert selects(engine, library.client(), "/api/artists/") == GATE + 2


def test_a_login_costs_one_query_and_the_setting_none(library: Library) -> None:
    library.close_gate()
    engine = database.of(library.app).engine
    client = library.log_in(UserRole.READONLY)
    with statements(engine) as seen:
        client.get("/api/health")
        client.get("/api/videos/")
    assert len([text for text in seen if "user_sessions" in text]) == 1
    assert not [text for text in seen if "FROM settings" in text]


def test_one_transaction_per_request(library: Library, tmp_path: Path) -> None:
    library.add(artist(1), video(1))
    engine = database.of(library.app).engine
    with statements(engine) as seen:
        library.client().get("/api/videos/1")
    assert [text for text in seen if text.startswith("BEGIN")] == ["BEGIN"]
