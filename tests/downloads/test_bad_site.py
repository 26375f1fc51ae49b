"""A site that misbehaves: each way ends in its own error class, and leaves no file behind."""

from collections.abc import Callable
from typing import Any

import pytest

from fastapi_app.jobs.states import State
from fastapi_app.models import Job
from tests.downloads.conftest import House
from tests.servers.media_server import MediaServer


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (401, "forbidden"),
        (403, "forbidden"),
        (404, "not-found"),
        (410, "not-found"),
        (451, "geo"),
        (418, "unsupported-url"),
    ],
)
def test_a_refusal_is_final_and_says_which(
    status: int, expected: str, house: House, site: MediaServer, ordered: Callable[..., Job]
) -> None:
    job = ordered(site.put("/refused.mp4", status=status))
    assert (job.state, job.error_class) == (State.FAILED, expected)
    assert str(status) in (job.error_log or "")
    assert house.files() == []


def test_a_site_that_asks_for_time_gets_it(house: House, site: MediaServer, ordered: Callable[..., Job]) -> None:
    job = ordered(site.put("/film429.mp4", status=429, headers={"Retry-After": "1234"}))
    assert (job.state, job.error_class) == (State.RETRYING, "rate-limit")
    assert 1230 <= (job.due_at - job.updated_at).total_seconds() <= 1250


def test_a_broken_server_is_tried_again_later(house: House, site: MediaServer, ordered: Callable[..., Job]) -> None:
    job = ordered(site.put("/film503.mp4", status=503))
    assert (job.state, job.error_class) == (State.RETRYING, "network")


def test_a_server_that_is_not_there_is_tried_again_later(
    house: House, site: MediaServer, ordered: Callable[..., Job]
) -> None:
    job = ordered("http://127.0.0.1:9/film.mp4")
    assert (job.state, job.error_class) == (State.RETRYING, "network")


def test_a_server_that_is_never_there_fails_in_the_end_and_leaves_nothing(
    house: House, site: MediaServer, films: dict[str, bytes]
) -> None:
    url = site.put("/film0.mp4", films["large.mp4"], breaks=99, breaks_after=9_000)
    job_id = house.submit(video_id=1, url=url)
    house.change_job(job_id, attempt_limit=1)
    assert house.run()
    job = house.job(job_id)
    assert (job.state, job.error_class) == (State.FAILED, "network")
    assert house.files() == []


def test_a_download_that_breaks_off_goes_on_where_it_was(
    house: House, site: MediaServer, films: dict[str, bytes], ordered: Callable[..., Job]
) -> None:
    # The first answer is to yt-dlp's own look at the address.
    url = site.put("/film1.mp4", films["large.mp4"], breaks=2, breaks_after=40_000)
    assert ordered(url).state == State.COMPLETED
    ranges = [call.headers.get("range", "") for call in site.asked("/film1.mp4")]
    assert any(one and one != "bytes=0-" for one in ranges)
    assert house.films() == ["Nova Kestrel/Glass Harbor.mp4"]
    assert (house.library / house.films()[0]).read_bytes() == films["large.mp4"]


def test_the_next_attempt_goes_on_where_the_last_one_broke_off(
    house: House, site: MediaServer, films: dict[str, bytes], ordered: Callable[..., Job]
) -> None:
    url = site.put("/film2.mp4", films["large.mp4"], breaks=9, breaks_after=30_000)
    job = ordered(url)
    assert (job.state, job.error_class) == (State.RETRYING, "network")
    assert house.films() == []
    parts = [name for name in house.files() if name.endswith(".part")]
    assert len(parts) == 1
    size = (house.library / parts[0]).stat().st_size
    site.things["/film2.mp4"].breaks = 0
    site.calls.clear()
    house.change_job(job.id, due_at=job.created_at)
    assert house.run()
    assert house.job(job.id).state == State.COMPLETED
    assert f"bytes={size}-" in [call.headers.get("range") for call in site.asked("/film2.mp4")]
    assert (house.library / house.films()[0]).read_bytes() == films["large.mp4"]
    assert not [name for name in house.files() if ".incoming" in name]


def test_a_server_that_lies_about_the_length_is_not_believed(
    house: House, site: MediaServer, films: dict[str, bytes], ordered: Callable[..., Job]
) -> None:
    job = ordered(site.put("/film3.mp4", films["large.mp4"], lies=5_000))
    assert (job.state, job.error_class) == (State.RETRYING, "network")
    assert house.films() == []


def test_a_part_of_another_film_is_given_up_and_the_film_fetched_anew(
    house: House, site: MediaServer, films: dict[str, bytes]
) -> None:
    """Sites exchange files; what was there from the last attempt may belong to none of them."""
    job_id = house.submit(video_id=1, url=site.url + "/film.mp4")
    part = house.library / ".incoming" / str(job_id) / "film.mp4.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(b"x" * 50_000)
    assert house.run()
    job = house.job(job_id)
    assert (job.state, job.error_class) == (State.RETRYING, "bad-file")
    house.change_job(job_id, due_at=job.created_at)
    assert house.run()
    assert house.job(job_id).state == State.COMPLETED
    assert (house.library / house.films()[0]).read_bytes() == films["large.mp4"]


def test_half_a_film_that_says_it_is_whole_is_no_film(
    house: House, site: MediaServer, films: dict[str, bytes], ordered: Callable[..., Job]
) -> None:
    job = ordered(site.put("/half.mp4", films["large.mp4"][: len(films["large.mp4"]) // 2]))
    assert (job.state, job.error_class) == (State.FAILED, "bad-file")
    assert house.files() == []


def test_a_page_in_the_place_of_a_film_is_no_film(house: House, site: MediaServer, ordered: Callable[..., Job]) -> None:
    job = ordered(site.put("/fake.mp4", b"<html>" + b"Please log in. " * 4_000))
    assert (job.state, job.error_class) == (State.FAILED, "bad-file")
    assert house.files() == []


def test_a_page_without_a_film_says_so(house: House, site: MediaServer, ordered: Callable[..., Job]) -> None:
    job = ordered(site.put("/empty", b"<html><body>Nothing</body></html>", content_type="text/html"))
    assert (job.state, job.error_class) == (State.FAILED, "unsupported-url")
    assert house.files() == []


def test_a_page_that_asks_whether_we_are_a_robot_stops_the_queue(
    house: House, site: MediaServer, ordered: Callable[..., Job], monkeypatch: pytest.MonkeyPatch
) -> None:
    from yt_dlp import YoutubeDL  # type: ignore[import-untyped]
    from yt_dlp.utils import ExtractorError  # type: ignore[import-untyped]

    def asks(*_given: Any, **_named: Any) -> None:
        raise ExtractorError("[youtube] abc: Sign in to confirm you're not a bot. Use --cookies", expected=True)

    monkeypatch.setattr(YoutubeDL, "extract_info", asks)
    job = ordered(site.url + "/film.mp4")
    queue = house.queue()
    assert (job.state, job.attempts) == (State.QUEUED, 0)
    assert queue is not None
    assert queue.cause == "bot-check"
    assert "cookies" in (queue.reason or "")
    assert not house.run(), "a paused queue runs nothing"


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://127.0.0.1/film.mp4",
        "javascript:alert(1)",
        "data:video/mp4,x",
        "film",
        "ytsearch5:x",
    ],
)
def test_only_the_web_is_asked(url: str, house: House, ordered: Callable[..., Job]) -> None:
    job = ordered(url)
    assert (job.state, job.error_class) == (State.FAILED, "unsupported-url")
    assert house.files() == []


def test_what_is_said_of_a_failure_holds_no_secrets(
    house: House, site: MediaServer, ordered: Callable[..., Job]
) -> None:
    folder = house.config.data_dir / "cookies"
    folder.mkdir()
    text = "# Netscape HTTP Cookie File\n127.0.0.1\tFALSE\t/\tFALSE\t0\tSID\tcookie-of-a-person\n"
    (folder / "youtube_cookies.txt").write_text(text)
    (folder / "youtube_cookies.txt").chmod(0o644)
    job = ordered(site.put("/no.mp4", status=403) + "?token=key-of-a-person")
    assert job.error_class == "forbidden"
    assert site.asked("/no.mp4")[0].headers["cookie"] == "SID=cookie-of-a-person"
    assert "of-a-person" not in f"{job.error_message} {job.error_log}"
    assert (folder / "youtube_cookies.txt").read_text() == text
    assert (folder / "youtube_cookies.txt").stat().st_mode & 0o777 == 0o600
