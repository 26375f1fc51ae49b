"""Downloads from a real site, run by the real runner of jobs: what lands in the library, and what the rows say."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from fastapi_app.jobs.states import State
from fastapi_app.models import Artist, Download, Job, Video, VideoStatus
from tests.downloads.conftest import SECONDS, House, answer
from tests.servers.media_server import MediaServer

STORED = "data/musicvideos/Nova Kestrel/Glass Harbor.mp4"
TRACK = '<track kind="subtitles" srclang="en" src="/en.vtt"><track kind="subtitles" srclang="de" src="/de.vtt">'
LINES = "WEBVTT\n\n00:00.000 --> 00:01.000\nHello\n"


def test_a_film_lands_under_its_name_and_the_rows_say_so(
    house: House, site: MediaServer, ordered: Callable[..., Job]
) -> None:
    job = ordered(site.put_page("/watch", "Glass Harbor", "/film.mp4"))
    assert (job.state, job.error_class, job.error_log) == (State.COMPLETED, None, None)
    assert house.files() == [
        "Nova Kestrel/Glass Harbor.info.json",
        "Nova Kestrel/Glass Harbor.jpg",
        "Nova Kestrel/Glass Harbor.mp4",
    ]
    video = house.video()
    assert (video.status, video.local_path) == (VideoStatus.DOWNLOADED, STORED)
    assert (video.duration, video.quality) == (SECONDS, "480p")
    assert (video.thumbnail_path, video.thumbnail_source) == (STORED.replace(".mp4", ".jpg"), "generated")
    told = json.loads((house.library / "Nova Kestrel" / "Glass Harbor.info.json").read_text())
    assert told["webpage_url"] == f"{site.url}/watch"
    assert not {"formats", "url", "http_headers", "cookies"} & set(told)


def test_the_row_of_downloads_tells_0_9_about_it(house: House, site: MediaServer, ordered: Callable[..., Job]) -> None:
    job = ordered(site.url + "/film.mp4")
    with Session(house.engine) as session:
        row = session.scalars(select(Download)).one()
        assert (row.id, row.video_id, row.artist_id, row.title) == (job.download_id, 1, 1, "Glass Harbor")
        assert (row.status, row.progress, row.file_path, row.quality) == ("completed", 100, STORED, "480p")
        assert (row.file_size or 0) > 50_000


def test_a_film_without_a_row_lands_in_the_folder_of_its_artist(house: House, site: MediaServer) -> None:
    job_id = house.submit(url=site.url + "/film.mp4", artist="Somebody / Else", title="What: a day?")
    assert house.run()
    assert house.job(job_id).state == State.COMPLETED
    assert house.films() == ["Somebody _ Else/What - a day.mp4"]


def test_progress_is_told_while_it_comes(
    house: House, site: MediaServer, films: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    from fastapi_app.downloads import downloading

    told: list[dict[str, object]] = []
    monkeypatch.setattr(downloading, "_tell", lambda _work, now: told.append(dict(now)))
    house.submit(video_id=1, url=site.put("/slow.mp4", films["large.mp4"], rate=400_000))
    assert house.run()
    percents = [one["percent"] for one in told]
    assert percents == sorted(percents, key=lambda percent: float(str(percent)))
    assert percents[-1] == 100.0
    assert all(one["bytes_total"] == len(films["large.mp4"]) for one in told)
    assert any(one["speed"] and one["eta"] is not None for one in told)


def test_picture_and_sound_that_come_apart_are_put_together(
    house: House, site: MediaServer, films: dict[str, bytes], ordered: Callable[..., Job]
) -> None:
    site.put("/picture.mp4", films["picture.mp4"])
    site.put("/sound.m4a", films["sound.m4a"], content_type="audio/mp4")
    manifest = f"""<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"
      mediaPresentationDuration="PT{SECONDS}S" profiles="urn:mpeg:dash:profile:isoff-on-demand:2011"><Period>
      <AdaptationSet mimeType="video/mp4"><Representation id="v" codecs="avc1.64001e" width="640" height="480"
        bandwidth="200000"><BaseURL>{site.url}/picture.mp4</BaseURL></Representation></AdaptationSet>
      <AdaptationSet mimeType="audio/mp4"><Representation id="a" codecs="mp4a.40.2" bandwidth="64000">
        <BaseURL>{site.url}/sound.m4a</BaseURL></Representation></AdaptationSet></Period></MPD>"""
    job = ordered(site.put("/film.mpd", manifest.encode(), content_type="application/dash+xml"))
    assert (job.state, job.error_log) == (State.COMPLETED, None)
    assert house.films() == ["Nova Kestrel/Glass Harbor.mp4"]
    assert answer(job)["codec"] == "h264"
    assert answer(job)["height"] == 480


def test_a_film_in_pieces_is_put_together(
    house: House, site: MediaServer, films: dict[str, bytes], ordered: Callable[..., Job]
) -> None:
    for name, content in films.items():
        if name.endswith(".ts"):
            site.put(f"/{name}", content, content_type="video/mp2t")
    job = ordered(site.put("/index.m3u8", films["index.m3u8"], content_type="application/vnd.apple.mpegurl"))
    assert (job.state, job.error_log) == (State.COMPLETED, None)
    assert house.films() == ["Nova Kestrel/Glass Harbor.mp4"]
    assert house.video().duration == SECONDS


def test_a_missing_piece_is_no_film(
    house: House, site: MediaServer, films: dict[str, bytes], ordered: Callable[..., Job]
) -> None:
    site.put("/index0.ts", films["index0.ts"], content_type="video/mp2t")
    job = ordered(site.put("/index.m3u8", films["index.m3u8"], content_type="application/vnd.apple.mpegurl"))
    assert (job.state, job.error_class) == (State.RETRYING, "network")
    assert house.films() == []


def test_a_film_that_names_other_files_is_no_film(
    house: House, site: MediaServer, tmp_path: Path, ordered: Callable[..., Job]
) -> None:
    """ffmpeg decides by content what a file is, and some kinds of file name others to be read."""
    (tmp_path / "secret.mp4").write_bytes(site.things["/film.mp4"].content)
    playlist = f"#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\nfile://{tmp_path}/secret.mp4\n#EXT-X-ENDLIST\n"
    for name, text in (("/a.mp4", playlist), ("/b.mp4", f"ffconcat version 1.0\nfile {tmp_path}/secret.mp4\n")):
        job = ordered(site.put(name, text.encode().ljust(2_000, b"\n")))
        assert (job.state, job.error_class) == (State.FAILED, "bad-file")
    assert house.files() == []


@pytest.mark.parametrize("way", ["settings", "payload"])
def test_subtitles_come_as_webvtt_beside_the_film(
    way: str, house: House, site: MediaServer, ordered: Callable[..., Job]
) -> None:
    for name in ("/en.vtt", "/de.vtt"):
        site.put(name, LINES.encode(), content_type="text/vtt")
    url = site.put_page("/watch", "Glass Harbor", "/film.mp4", more=TRACK)
    if way == "settings":
        house.set(download_subtitles="true", subtitle_languages="de, en")
        ordered(url)
    else:
        ordered(url, subtitles=True, subtitle_languages=["de"])
    found = [name for name in house.files() if name.endswith(".vtt")]
    wanted = ["de", "en"] if way == "settings" else ["de"]
    assert found == [f"Nova Kestrel/Glass Harbor.{language}.vtt" for language in wanted]
    assert "Hello" in (house.library / found[0]).read_text()


def test_subtitles_that_fail_are_a_warning(house: House, site: MediaServer, ordered: Callable[..., Job]) -> None:
    url = site.put_page("/watch", "Glass Harbor", "/film.mp4", more=TRACK)
    site.put("/en.vtt", status=429)
    job = ordered(url, subtitles=True)
    assert job.state == State.COMPLETED
    assert any("subtitles" in text for text in answer(job)["warnings"])
    assert not [name for name in house.files() if name.endswith(".vtt")]


def test_a_picture_that_fails_is_a_warning(house: House, site: MediaServer, ordered: Callable[..., Job]) -> None:
    site.things["/poster.jpg"].content = b"this is no picture"
    job = ordered(site.put_page("/watch", "Glass Harbor", "/film.mp4"))
    assert job.state == State.COMPLETED
    assert house.video().thumbnail_path is None


def test_a_video_without_an_address_is_searched_for(house: House, site: MediaServer) -> None:
    site.put_page("/search", "Found", "/film.mp4")
    config = house.config.model_copy(update={"search_address": f"{site.url}/search?q="})
    searching = House(config, house.engine)
    job_id = searching.submit(video_id=1)
    assert searching.run()
    assert searching.job(job_id).state == State.COMPLETED
    assert searching.video().url == f"{site.url}/search?q=Nova+Kestrel+Glass+Harbor"


def test_a_page_with_several_films_is_not_one(
    house: House, site: MediaServer, films: dict[str, bytes], ordered: Callable[..., Job]
) -> None:
    page = "<html><title>Two</title><video src='/film.mp4'></video><video src='/other.mp4'></video></html>"
    site.put("/other.mp4", films["small.mp4"])
    job = ordered(site.put("/two", page.encode(), content_type="text/html"))
    assert (job.state, job.error_class) == (State.FAILED, "unsupported-url")
    assert "playlist" in (job.error_message or "")


def test_the_lowest_height_of_the_settings_is_kept(
    house: House, site: MediaServer, ordered: Callable[..., Job]
) -> None:
    house.set(minimum_video_height="720")
    job = ordered(site.url + "/film.mp4")
    assert (job.state, job.error_class) == (State.FAILED, "too-low-quality")
    assert house.files() == []


def test_a_video_that_was_deleted_is_not_downloaded(house: House, site: MediaServer) -> None:
    job_id = house.submit(video_id=1, url=site.url + "/film.mp4")
    house.change_job(job_id, payload={**house.job(job_id).payload, "video_id": 999})
    assert house.run()
    assert (house.job(job_id).state, house.job(job_id).error_class) == (State.FAILED, "not-found")
    assert site.calls == []


def test_a_better_film_takes_the_place_of_the_one_before(
    house: House, site: MediaServer, films: dict[str, bytes], ordered: Callable[..., Job]
) -> None:
    assert ordered(site.put("/small.mp4", films["small.mp4"])).state == State.COMPLETED
    job = ordered(site.url + "/film.mp4")
    assert (job.state, answer(job)["replaced"]) == (State.COMPLETED, STORED)
    assert house.films() == ["Nova Kestrel/Glass Harbor.mp4"]
    assert (house.library / house.films()[0]).read_bytes() == films["large.mp4"]
    assert house.video().quality == "480p"


def test_a_worse_film_does_not(
    house: House, site: MediaServer, films: dict[str, bytes], ordered: Callable[..., Job]
) -> None:
    assert ordered(site.url + "/film.mp4").state == State.COMPLETED
    job = ordered(site.put("/small.mp4", films["small.mp4"]))
    assert (job.state, job.error_class) == (State.FAILED, "too-low-quality")
    assert (house.library / house.films()[0]).read_bytes() == films["large.mp4"]
    assert house.video().status == VideoStatus.DOWNLOADED
    assert not [name for name in house.files() if ".incoming" in name]


def test_a_film_under_another_name_goes_once_the_new_one_is_there(
    house: House, site: MediaServer, films: dict[str, bytes], ordered: Callable[..., Job]
) -> None:
    old = house.library / "Old" / "other name.mkv"
    old.parent.mkdir(parents=True)
    old.write_bytes(films["small.mp4"])
    house.write(
        Video(
            id=1,
            artist_id=1,
            title="Glass Harbor",
            status="DOWNLOADED",
            local_path="data/musicvideos/Old/other name.mkv",
        )
    )
    assert ordered(site.url + "/film.mp4").state == State.COMPLETED
    assert house.films() == ["Nova Kestrel/Glass Harbor.mp4"]


def test_nobody_elses_film_is_overwritten(
    house: House, site: MediaServer, films: dict[str, bytes], ordered: Callable[..., Job]
) -> None:
    there = house.library / "Nova Kestrel" / "Glass Harbor.mp4"
    there.parent.mkdir(parents=True)
    there.write_bytes(b"somebody's own")
    house.write(
        Video(
            id=2,
            artist_id=1,
            title="Glass Harbor",
            local_path="/app/data/musicvideos/Nova Kestrel/Glass Harbor (1).mp4",
        )
    )
    assert ordered(site.url + "/film.mp4").state == State.COMPLETED
    assert there.read_bytes() == b"somebody's own"
    assert house.video().local_path == "data/musicvideos/Nova Kestrel/Glass Harbor (2).mp4"


@pytest.mark.parametrize(
    ("artist", "title", "expected"),
    [
        ("宇宙バンド" * 40, "界" * 200, None),
        pytest.param("AC/DC", "..", "AC_DC/Unknown.mp4", marks=pytest.mark.long),
        ("CON", "nul.txt", "CON_/nul.txt_.mp4"),
        ("..", "../../etc/passwd", "Unknown/_.._etc_passwd.mp4"),
        pytest.param("a\u202eb", "x\ny\tz\x00", "ab/xyz.mp4", marks=pytest.mark.long),
        pytest.param(".hidden", " . ", "hidden/Unknown.mp4", marks=pytest.mark.long),
        pytest.param("Björk", "100% *?<>|", "Björk/100% ()-.mp4", marks=pytest.mark.long),
    ],
)
def test_odd_names_are_files_in_the_library(
    artist: str, title: str, expected: str | None, house: House, site: MediaServer
) -> None:
    house.write(Artist(id=7, name=artist[:255]), Video(id=7, artist_id=7, title=title))
    job_id = house.submit(video_id=7, url=site.url + "/film.mp4")
    assert house.run()
    assert house.job(job_id).state == State.COMPLETED, house.job(job_id).error_message
    (film,) = house.films()
    assert film == expected or expected is None
    assert all(len(part.encode()) <= 255 for name in house.files() for part in name.split("/"))
    assert len(house.video(7).local_path or "") <= 500
    assert (house.config.data_dir / str(house.video(7).local_path).removeprefix("data/")).is_file()


def test_what_nobody_named_is_named_by_the_site(house: House, site: MediaServer) -> None:
    house.submit(url=site.put_page("/watch", "A Day: Live", "/film.mp4"))
    assert house.run()
    assert house.films() == ["Unknown/A Day - Live (1).mp4"]


def test_an_artists_folder_that_leads_out_of_the_library_is_not_used(
    house: House, site: MediaServer, tmp_path: Path, ordered: Callable[..., Job]
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    house.library.mkdir()
    (house.library / "Nova Kestrel").symlink_to(outside)
    job = ordered(site.url + "/film.mp4")
    assert (job.state, job.error_class) == (State.FAILED, "outside-library")
    assert list(outside.iterdir()) == []


def test_the_folder_that_an_artist_has_is_used_in_whatever_spelling(
    house: House, site: MediaServer, ordered: Callable[..., Job]
) -> None:
    house.write(Artist(id=1, name="Björk Ågren"))
    decomposed = "Bjo\u0308rk A\u030agren"
    (house.library / decomposed).mkdir(parents=True)
    assert ordered(site.url + "/film.mp4").state == State.COMPLETED
    assert house.films() == [f"{decomposed}/Glass Harbor.mp4"]
