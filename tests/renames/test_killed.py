"""A worker that is killed in the middle: rows and files agree at once, and the next attempt finishes the rest."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy.orm import Session

from fastapi_app.database import blocking_engine
from fastapi_app.jobs import running
from fastapi_app.jobs.states import Queue, State
from fastapi_app.models import Job, Video
from fastapi_app.renames import ending, hop, journal
from tests.renames.houses import HOME, House

_STEPS: tuple[tuple[Any, str], ...] = (
    (journal, "note"),
    (hop, "begin"),
    (journal, "tell"),
    (hop, "finish"),
    (journal, "settle"),
    (hop, "unstage"),
)
_FEW = (3, 4, 10, 14)
"""Between the two names of a film, before and after its row knows, and while another one stepped aside."""
_ALL = range(1, 19)


def _killed_at(point: int) -> Callable[[Any], Any]:
    """Wraps a step so that the process dies when it enters its `point`-th one."""
    count = 0

    def wrap(step: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*arguments: Any) -> Any:
            nonlocal count
            count += 1
            if count == point:
                os.kill(os.getpid(), signal.SIGKILL)
            return step(*arguments)

        return counted

    return wrap


@contextmanager
def _without_links(refused: bool) -> Iterator[None]:
    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    with pytest.MonkeyPatch.context() as patch:
        if refused:
            patch.setattr(os, "link", refuse)
        yield


def _work_and_die(house: House, point: int) -> None:
    """A worker in a process of its own."""
    process = os.fork()
    if process == 0:
        try:
            wrap = _killed_at(point)
            for module, name in _STEPS:
                setattr(module, name, wrap(getattr(module, name)))
            running.attempt(house.config, blocking_engine(house.config), Queue.MAINTENANCE)
        finally:
            os._exit(0)
    _, status = os.waitpid(process, 0)
    assert os.WIFSIGNALED(status)
    assert os.WTERMSIG(status) == signal.SIGKILL


def _every_film_is_played(house: House, *, links: bool) -> None:
    """Whoever asks for a video gets its own film, with no gap. Without links there is one, of a moment."""
    found = {f"{HOME}/{name}": text for name, text in house.files().items()}
    with Session(house.engine) as session:
        played = [(video.id, found.get(video.local_path or "")) for video in session.query(Video)]
    films = [text for name, text in found.items() if name.endswith(".mp4")]
    assert sorted(set(films)) == ["1", "2", "3"]
    lost = [number for number, text in played if text is None]
    assert len(lost) <= (0 if links else 1)
    assert all(text in (None, str(number)) for number, text in played)


def _reaped(house: House, rename_id: int) -> None:
    """What the reaper does with a job whose worker is silent."""
    job = house.job(rename_id)
    with house.writing() as session:
        row = session.get_one(Job, job.id)
        row.state, row.claim, row.heartbeat_at = State.QUEUED, None, None


def _killed(house: House, point: int, *, links: bool) -> int:
    house.film(1, "Nova/Two.mp4", "One").with_suffix(".nfo").write_text("nfo 1")
    house.film(2, "Nova/One.mp4", "Two").with_suffix(".nfo").write_text("nfo 2")
    house.film(3, "old/c.mp4", "Three")
    rename_id = house.submit()
    with _without_links(not links):
        _work_and_die(house, point)
        _every_film_is_played(house, links=links)
    return rename_id


def _is_whole(house: House) -> bool:
    beside = {name: text for name, text in house.files().items() if name.endswith(".nfo")}
    return house.is_sound() and beside == {"Nova/One.nfo": "nfo 1", "Nova/Two.nfo": "nfo 2"}


@pytest.mark.parametrize("point", _FEW)
def test_the_next_attempt_finishes(house: House, point: int) -> None:
    rename_id = _killed(house, point, links=True)
    _reaped(house, rename_id)
    house.work()
    assert _is_whole(house), house.files()
    assert {entry.state for entry in house.entries(rename_id).values()} == {"done"}


@pytest.mark.long
@pytest.mark.parametrize("links", [True, False], ids=["links", "no links"])
@pytest.mark.parametrize("point", _ALL)
def test_wherever_it_is_killed_the_next_attempt_finishes(house: House, point: int, links: bool) -> None:
    rename_id = _killed(house, point, links=links)
    _reaped(house, rename_id)
    with _without_links(not links):
        house.work()
    assert _is_whole(house), house.files()
    assert {entry.state for entry in house.entries(rename_id).values()} == {"done"}
    before = house.rename("{artist}/{title}", undoes=rename_id)
    assert {entry.state for entry in house.entries(before).values()} == {"done"}
    assert sorted(house.files()) == ["Nova/One.mp4", "Nova/One.nfo", "Nova/Two.mp4", "Nova/Two.nfo", "old/c.mp4"]


@pytest.mark.parametrize("point", [10])
def test_a_job_that_is_given_up_leaves_no_film_under_a_hidden_name(house: House, point: int) -> None:
    rename_id = _killed(house, point, links=True)
    ending.clean(house.config, house.job(rename_id).id)
    assert not [name for name in house.files() if ".rename-" in name]
    assert house.is_sound(), house.files()
