"""Playlists, looking at addresses, and videos that are downloaded without anybody asking."""

import json
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from fastapi_app.downloads import kinds
from fastapi_app.downloads.payload import Download, PlaylistDownload, address_subject
from fastapi_app.downloads.playlists import line
from fastapi_app.jobs.kinds import Kind
from fastapi_app.jobs.states import Queue, State
from fastapi_app.jobs.submission import submit
from fastapi_app.models import WRITES, Job, Video, VideoStatus
from tests.downloads.conftest import House, answer
from tests.servers.media_server import MediaServer

FEED = """<?xml version="1.0"?><rss version="2.0"><channel><title>Evening</title><link>{url}</link>
<item><title>First</title><link>{url}/one</link></item><item><title>Second</title><link>{url}/two</link></item>
<item><title>Third</title><link>{url}/three</link></item></channel></rss>"""


def run(house: House, kind: Kind, subject: str, **payload: Any) -> Job:
    with Session(house.engine.execution_options(**{WRITES: True})) as session, session.begin():
        job_id = submit(session, kind, subject, payload, user_id=None).job.id
    assert house.run(kind.queue)
    return house.job(job_id)


def downloads(house: House) -> list[Job]:
    with Session(house.engine, expire_on_commit=False) as session:
        return list(session.scalars(select(Job).where(Job.kind == "download").order_by(Job.id)))


@pytest.fixture
def feed(site: MediaServer) -> str:
    return site.put("/feed.xml", FEED.format(url=site.url).encode(), content_type="application/rss+xml")


def test_a_playlist_becomes_a_download_for_each_film(house: House, site: MediaServer, feed: str) -> None:
    url = feed
    job = run(house, kinds.PLAYLIST, address_subject(url), url=url, artist="Nova Kestrel", limit=2, quality="720p")
    assert (job.state, job.error_log) == (State.COMPLETED, None)
    assert [one.payload["url"] for one in downloads(house)] == [f"{site.url}/one", f"{site.url}/two"]
    assert {one.payload["quality"] for one in downloads(house)} == {"720p"}
    assert (answer(job)["success_count"], answer(job)["failed_count"], answer(job)["total"]) == (2, 0, 2)
    assert [one["subject"] for one in answer(job)["results"]] == [one.subject for one in downloads(house)]


def test_a_playlist_twice_is_each_film_once(house: House, site: MediaServer, feed: str) -> None:
    for _ in range(2):
        run(house, kinds.PLAYLIST, address_subject(feed), url=feed, artist="Nova Kestrel")
    assert len(downloads(house)) == 3


@pytest.mark.parametrize(
    ("entry", "success", "artist"),
    [
        ({"url": "https://v.example/1", "title": "A", "uploader": "Nova - Topic"}, True, "Nova"),
        ({"url": "https://v.example/1", "title": "A"}, True, "Unknown"),
        ({"url": "https://v.example/1", "title": "[Private video]"}, False, None),
        ({"url": "file:///etc/passwd", "title": "A"}, False, None),
        ({"title": "A"}, False, None),
        ({"url": "https://v.example/c/videos", "title": "A", "ie_key": "YoutubeTab"}, False, None),
        ({"url": "https://v.example/" + "x" * 3000, "title": "A"}, False, None),
        ({"url": "https://v.example/1", "title": "t" * 900, "uploader": "u" * 900}, True, "u" * 255),
    ],
)
def test_one_bad_film_does_not_spoil_a_playlist(entry: dict[str, Any], success: bool, artist: str | None) -> None:
    result, download = line(entry, PlaylistDownload(url="https://v.example/list"))
    assert result["success"] is success
    assert (download.artist if download else None) == artist
    assert ("error" in result) is not success


def test_an_address_is_looked_at_and_nothing_is_fetched(house: House, site: MediaServer) -> None:
    url = site.put_page("/watch", "Glass Harbor", "/film.mp4")
    job = run(house, kinds.INFORMATION, address_subject(url), url=url)
    assert (job.state, answer(job)["type"], answer(job)["url"]) == (State.COMPLETED, "video", url)
    assert "Glass Harbor" in answer(job)["title"]
    assert site.asked("/film.mp4") == []
    assert house.files() == []


def test_what_is_known_of_a_long_playlist_is_bounded(house: House, site: MediaServer) -> None:
    items = "".join(f"<item><title>{'t' * 900}</title><link>{site.url}/{number}</link></item>" for number in range(900))
    text = f"<rss version='2.0'><channel><title>Long</title><link>{site.url}</link>{items}</channel></rss>"
    url = site.put("/long.xml", text.encode(), content_type="application/rss+xml")
    job = run(house, kinds.INFORMATION, address_subject(url), url=url)
    assert (answer(job)["type"], len(answer(job)["entries"])) == ("playlist", 100)
    assert len(json.dumps(answer(job))) < 100_000


def test_an_address_that_refuses_says_so(house: House, site: MediaServer) -> None:
    url = site.put("/no", status=403)
    job = run(house, kinds.INFORMATION, address_subject(url), url=url)
    assert (job.state, job.error_class) == (State.FAILED, "forbidden")


def test_wanted_videos_are_handed_in_oldest_first(house: House) -> None:
    house.set(auto_download_max_videos="2")
    wanted = [Video(id=number, artist_id=1, title=f"W{number}", status="WANTED") for number in (2, 3, 4)]
    house.write(*wanted, Video(id=5, artist_id=1, title="Other", status="IGNORED"))
    house.write(Video(id=1, artist_id=1, title="There", status="DOWNLOADED"))
    job = run(house, kinds.AUTOMATIC, "wanted")
    assert (job.state, answer(job)["total_wanted"]) == (State.COMPLETED, 2)
    assert [one.subject for one in downloads(house)] == ["video 2", "video 3"]
    assert [house.video(number).status for number in (2, 3, 4)] == [
        VideoStatus.DOWNLOADING,
        VideoStatus.DOWNLOADING,
        VideoStatus.WANTED,
    ]
    assert Queue(downloads(house)[0].queue) is Queue.DOWNLOADS
    assert Download.model_validate(downloads(house)[0].payload).artist == "Nova Kestrel"
