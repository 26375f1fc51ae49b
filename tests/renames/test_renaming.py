"""Renaming films that lie on the disk: rows and files agree afterwards, and nothing is ever overwritten."""

import os
from pathlib import Path

import pytest

from fastapi_app.downloads.kinds import DOWNLOAD
from fastapi_app.downloads.payload import Download, video_subject
from fastapi_app.jobs.submission import submit
from fastapi_app.models import Artist, Video, VideoStatus
from fastapi_app.renames import hop
from tests.renames.houses import House


def states(house: House, rename_id: int) -> dict[int, str]:
    return {number: entry.state for number, entry in house.entries(rename_id).items()}


def test_a_film_moves_with_all_that_is_named_after_it(house: House) -> None:
    picture = "data/musicvideos/old/Nova - One.jpg"
    film = house.film(1, "old/Nova - One.mp4", "One", thumbnail_path=picture, year=1999)
    for rest in (".nfo", ".jpg", "-poster.jpg", ".en.srt", ".pt-BR.vtt", ".info.json"):
        film.with_name(f"Nova - One{rest}").write_text(rest)
    film.with_name("Nova - One More Time.mp4").write_text("somebody else's")
    rename_id = house.rename("{artist}/{title}[ ({year})]")
    assert house.path(1) == "data/musicvideos/Nova/One (1999).mp4"
    assert states(house, rename_id) == {1: "done"}
    assert sorted(house.files()) == [
        "Nova/One (1999)-poster.jpg",
        "Nova/One (1999).en.srt",
        "Nova/One (1999).info.json",
        "Nova/One (1999).jpg",
        "Nova/One (1999).mp4",
        "Nova/One (1999).nfo",
        "Nova/One (1999).pt-BR.vtt",
        "old/Nova - One More Time.mp4",
    ]
    thumbnail = house.read(lambda session: session.get_one(Video, 1).thumbnail_path)
    assert thumbnail == "data/musicvideos/Nova/One (1999).jpg"


def test_a_row_keeps_its_way_to_spell_the_library(house: House) -> None:
    house.film(1, "x/a.mp4", "One", home="/app/data/musicvideos")
    house.rename()
    assert house.path(1) == "/app/data/musicvideos/Nova/One.mp4"
    assert house.files() == {"Nova/One.mp4": "1"}


def test_folders_go_that_this_left_empty_and_no_others(house: House) -> None:
    house.film(1, "deep/er/a.mp4", "One")
    house.film(2, "kept/b.mp4", "Two").with_name("cover.txt").write_text("mine")
    (house.library / "empty").mkdir()
    house.rename()
    assert sorted(folder.name for folder in house.library.iterdir()) == ["Nova", "empty", "kept"]
    assert house.is_sound()


def test_a_film_that_nobody_owns_is_never_overwritten(house: House) -> None:
    house.film(1, "a.mp4", "One")
    (house.library / "Nova").mkdir()
    (house.library / "Nova/One.mp4").write_text("foreign")
    rename_id = house.rename()
    assert states(house, rename_id) == {1: "conflict"}
    assert house.files() == {"a.mp4": "1", "Nova/One.mp4": "foreign"}


def test_a_companion_that_is_there_stays(house: House) -> None:
    house.film(1, "a.mp4", "One").with_suffix(".nfo").write_text("ours")
    (house.library / "Nova").mkdir()
    (house.library / "Nova/One.nfo").write_text("foreign")
    house.rename()
    assert house.files() == {"Nova/One.mp4": "1", "Nova/One.nfo": "foreign", "a.nfo": "ours"}


def test_films_exchange_their_names(house: House) -> None:
    house.film(1, "Nova/Two.mp4", "One").with_suffix(".nfo").write_text("nfo 1")
    house.film(2, "Nova/One.mp4", "Two").with_suffix(".nfo").write_text("nfo 2")
    rename_id = house.rename()
    assert states(house, rename_id) == {1: "done", 2: "done"}
    assert house.is_sound()
    assert house.files() == {"Nova/One.mp4": "1", "Nova/One.nfo": "nfo 1", "Nova/Two.mp4": "2", "Nova/Two.nfo": "nfo 2"}


def test_a_circle_of_many_and_a_tail(house: House) -> None:
    for number in range(1, 6):
        house.film(number, f"Nova/{number % 5 + 1}.mp4", f"{number}")
    house.film(6, "Nova/6.mp4", "7")
    house.film(7, "Nova/7.mp4", "8")
    house.rename()
    assert house.is_sound()
    assert house.path(3) == "data/musicvideos/Nova/3.mp4"
    assert house.path(6) == "data/musicvideos/Nova/7.mp4"


def test_films_of_one_name_are_numbered_and_stay_so(house: House) -> None:
    house.film(1, "a.mp4", "One")
    house.film(2, "b.mkv", "one")
    house.film(3, "Nova/ONE.mp4", "One")
    house.rename()
    assert sorted(house.files()) == ["Nova/One (1).mp4", "Nova/One.mp4", "Nova/one (2).mkv"]
    again = house.rename()
    assert states(house, again) == {}


def test_what_is_missing_linked_shared_or_elsewhere_stays(house: House, tmp_path: Path) -> None:
    house.film(1, "gone.mp4", "Gone").unlink()
    film = house.film(2, "link.mp4", "Link")
    film.unlink()
    (house.library / "real.bin").write_text("2")
    film.symlink_to(house.library / "real.bin")
    house.film(3, "shared.mp4", "Shared")
    house.film(4, "shared.mp4", "Shared too")
    house.film(5, "x.mp4", "Out", home="data/downloads")
    rename_id = house.rename()
    assert states(house, rename_id) == {1: "missing", 2: "failed", 3: "conflict", 4: "conflict"}
    assert house.path(5) == "data/downloads/x.mp4"


def test_a_film_that_is_being_downloaded_stays(house: House) -> None:
    house.film(1, "a.mp4", "One", status=VideoStatus.DOWNLOADING)
    house.film(2, "b.mp4", "Two")
    with house.writing() as session:
        submit(session, DOWNLOAD, video_subject(2), Download(video_id=2).model_dump())
    rename_id = house.rename()
    assert states(house, rename_id) == {}
    assert house.files() == {"a.mp4": "1", "b.mp4": "2"}


def test_a_download_that_begins_meanwhile_keeps_its_film(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.film(1, "a.mp4", "One")
    begin = hop.begin

    def meanwhile(film: hop.Hop, part: str) -> None:
        begin(film, part)
        house.change(Video(id=1, status=VideoStatus.DOWNLOADING))

    monkeypatch.setattr(hop, "begin", meanwhile)
    rename_id = house.rename()
    assert states(house, rename_id) == {1: "busy"}
    assert house.files() == {"a.mp4": "1"}


def test_a_folder_that_cannot_be_written_is_told_and_the_rest_goes_on(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.film(1, "a.mp4", "One")
    house.film(2, "b.mp4", "Two")
    link = hop._name

    def refuse(old: Path, new: Path, part: str) -> None:
        if new.name == "One.mp4":
            raise PermissionError(13, "Permission denied")
        link(old, new, part)

    monkeypatch.setattr(hop, "_name", refuse)
    rename_id = house.rename()
    assert states(house, rename_id) == {1: "failed", 2: "done"}
    assert house.entries(rename_id)[1].reason == "The folder can't be written"
    assert house.is_sound()


def test_a_file_system_without_links(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.film(1, "Nova/Two.mp4", "One")
    house.film(2, "Nova/One.mp4", "Two")

    def no_links(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", no_links)
    house.rename()
    assert house.is_sound()


def test_another_drive_gets_a_whole_copy(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.film(1, "a.mp4", "One").with_suffix(".en.srt").write_text("words")

    def other_drive(source: Path, _target: Path) -> None:
        if not source.name.startswith("."):
            raise OSError(18, "Invalid cross-device link")
        source.rename(_target)

    monkeypatch.setattr(os, "link", other_drive)
    house.rename()
    assert house.files() == {"Nova/One.en.srt": "words", "Nova/One.mp4": "1"}
    assert house.is_sound()


def test_undo_brings_everything_back_and_can_be_undone(house: House) -> None:
    house.film(1, "Nova/Two.mp4", "One").with_suffix(".nfo").write_text("nfo 1")
    house.film(2, "Nova/One.mp4", "Two")
    house.film(3, "deep/er/c.mp4", "Three")
    before, first = house.files(), house.rename()
    after = house.files()
    undone = house.rename(undoes=first)
    assert house.files() == before
    assert house.is_sound()
    house.rename(undoes=undone)
    assert house.files() == after


def test_undo_leaves_what_was_moved_since(house: House) -> None:
    house.film(1, "a.mp4", "One")
    house.film(2, "b.mp4", "Two")
    first = house.rename()
    house.change(Artist(id=4, name="Other"))
    house.change(Video(id=1, title="New"))
    house.rename("{title}")
    undone = house.rename(undoes=first)
    assert states(house, undone) == {1: "changed", 2: "changed"}
    assert house.is_sound()


def test_case_alone_is_a_new_name(house: House) -> None:
    house.film(1, "nova/one.mp4", "One")
    house.rename()
    assert house.files() == {"Nova/One.mp4": "1"}
    assert house.is_sound()
