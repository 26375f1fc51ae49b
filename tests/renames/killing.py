"""A worker that dies in the middle of a renaming, and what must be true then."""

import os
import signal
from collections.abc import Callable
from typing import Any

from sqlalchemy import select

from fastapi_app.database import blocking_engine
from fastapi_app.jobs import running
from fastapi_app.jobs.states import Queue, State
from fastapi_app.models import Job, Video
from fastapi_app.renames import hop, journal
from tests.renames.houses import HOME, House

_STEPS: tuple[tuple[Any, str], ...] = (
    (journal, "note"),
    (hop, "begin"),
    (journal, "tell"),
    (hop, "finish"),
    (journal, "settle"),
    (hop, "unstage"),
)


def work_and_die(house: House, point: int) -> None:
    """A worker in a process of its own, which dies when it enters its `point`-th step."""
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


def every_film_is_played(house: House, *, links: bool = True) -> None:
    """Whoever asks for a video gets its own film, with no gap. Without links there is one, of a moment."""
    found = {f"{HOME}/{name}": text for name, text in house.files().items()}
    rows = house.read(lambda session: session.execute(select(Video.id, Video.local_path)).all())
    played = [(row.id, found.get(row.local_path or "")) for row in rows]
    films = {text for name, text in found.items() if name.endswith(".mp4")}
    assert films == {str(row.id) for row in rows}
    lost = [number for number, text in played if text is None]
    assert len(lost) <= (0 if links else 1)
    assert all(text in (None, str(number)) for number, text in played)


def reaped(house: House, rename_id: int) -> None:
    """What the reaper does with a job whose worker is silent."""
    job = house.job(rename_id)
    with house.writing() as session:
        row = session.get_one(Job, job.id)
        row.state, row.claim, row.heartbeat_at = State.QUEUED, None, None


def _killed_at(point: int) -> Callable[[Any], Any]:
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
