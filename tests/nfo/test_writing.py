"""Files beside films: written whole, never over what somebody else wrote, and never a reason for anything to fail."""

import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from starlette.testclient import TestClient

from fastapi_app.app import create_app
from fastapi_app.jobs import running
from fastapi_app.jobs.states import Queue
from fastapi_app.jobs.submission import submit
from fastapi_app.models import Job, Video
from fastapi_app.nfo import handing_in, kinds
from fastapi_app.nfo.payload import WriteNfo
from fastapi_app.thumbnails.pictures import read
from tests.renames.houses import House


@pytest.fixture
def film(house: House) -> Path:
    house.set("write_nfo", "true")
    return house.film(1, "Nova/One.mp4", "One & only", year=1999)


def write(house: House, **payload: Any) -> dict[str, Any]:
    """What a job answers."""
    with house.writing() as session:
        job_id = submit(session, kinds.WRITE, kinds.ALL, WriteNfo(**payload).model_dump()).job.id
    assert running.attempt(house.config, house.engine, Queue.METADATA)
    job = house.read(lambda session: session.get_one(Job, job_id))
    assert job.state == "completed", job.error_log
    assert isinstance(job.result, dict)
    return job.result


def title(film: Path) -> str | None:
    return ET.parse(film.with_suffix(".nfo")).getroot().findtext("title")


def test_ours_are_written_anew_and_others_kept_without_consent(house: House, film: Path) -> None:
    assert write(house)["written"] == 1
    assert title(film) == "One & only"
    assert write(house)["unchanged"] == 1
    house.change(Video(id=1, title="Other"))
    assert write(house)["written"] == 1
    edited = film.with_suffix(".nfo").read_text().replace("Other", "Mine")
    film.with_suffix(".nfo").write_text(edited)
    assert write(house)["kept"] == 1
    assert title(film) == "Mine"
    assert write(house, replace=True)["written"] == 1
    assert title(film) == "Other"
    assert sorted(house.files()) == ["Nova/One.mp4", "Nova/One.nfo"]


def test_a_link_is_not_followed(house: House, film: Path) -> None:
    outside = house.config.data_dir / "secret.txt"
    outside.write_text("secret")
    film.with_suffix(".nfo").symlink_to(outside)
    assert write(house)["kept"] == 1
    assert write(house, replace=True)["written"] == 1
    assert outside.read_text() == "secret"
    assert not film.with_suffix(".nfo").is_symlink()


def test_a_folder_that_cannot_be_written_is_told(house: House, film: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(Path, "replace", refuse)
    result = write(house)
    assert (result["failed"], result["reasons"][0]["video_id"]) == (1, 1)
    assert "Read-only file system" in result["reasons"][0]["reason"]
    assert [name for name in house.files() if name != "Nova/One.mp4"] == []


def test_missing_films_and_films_outside_get_nothing(house: House, film: Path) -> None:
    film.unlink()
    house.film(2, "x.mp4", "Two", home="/etc")
    assert write(house)["missing"] == 2
    assert list(house.files()) == ["x.mp4"]


@pytest.mark.parametrize(
    ("suffix", "name"), [("-poster", "One-poster.jpg"), ("-thumb", "One-thumb.jpg"), ("none", "One.jpg")]
)
def test_the_picture_goes_beside_the_film(house: House, film: Path, suffix: str, name: str) -> None:
    picture = house.config.data_dir / "thumbnails" / "a.webp"
    picture.parent.mkdir()
    Image.new("RGB", (40, 20), (200, 10, 10)).save(picture)
    house.change(Video(id=1, thumbnail_path="data/thumbnails/a.webp"))
    house.set("write_artwork", "true")
    house.set("write_nfo", "false")
    house.set("artwork_suffix", suffix)
    assert write(house)["written"] == 1
    with film.with_name(name).open("rb") as file:
        assert read(file).size == (40, 20)
    assert write(house)["unchanged"] == 1
    film.with_name(name).write_bytes(b"\xff\xd8 mine")
    assert write(house)["kept"] == 1


def test_an_edit_hands_in_a_job_where_it_is_switched_on(house: House, film: Path) -> None:
    house.set("require_authentication", "false")
    with TestClient(create_app(house.config)) as client:
        assert client.put("/api/videos/1", json={"title": "New"}).status_code == 200
        assert running.attempt(house.config, house.engine, Queue.METADATA)
        assert title(film) == "New"
        made = client.post("/api/nfo", json={"replace": True})
        assert (made.status_code, made.json()["created"]) == (202, True)
        house.set("write_nfo", "false")
        assert client.post("/api/nfo", json={}).status_code == 409
        assert client.post("/api/nfo", json={"replace": "x"}).status_code == 400


def test_a_download_hands_in_a_job_where_it_is_switched_on(house: House, film: Path) -> None:
    with house.writing() as session:
        handing_in.after_download(session, 1)
        handing_in.after_download(session, None)
    house.set("write_nfo", "false")
    with house.writing() as session:
        handing_in.after_download(session, 2)
    assert house.read(lambda session: session.query(Job.subject).all()) == [("video 1",)]
    house.set("write_nfo", "true")
    assert running.attempt(house.config, house.engine, Queue.METADATA)
    assert title(film) == "One & only"
