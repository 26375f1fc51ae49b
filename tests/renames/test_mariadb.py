"""Renaming over MariaDB, whose texts are blind to case and accents: killed, resumed, taken back."""

import pytest
from sqlalchemy import inspect, select, text
from starlette.testclient import TestClient

from fastapi_app.app import create_app
from fastapi_app.models import Download, Rename, RenamedFile
from fastapi_app.schema import upgrade
from tests.renames.houses import House
from tests.renames.killing import every_film_is_played, reaped, work_and_die

pytestmark = [
    pytest.mark.mariadb,
    pytest.mark.long,
    pytest.mark.parametrize("house", ["mariadb"], indirect=True),
]

LIBRARY = (
    (1, "Nova/Two.mp4", "One"),
    (2, "Nova/One.mp4", "Two"),
    (3, "nova/three.mp4", "Three"),
    (4, "old/Jóga 🎵.mp4", "Jóga 🎵"),
    (5, "old/Joga 🎵.mp4", "Joga 🎵"),
)
"""Two that exchange their names, one that changes its case, two that MariaDB takes for equal."""

RENAMED = ("Nova/Joga 🎵.mp4", "Nova/Jóga 🎵.mp4", "Nova/One.mp4", "Nova/Three.mp4", "Nova/Two.mp4")


@pytest.fixture
def full(house: House) -> House:
    house.set("require_authentication", "false")
    for number, below, title in LIBRARY:
        house.film(number, below, title).with_suffix(".nfo").write_text(f"nfo {number}")
    return house


@pytest.mark.parametrize("point", [3, 4, 10, 14, 27])
def test_a_run_is_tried_killed_resumed_and_taken_back(full: House, point: int) -> None:
    before = full.files()
    spelled = "/app/data/musicvideos/Nova/Two.mp4"
    full.change(Download(id=1, artist_id=4, video_id=1, title="One", original_url="x", file_path=spelled))
    with TestClient(create_app(full.config)) as client:
        told = client.post("/api/renames/preview", json={"counts": True}).json()
        assert told["counts"] == {"total": 5, "rename": 5, "unchanged": 0, "outside": 0, "conflict": 0}
        rename_id = client.post("/api/renames", json={}).json()["rename_id"]
    work_and_die(full, point)
    every_film_is_played(full)
    reaped(full, rename_id)
    full.work()
    with TestClient(create_app(full.config)) as client:
        assert client.get(f"/api/renames/{rename_id}").json()["files"] == {"done": 5}
        assert tuple(name for name in full.files() if name.endswith(".mp4")) == RENAMED
        assert full.is_sound()
        assert full.files()["Nova/Three.nfo"] == "nfo 3"
        assert full.read(lambda session: session.get_one(Download, 1).file_path) == full.path(1)
        undone = client.post(f"/api/renames/{rename_id}/undo", json={}).json()["rename_id"]
        full.work()
        assert client.get(f"/api/renames/{undone}").json()["files"] == {"done": 5}
    assert full.files() == before
    assert full.is_sound()


def test_the_revision_goes_on_where_it_was_interrupted(full: House) -> None:
    """MariaDB commits each table by itself, so that one may be there without the other."""
    full.rename()
    with full.engine.begin() as connection:
        connection.execute(text("DROP TABLE renamed_files"))
        connection.execute(text("UPDATE alembic_version SET version_num = '0008'"))
    upgrade(full.engine)
    assert inspect(full.engine).has_table("renamed_files")
    again = full.rename("{title}")
    assert {entry.state for entry in full.entries(again).values()} == {"done"}
    with full.writing() as session:
        session.delete(session.get_one(Rename, again))
    assert full.read(lambda session: session.scalars(select(RenamedFile.id)).all()) == []
