"""Many videos at once, merges, and films on the disk: nothing is lost, and bad input changes nothing."""

import unicodedata
from typing import Any

from fastapi_app.models import Artist, Download, Playlist, PlaylistEntry, Video, VideoStatus
from tests.legacy_flask.library import CREATED, Library, artist, video

HAVE = VideoStatus.DOWNLOADED
SHELF = "data/musicvideos/Nova Kestrel"


def post(library: Library, path: str, body: Any = None, method: str = "POST") -> tuple[int, dict[str, Any]]:
    answer = library.client().open(f"/api/videos/{path}", method=method, json=body)
    return answer.status_code, answer.json or {}


def download(row_id: int, video_id: int, artist_id: int = 1, **columns: Any) -> Download:
    given = {"id": row_id, "artist_id": artist_id, "video_id": video_id, "title": "d", "original_url": "u"}
    return Download(**given, created_at=CREATED, updated_at=CREATED, **columns)


def test_ids_are_answered_as_they_were_sent(library: Library) -> None:
    library.add(artist(1), *(video(number) for number in range(1, 5)), download(1, 2))
    sent: list[Any] = [2, "3", 999, True, None, [1], 2]
    status, body = post(library, "bulk/status", {"video_ids": sent, "status": "FAILED"}, "PUT")
    assert (status, [one["video_id"] for one in body["results"]]) == (200, sent)
    assert (body["success_count"], body["results"][-1]["old_status"]) == (3, "FAILED")
    status, body = post(library, "bulk/delete", {"video_ids": ["2", 999, 3]})
    assert (status, body["deleted_count"], body["failed_videos"]) == (
        207,
        2,
        [{"id": 999, "error": "Video not found"}],
    )
    assert (library.count(Video), library.count(Download)) == (2, 0)


def test_a_status_that_nobody_sets_is_refused(library: Library) -> None:
    library.add(artist(1), video(1))
    for given in ("MONITORED", "wanted", None, 1, ["WANTED"]):
        assert post(library, "1/status", {"status": given}, "PUT")[0] == 400
        assert post(library, "bulk/status", {"video_ids": [1], "status": given}, "PUT")[0] == 400
    nothing: tuple[Any, ...] = ({}, [], "x", 5, {"video_ids": {}})
    for path, method in (("1/status", "PUT"), ("bulk/status", "PUT"), ("bulk/delete", "POST")):
        for body in nothing:
            assert post(library, path, body, method)[0] == 400, (path, body)
    assert post(library, "9/status", {"status": "FAILED"}, "PUT")[0] == 404


def test_a_merge_loses_nothing(library: Library) -> None:
    library.add(artist(1), artist(2, "Other"), video(1, url="http://a", local_path="data/a.mp4"))
    library.add(video(2, 2, "Copy", imvdb_id="7", playlist_id="PL", playlist_position=3, local_path="data/b.mp4"))
    library.add(video(3, 1, "Third", year=1999, url="http://b"), download(1, 2, 2), download(2, 3))
    body = {"primary_id": 1, "duplicate_ids": [3, "2"], "merge_strategy": "merge_data"}
    status, answer = post(library, "duplicates/merge", body)
    assert (status, [one["merged_data"] for one in answer["merged_videos"]]) == (200, [{}, {"year": 1999}])
    kept = library.one(Video, 1)
    assert (kept.imvdb_id, kept.playlist_id, kept.playlist_position, kept.year) == ("7", "PL", 3, 1999)
    assert [one["id"] for one in kept.video_metadata["merged_videos"]] == [2, 3]
    assert kept.video_metadata["merged_videos"][1]["url"] == "http://b"
    moved = [library.one(Download, number) for number in (1, 2, 3)]
    assert [(one.video_id, one.artist_id, one.file_path) for one in moved] == [
        (1, 1, None),
        (1, 1, None),
        (1, 1, "data/b.mp4"),
    ]
    assert library.count(Video) == 1


def test_the_kept_video_is_where_its_duplicates_were_in_playlists(library: Library) -> None:
    library.add(artist(1), video(1), video(2), Playlist(id=1, name="one"), Playlist(id=2, name="two"))
    places = ((1, 1, 2, 4), (2, 1, 1, 8), (3, 2, 2, 4))
    library.add(*(PlaylistEntry(id=row, playlist_id=of, video_id=what, position=at) for row, of, what, at in places))
    assert post(library, "duplicates/merge", {"primary_id": 1, "duplicate_ids": [2]})[0] == 200
    assert (library.count(PlaylistEntry), library.one(PlaylistEntry, 3).video_id) == (2, 1)


def test_bad_merges_change_nothing(library: Library) -> None:
    library.add(artist(1), video(1), video(2))
    for expected, body in (
        (400, {"primary_id": 1, "duplicate_ids": [1]}),
        (400, {"primary_id": 1, "duplicate_ids": [2], "merge_strategy": "x"}),
        (400, {"primary_id": 1, "duplicate_ids": "2"}),
        (400, {"primary_id": [1], "duplicate_ids": [2]}),
        (400, []),
        (404, {"primary_id": 9, "duplicate_ids": [2]}),
        (404, {"primary_id": 1, "duplicate_ids": [2, 9]}),
        (404, {"primary_id": 1, "duplicate_ids": [2, "2"]}),
    ):
        assert post(library, "duplicates/merge", body)[0] == expected, body
    assert library.count(Video) == 2


def test_duplicates_are_those_with_the_same_imvdb_id(library: Library) -> None:
    library.add(artist(1), video(1), video(2, imvdb_id="7"))
    body = post(library, "duplicates/detect", {"video_id": "1", "imvdb_id": 7})[1]
    assert ([row["id"] for row in body["duplicates"]], body["imvdb_id"]) == ([2], 7)
    assert post(library, "duplicates/detect", {"video_id": 2, "imvdb_id": 7})[1] == {"duplicates_found": False}
    assert post(library, "duplicates/detect", {"video_id": 9, "imvdb_id": 7})[0] == 404


def test_films_that_are_gone_are_found_again_or_wanted(library: Library) -> None:
    apart = unicodedata.normalize("NFD", f"{SHELF}/Déjà Vu.mp4")
    for stored in (apart, "data/downloads/Nova Kestrel/Nova Kestrel - Paper Moon.mp4"):
        library.file(stored)
    library.add(artist(1, monitored=False))
    paths = {1: unicodedata.normalize("NFC", apart), 2: f"{SHELF}/moved.mp4", 3: f"/app/{SHELF}/gone.mp4"}
    paths |= {4: "data/unmounted/a.mp4", 5: "/etc/nothing"}
    titles = {1: "Déjà Vu", 2: "Paper Moon"}
    library.add(*(video(n, 1, titles.get(n, "Gone"), status=HAVE, local_path=path) for n, path in paths.items()))
    assert post(library, "recovery/fix-missing")[1]["statistics"] == {
        "total_downloaded": 5,
        "missing_files": 3,
        "recovered_videos": 2,
        "marked_wanted": 1,
        "artists_monitored": 1,
    }
    found = [library.one(Video, number).local_path for number in range(1, 6)]
    assert found == [apart, "data/downloads/Nova Kestrel/Nova Kestrel - Paper Moon.mp4", None, paths[4], paths[5]]
    assert library.one(Artist, 1).monitored is True


def test_a_scan_takes_no_film_away_and_stays_inside(library: Library) -> None:
    library.add(artist(1), artist(2, ".."), video(1, title="Mine", local_path="data/musicvideos/x/mine.mp4"))
    library.add(video(2, title="Paper Moon"), video(3, 2, "Paper Moon", local_path=f"/app/{SHELF}/Paper Moon.mp4"))
    library.add(video(4, title="Lost One", local_path="data/musicvideos/x/gone.mp4"))
    library.file("data/musicvideos/x/mine.mp4")
    for name in ("Mine.mp4", "Paper Moon.mp4", "Nova Kestrel - Lost One.mp4"):
        library.file(f"{SHELF}/{name}")
    (library.data / "musicvideos" / "Nova Kestrel" / "Out.mp4").symlink_to("/etc/passwd")
    looked = post(library, "scan-directories", {})[1]
    assert looked["summary"] == {"artists_scanned": 2, "video_files_found": 3, "videos_updated": 0, "errors": 0}
    wrote = post(library, "scan-directories", {"dry_run": False, "artist_id": "1"})[1]
    assert [(row["video_id"], row["new_path"]) for row in wrote["updated_videos"]] == [
        (4, f"{SHELF}/Nova Kestrel - Lost One.mp4")
    ]
    assert library.one(Video, 4).status is HAVE
    for body, expected in (({"artist_id": 9}, 404), ({"dry_run": "no"}, 400), ([1], 400)):
        assert post(library, "scan-directories", body)[0] == expected, body
