"""Downloads that are cancelled, paused or killed at the worst moment."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy.orm import Session

from fastapi_app.downloads import downloading, ending, kinds, placing
from fastapi_app.jobs.heartbeat import Pace
from fastapi_app.jobs.states import Queue, State
from fastapi_app.jobs.submission import submit
from fastapi_app.models import WRITES, Job, Video, VideoStatus
from tests.downloads.conftest import House
from tests.servers.media_server import MediaServer, wait_until

SLOW = 40_000
ATTENTIVE = Pace(look=0.1)
"""Hears what it is asked long before a slow film is there."""
STORED = "data/musicvideos/Nova Kestrel/Glass Harbor.mp4"


@contextmanager
def asked_when_half_done(house: House, job_id: int, **asked: bool) -> Iterator[None]:
    """Sets columns of the job once a part of its film is there, as another process would."""

    def ask() -> None:
        wait_until(lambda: any(name.endswith(".part") for name in house.files()))
        house.change_job(job_id, **asked)

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield
    finally:
        thread.join()


@pytest.fixture
def slow(site: MediaServer, films: dict[str, bytes]) -> str:
    return site.put("/slow.mp4", films["large.mp4"], rate=SLOW)


def test_a_download_that_is_cancelled_in_the_middle_leaves_nothing(house: House, slow: str) -> None:
    job_id = house.submit(video_id=1, url=slow)
    with asked_when_half_done(house, job_id, cancel_requested=True):
        assert house.run(pace=ATTENTIVE)
    assert house.job(job_id).state == State.CANCELLED
    assert house.files() == []
    assert house.video().status == VideoStatus.WANTED


def test_a_download_that_is_paused_goes_on_where_it_was(
    house: House, site: MediaServer, slow: str, films: dict[str, bytes]
) -> None:
    job_id = house.submit(video_id=1, url=slow)
    with asked_when_half_done(house, job_id, pause_requested=True):
        assert house.run(pace=ATTENTIVE)
    assert house.job(job_id).state == State.PAUSED
    (part,) = (name for name in house.files() if name.endswith(".part"))
    size = (house.library / part).stat().st_size
    assert 0 < size < len(films["large.mp4"])
    site.things["/slow.mp4"].rate = None
    site.calls.clear()
    house.change_job(job_id, state=State.QUEUED)
    assert house.run()
    assert house.job(job_id).state == State.COMPLETED
    assert f"bytes={size}-" in [call.headers.get("range") for call in site.asked("/slow.mp4")]
    assert (house.library / house.films()[0]).read_bytes() == films["large.mp4"]


def test_a_cancel_during_the_final_rename_comes_too_late_however_often(
    house: House, site: MediaServer, films: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id = house.submit(video_id=1, url=site.url + "/film.mp4")
    take = placing._take

    asked: list[bool] = []

    def asked_meanwhile(*given: Any, **named: Any) -> Any:
        for _ in range(2):
            asked.append(house.job(job_id).state == State.RUNNING)
            house.change_job(job_id, cancel_requested=True)
            time.sleep(0.3)  # the heartbeat looks ten times a second, and asks again with every look
        return take(*given, **named)

    monkeypatch.setattr(placing, "_take", asked_meanwhile)
    assert house.run(pace=Pace(look=0.1, beat=0.2))
    assert asked == [True, True]
    assert house.job(job_id).state == State.COMPLETED
    assert house.video().status == VideoStatus.DOWNLOADED
    assert house.films() == ["Nova Kestrel/Glass Harbor.mp4"]
    assert (house.library / house.films()[0]).read_bytes() == films["large.mp4"]


def dying_after(target: Any, name: str, before: bool = False) -> Callable[..., Any]:
    """A function that does what it did, and then the process is gone."""
    real = getattr(target, name)

    def die(*given: Any, **named: Any) -> Any:
        if not before:
            real(*given, **named)
        os.kill(os.getpid(), signal.SIGKILL)

    return die


MOMENTS = {
    "the film is proven": (downloading, "planned", False),
    "the plan is noted": (placing, "put", True),
    "the film has both names": (placing, "_take", False),
    "the film is in its place": (placing, "put", False),
    "the rows are committed": (placing, "remove_replaced", True),
}


@pytest.mark.parametrize(
    ("moment", "replaces"),
    [
        (moment, replaces)
        if replaces and moment in {"the film is in its place", "the rows are committed"}
        else pytest.param(moment, replaces, marks=pytest.mark.long)
        for moment in MOMENTS
        for replaces in (False, True)
    ],
)
def test_a_worker_that_dies_leaves_one_whole_film_and_the_next_one_finishes(
    moment: str, replaces: bool, house: House, site: MediaServer, films: dict[str, bytes]
) -> None:
    if replaces:
        old = house.library / "Nova Kestrel" / "Older.mp4"
        old.parent.mkdir(parents=True)
        old.write_bytes(films["small.mp4"])
        stored = "data/musicvideos/Nova Kestrel/Older.mp4"
        house.write(Video(id=1, artist_id=1, title="Glass Harbor", status="DOWNLOADED", local_path=stored))
    job_id = house.submit(video_id=1, url=site.url + "/film.mp4")
    assert die_at(moment, house) == signal.SIGKILL
    named = house.video().local_path
    if named is not None:
        assert (house.config.data_dir / named.removeprefix("data/")).read_bytes() in (
            films["small.mp4"],
            films["large.mp4"],
        )
    if house.job(job_id).state == State.RUNNING:
        house.change_job(job_id, state=State.RETRYING, claim=None)
        site.calls.clear()
        assert house.run()
        assert not site.calls or moment == "the film is proven", "it was downloaded twice"
    job = house.job(job_id)
    assert (job.state, job.error_class) == (State.COMPLETED, None)
    assert house.video().local_path == STORED
    assert house.video().status == VideoStatus.DOWNLOADED
    sweep(house)
    assert house.films() == ["Nova Kestrel/Glass Harbor.mp4"]
    assert (house.library / house.films()[0]).read_bytes() == films["large.mp4"]
    assert not [name for name in house.files() if ".incoming" in name]


def die_at(moment: str, house: House) -> int:
    """Runs the next job in a process that is killed at a moment; the signal that ended it."""
    target, name, before = MOMENTS[moment]
    child = os.fork()
    if child == 0:
        try:
            house.engine.dispose(close=False)
            setattr(target, name, dying_after(target, name, before))
            house.run()
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    return os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0


def sweep(house: House) -> None:
    with Session(house.engine.execution_options(**{WRITES: True})) as session, session.begin():
        submit(session, kinds.SWEEP, "all", {})
    assert house.run(Queue.MAINTENANCE)


def test_parts_of_jobs_that_ended_are_swept_and_others_stay(house: House, site: MediaServer) -> None:
    waiting = house.submit(url=site.url + "/film.mp4", title="Waiting")
    ended = house.submit(url=site.url + "/other.mp4", title="Ended")
    house.change_job(ended, state=State.CANCELLED, active_key=None)
    for number in (waiting, ended, 4711):
        folder = house.library / ".incoming" / str(number)
        folder.mkdir(parents=True)
        (folder / "film.mp4.part").write_bytes(b"x")
    sweep(house)
    assert house.files() == [f".incoming/{waiting}/film.mp4.part"]


@pytest.mark.parametrize(
    ("before", "path", "state", "after"),
    [
        (VideoStatus.DOWNLOADING, None, State.FAILED, VideoStatus.FAILED),
        (VideoStatus.DOWNLOADING, None, State.CANCELLED, VideoStatus.WANTED),
        (VideoStatus.DOWNLOADING, STORED, State.FAILED, VideoStatus.DOWNLOADED),
        (VideoStatus.DOWNLOADED, STORED, State.FAILED, VideoStatus.DOWNLOADED),
        (VideoStatus.IGNORED, None, State.FAILED, VideoStatus.IGNORED),
        (VideoStatus.DOWNLOADING, None, State.COMPLETED, VideoStatus.DOWNLOADING),
        (VideoStatus.FAILED, None, State.QUEUED, VideoStatus.DOWNLOADING),
        (VideoStatus.WANTED, None, State.RUNNING, VideoStatus.DOWNLOADING),
        (VideoStatus.DOWNLOADED, STORED, State.QUEUED, VideoStatus.DOWNLOADED),
    ],
)
def test_what_becomes_of_a_video_whose_download_did_not_succeed(
    before: VideoStatus, path: str | None, state: State, after: VideoStatus, house: House
) -> None:
    house.write(Video(id=1, artist_id=1, title="Glass Harbor", status=before, local_path=path))
    for _ in range(2):
        with Session(house.engine.execution_options(**{WRITES: True})) as session, session.begin():
            ending.write(session, [{"video_id": 1}], state)
    assert house.video().status == after


def test_handing_in_twice_is_one_job(house: House, site: MediaServer) -> None:
    first = house.submit(video_id=1, url=site.url + "/film.mp4")
    assert house.submit(video_id=1, url=site.url + "/film.mp4") == first
    assert house.video().status == VideoStatus.DOWNLOADING
    job: Job = house.job(first)
    assert (job.subject, job.download_id) == ("video 1", 1)
