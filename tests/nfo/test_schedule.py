"""Edits that hand in no job reach the NFO within minutes: those of the other side, and those of artists."""

import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from starlette.testclient import TestClient

from fastapi_app.app import create_app
from fastapi_app.config import database_address
from fastapi_app.jobs import running, upkeep
from fastapi_app.jobs.states import Queue
from fastapi_app.models import Artist, Job, Setting, Video
from fastapi_app.nfo import schedule
from legacy_flask import database
from legacy_flask.app import create_app as create_legacy
from legacy_flask.configuration import LegacySettings
from tests.renames.houses import House

START = datetime(2026, 1, 2, tzinfo=UTC)
LATER = timedelta(minutes=3)
"""After the last of these an edit has reached its file, if a worker is free: see `docs/naming.md`."""

Ask = Callable[[str, str, dict[str, Any]], int]


@pytest.fixture
def film(house: House) -> Path:
    house.set("require_authentication", "false")
    house.set("write_nfo", "true")
    house.film(2, "Other/Two.mp4", "Two", artist="Other")
    return house.film(1, "Nova/One.mp4", "One")


@pytest.fixture
def legacy(house: House, film: Path) -> Iterator[Flask]:
    address = house.config.database_url or database_address(house.config).set(drivername="sqlite").render_as_string()
    made = create_legacy(LegacySettings(address, lambda: ("secret",), house.config.data_dir, house.library))
    yield made
    database.of(made).close()


def forgotten(house: House) -> None:
    """Every row was edited long ago, and all of that was handed in."""
    long_ago = START.replace(tzinfo=None)
    with house.writing() as session:
        session.execute(update(Video).values(updated_at=long_ago))
        session.execute(update(Artist).values(updated_at=long_ago))
    house.set(schedule.LAST, (long_ago + timedelta(seconds=1)).isoformat())


def work(house: House) -> dict[str, Any]:
    """What the job answers that was handed in last."""
    assert running.attempt(house.config, house.engine, Queue.METADATA)
    job = house.read(lambda session: session.scalars(select(Job).order_by(Job.id.desc()).limit(1)).one())
    assert job.state == "completed", job.error_log
    assert isinstance(job.result, dict)
    return job.result


def jobs(house: House) -> int:
    return house.read(lambda session: session.scalar(select(func.count()).select_from(Job))) or 0


def remembered(house: House) -> str | None:
    return house.read(lambda session: session.scalar(select(Setting.value).where(Setting.key == schedule.LAST)))


def text_of(film: Path, name: str) -> str | None:
    return ET.parse(film.with_suffix(".nfo")).getroot().findtext(name)


@pytest.mark.parametrize(
    "house", ["sqlite", pytest.param("mariadb", marks=[pytest.mark.mariadb, pytest.mark.long])], indirect=True
)
def test_an_edit_by_either_side_reaches_the_file(house: House, film: Path, legacy: Flask) -> None:
    old = legacy.test_client()
    with TestClient(create_app(house.config)) as modern:

        def edit(ask: Ask, method: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
            forgotten(house)
            assert ask(method, path, body) == 200
            assert not schedule.look(house.engine, datetime.now(UTC)), "it may not be committed everywhere"
            assert schedule.look(house.engine, datetime.now(UTC) + LATER)
            return work(house)

        def by_legacy(method: str, path: str, body: dict[str, Any]) -> int:
            return old.open(path, method=method, json=body).status_code

        def by_modern(method: str, path: str, body: dict[str, Any]) -> int:
            return modern.request(method, path, json=body).status_code

        assert edit(by_legacy, "PUT", "/api/videos/1", {"title": "New"})["videos"] == 1
        assert text_of(film, "title") == "New"
        assert edit(by_legacy, "PUT", "/api/artists/4", {"name": "Novella"})["videos"] == 1
        assert text_of(film, "artist") == "Novella"
        assert edit(by_modern, "PUT", "/api/artists/4", {"name": "Novelist"})["videos"] == 1
        assert text_of(film, "artist") == "Novelist"
        both = {"primary_artist_id": 5, "secondary_artist_ids": [4]}
        assert edit(by_legacy, "POST", "/api/artists/merge", both)["videos"] >= 1
        assert text_of(film, "artist") == "Other"
        assert edit(by_legacy, "PUT", "/api/videos/bulk/status", {"video_ids": [1], "status": "IGNORED"}) == {
            "written": 0, "unchanged": 1, "kept": 0, "videos": 1, "missing": 0, "failed": 0, "reasons": [],
        }  # fmt: skip


def test_nothing_is_written_while_nothing_happens(house: House, film: Path) -> None:
    forgotten(house)
    before = remembered(house)
    assert not any(schedule.look(house.engine, START + minute * LATER) for minute in range(20))
    assert (remembered(house), jobs(house)) == (before, 0)


def test_edits_wait_while_the_last_job_is_under_way(house: House, film: Path) -> None:
    forgotten(house)
    present = datetime.now(UTC)
    house.change(Video(id=1, title="First"))
    assert schedule.look(house.engine, present + LATER)
    moments = [present + LATER + timedelta(minutes=minute) for minute in (1, 20)]
    house.change(Video(id=2, title="Second", updated_at=(present + LATER).replace(tzinfo=None)))
    assert not any(schedule.look(house.engine, moment) for moment in moments)
    assert work(house)["videos"] == 2, "it looks at what was edited since, too"
    assert schedule.look(house.engine, moments[1]), "and yet the next one makes sure"
    assert work(house)["unchanged"] == 1
    assert not schedule.look(house.engine, moments[1] + LATER)


def test_who_switches_it_on_begins_at_the_present(house: House, film: Path) -> None:
    house.set("write_nfo", "false")
    for expected in (False, False):
        assert schedule.look(house.engine, datetime.now(UTC) + 9 * LATER) is expected
    house.set("write_nfo", "true")
    assert not schedule.look(house.engine, datetime.now(UTC) + 9 * LATER)
    assert not schedule.look(house.engine, datetime.now(UTC) + 10 * LATER)
    house.set(schedule.LAST, "nonsense")
    assert not schedule.look(house.engine, datetime.now(UTC) + 11 * LATER)
    house.change(Video(id=1, title="New", updated_at=datetime.now(UTC).replace(tzinfo=None) + 11 * LATER))
    assert schedule.look(house.engine, datetime.now(UTC) + 12 * LATER)
    house.set("write_nfo", "false")
    assert not schedule.look(house.engine, datetime.now(UTC) + 13 * LATER)
    assert remembered(house) is None


def test_a_film_that_is_not_there_concerns_nobody(house: House, film: Path) -> None:
    forgotten(house)
    house.change(Artist(id=9, name="Nobody's"))
    house.change(Video(id=3, artist_id=9, title="Wanted"))
    assert not schedule.look(house.engine, datetime.now(UTC) + LATER)


def test_beat_looks(house: House, film: Path) -> None:
    upkeep.check_schedule(house.config, house.engine)
    assert remembered(house) is not None
