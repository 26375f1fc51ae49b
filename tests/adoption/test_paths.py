"""Files are found where 0.9 left them, on both sides; nothing outside is, nothing is moved, no stored path changes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from fastapi_app.pages.static_files import STATIC
from migration_flags import Stage
from tests.adoption.conftest import NewDatabase
from tests.adoption.installation import SIDES, Installation, adopted

FILM = bytes(range(256)) * 8
SECRET = b"nobody may read this"
PICTURES = 50
PLACEHOLDER = (STATIC / "placeholder-video.png").read_bytes()
"""A picture's video has the number of the film's plus this."""


@dataclass(frozen=True)
class Stored:
    """A stored path; `{media}`, `{outside}` and `{unplugged}` stand for folders of the test."""

    number: int
    path: str

    def __str__(self) -> str:
        return self.path


FOUND = (
    Stored(101, "data/musicvideos/A/relative.mp4"),
    Stored(102, "/app/data/musicvideos/A/absolute.mp4"),
    Stored(103, "{media}/B/elsewhere.mp4"),
    Stored(104, "./data/musicvideos/A/relative.mp4"),
    Stored(105, "data/musicvideos/A/linked into the other root.mp4"),
    Stored(106, "data/musicvideos/A/\U0001f3b8 100% & \u00fcml\u00e4ut's.mp4"),
)
MISSING = (
    Stored(111, "data/musicvideos/A/gone.mp4"),
    Stored(112, "/app/data/musicvideos/no such folder/gone.mp4"),
    Stored(113, "{media}/gone.mp4"),
)
OUTSIDE = (
    Stored(121, "data/../outside/secret.mp4"),
    Stored(122, "data/musicvideos/../../../outside/secret.mp4"),
    Stored(123, "/app/data/../../outside/secret.mp4"),
    Stored(124, "{outside}/secret.mp4"),
    Stored(125, "{media}/../outside/secret.mp4"),
    Stored(126, "data/musicvideos/A/link out.mp4"),
    Stored(127, "data/musicvideos/folder out/secret.mp4"),
    Stored(128, "data/musicvideos/A/link to nothing outside.mp4"),
    Stored(129, "data/musicvideos/A/loop.mp4"),
    Stored(130, "data/secret_key"),
    Stored(131, "/app/data/secret_key"),
    Stored(132, "/app/database/secret.mp4"),
    Stored(133, "/etc/passwd"),
    Stored(134, "data/musicvideos/A"),
    Stored(135, "data"),
    Stored(136, "../outside/secret.mp4"),
    Stored(137, "~/secret.mp4"),
    Stored(138, "file:///etc/passwd"),
)
UNMOUNTED = (
    Stored(141, "data/unplugged/A/film.mp4"),
    Stored(142, "/app/data/unplugged/A/film.mp4"),
    Stored(143, "{unplugged}/A/film.mp4"),
)
ALL = (*FOUND, *MISSING, *OUTSIDE, *UNMOUNTED)


@dataclass(frozen=True)
class Disk:
    """The folders around one installation, and their content as it was."""

    folder: Path

    def at(self, stored: str) -> str:
        return stored.format(**{name: self.folder / name for name in ("media", "outside", "unplugged")})

    def content(self) -> Mapping[str, tuple[int, int, str]]:
        """Every entry: size, time of change, where a link leads. Without what the application keeps for itself."""
        kept = [self.folder / "data" / "musicvideos", self.folder / "media", self.folder / "outside"]
        return {
            str(path.relative_to(self.folder)): (
                path.lstat().st_size,
                path.lstat().st_mtime_ns,
                str(path.readlink()) if path.is_symlink() else "",
            )
            for root in kept
            for path in sorted(root.rglob("*"))
        }


def make_disk(folder: Path) -> Disk:
    films, media, outside = folder / "data" / "musicvideos", folder / "media", folder / "outside"
    for made in (films / "A", media / "B", outside):
        made.mkdir(parents=True)
    for name in ("relative", "absolute", "\U0001f3b8 100% & \u00fcml\u00e4ut's"):
        (films / "A" / f"{name}.mp4").write_bytes(FILM)
    (media / "B" / "elsewhere.mp4").write_bytes(FILM)
    (outside / "secret.mp4").write_bytes(SECRET)
    (folder / "data" / "secret_key").write_bytes(SECRET)
    (films / "A" / "linked into the other root.mp4").symlink_to(media / "B" / "elsewhere.mp4")
    (films / "A" / "link out.mp4").symlink_to(outside / "secret.mp4")
    (films / "A" / "link to nothing outside.mp4").symlink_to(outside / "nothing.mp4")
    (films / "A" / "loop.mp4").symlink_to(films / "A" / "loop.mp4")
    (films / "folder out").symlink_to(outside)
    return Disk(folder)


def rows(disk: Disk) -> dict[str, list[dict[str, object]]]:
    """A downloaded video for each path, another that has it as its picture, and artists with such pictures."""
    films = [
        {"id": one.number, "title": f"Film {one.number}", "local_path": disk.at(one.path), "status": "DOWNLOADED"}
        for one in ALL
    ]
    pictures = [
        {
            "id": one.number + PICTURES,
            "title": f"Picture {one.number}",
            "thumbnail_path": disk.at(one.path),
            "status": "WANTED",
        }
        for one in ALL
    ]
    given = {"name": "Faces", "monitored": 0}
    return {
        "artists": [
            {"id": 100, **given},
            {"id": 102, **given, "thumbnail_path": disk.at("{outside}/secret.mp4")},
            {"id": 103, **given, "thumbnail_path": "data/musicvideos/A/link out.mp4"},
            {"id": 104, **given, "thumbnail_path": "data/musicvideos/../../outside/secret.mp4"},
        ],
        "videos": [{"artist_id": 100, **one} for one in (*films, *pictures)],
    }


@pytest.fixture(scope="module", params=SIDES)
def place(
    request: pytest.FixtureRequest, new_database: NewDatabase, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Installation, Disk]]:
    side: Stage = request.param
    folder = tmp_path_factory.mktemp("place")
    disk = make_disk(folder)
    roots = (folder / "media", folder / "unplugged")
    with adopted(side, new_database("sqlite", folder), folder, rows(disk), roots) as installation:
        yield installation, disk


@pytest.fixture
def installation(place: tuple[Installation, Disk]) -> Installation:
    return place[0]


@pytest.fixture(autouse=True)
def everything_stays_where_it_is(place: tuple[Installation, Disk]) -> Iterator[None]:
    before = place[1].content()
    yield
    assert place[1].content() == before


@pytest.mark.parametrize("stored", FOUND, ids=str)
def test_a_film_is_found_where_0_9_left_it(installation: Installation, stored: Stored) -> None:
    def ask() -> None:
        whole = installation.client.get(f"/api/videos/{stored.number}/stream")
        assert (whole.status_code, whole.content) == (200, FILM)
        part = installation.client.get(f"/api/videos/{stored.number}/stream", headers={"Range": "bytes=3-9"})
        assert (part.status_code, part.content) == (206, FILM[3:10])
        assert part.headers["x-served-by"] == installation.side.value

    assert installation.changed_by(ask) == set()


@pytest.mark.parametrize("stored", FOUND, ids=str)
def test_a_picture_is_found_where_0_9_left_it(installation: Installation, stored: Stored) -> None:
    answer = installation.client.get(f"/api/videos/{stored.number + PICTURES}/thumbnail")
    assert (answer.status_code, answer.content) == (200, FILM)


def assert_placeholder(installation: Installation, stored: Stored) -> None:
    answer = installation.client.get(f"/api/videos/{stored.number + PICTURES}/thumbnail")
    assert (answer.status_code, answer.content) == (200, PLACEHOLDER)


@pytest.mark.parametrize("stored", [*OUTSIDE, *UNMOUNTED], ids=str)
def test_what_is_outside_or_not_mounted_is_not_there_and_its_row_stays(
    installation: Installation, stored: Stored
) -> None:
    def ask() -> None:
        for headers in ({}, {"Range": "bytes=0-3"}):
            answer = installation.client.get(f"/api/videos/{stored.number}/stream", headers=headers)
            assert answer.status_code == 404
            assert answer.json().keys() == {"error"}
        assert_placeholder(installation, stored)

    assert installation.changed_by(ask) == set()


@pytest.mark.parametrize("stored", MISSING, ids=str)
def test_a_missing_film_is_wanted_again(installation: Installation, stored: Stored) -> None:
    def ask() -> None:
        answer = installation.client.get(f"/api/videos/{stored.number}/stream")
        assert (answer.status_code, answer.json()["status"]) == (404, "wanted")

    changes = {one for one in installation.changed_by(ask) if one[2] != "updated_at"}
    expected = {("videos", stored.number, "status"), ("videos", stored.number, "local_path")}
    assert changes - {("artists", 100, "monitored")} == expected
    row = installation.stored()["videos"][stored.number]
    assert (row["status"], row["local_path"]) == ("WANTED", None)
    assert installation.stored()["artists"][100]["monitored"] == 1


@pytest.mark.parametrize("stored", MISSING, ids=str)
def test_a_missing_picture_changes_nothing(installation: Installation, stored: Stored) -> None:
    def ask() -> None:
        assert_placeholder(installation, stored)

    assert installation.changed_by(ask) == set()


@pytest.mark.parametrize("stored", [*OUTSIDE, *UNMOUNTED], ids=str)
def test_what_is_outside_or_not_mounted_is_never_renamed(installation: Installation, stored: Stored) -> None:
    body = {"title": f"Renamed {stored.number}", "move_file": True}

    def ask() -> None:
        answer = installation.client.put(f"/api/videos/{stored.number}", json=body)
        assert (answer.status_code, answer.json()["file_moved"]) == (200, False)

    changes = {one for one in installation.changed_by(ask) if one[2] != "updated_at"}
    assert changes == {("videos", stored.number, "title")}


def test_a_change_without_moving_rewrites_no_path(place: tuple[Installation, Disk]) -> None:
    installation, disk = place
    for stored in FOUND:
        assert installation.client.put(f"/api/videos/{stored.number}", json={"title": "Anew"}).status_code == 200
        assert installation.stored()["videos"][stored.number]["local_path"] == disk.at(stored.path)


@pytest.mark.parametrize("number", [102, 103, 104])
def test_an_artist_goes_and_a_picture_outside_stays(installation: Installation, number: int) -> None:
    assert installation.client.delete(f"/api/artists/{number}").status_code == 200


def test_a_video_goes_and_its_file_stays(installation: Installation) -> None:
    for number in (FOUND[0].number, FOUND[1].number + PICTURES):
        assert installation.client.delete(f"/api/videos/{number}").status_code == 200
