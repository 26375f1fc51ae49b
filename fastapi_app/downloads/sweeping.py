"""Removing what downloads left behind: parts that nobody will finish, and films that were replaced.

What the job of kind `sweep-downloads` runs. Everything it removes it first finds to be nobody's.
"""

import time
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from fastapi_app.config import Config
from fastapi_app.downloads import incoming, kinds
from fastapi_app.downloads.preferences import read
from fastapi_app.indexing.walk import real_folder
from fastapi_app.jobs.states import TERMINAL, State
from fastapi_app.jobs.work import Done, Work
from fastapi_app.media.files import existing_file
from fastapi_app.media.paths import Roots
from fastapi_app.models import Job, Video, now
from fastapi_app.videos.films.folders import spellings_of

_LOOKS_BACK = timedelta(days=30)
_STALE_TURN_SECONDS = 86_400


def sweep(work: Work) -> Done:
    """Answers how many parts and films went."""
    with work.session() as session:
        library = real_folder(Roots.of(work.config), read(session).library)
        ended = _ended(session, library) if library is not None else []
        replaced = _replaced(session, work.config)
    for job_id in ended:
        if library is not None:
            incoming.drop(library, job_id)
    for film in replaced:
        with suppress(OSError):
            film.unlink()
    _drop_turns(work.config.data_dir / "cache" / "turns", time.time())
    return Done({"parts": len(ended), "films": len(replaced)})


def _ended(session: Session, library: Path) -> list[int]:
    """The jobs with parts that have ended, or that nobody knows."""
    there = list(incoming.jobs_in(library))
    rows = session.execute(select(Job.id, Job.state).where(Job.id.in_(there)))
    alive = {row.id for row in rows if row.state not in TERMINAL}
    return [job_id for job_id in there if job_id not in alive]


def _replaced(session: Session, config: Config) -> list[Path]:
    """Films that a completed download replaced and could not remove, because its worker died in that moment."""
    query = select(Job.result).where(
        Job.kind == kinds.DOWNLOAD.name, Job.state == State.COMPLETED, Job.finished_at > now() - _LOOKS_BACK
    )
    found: list[Path] = []
    for result in session.scalars(query):
        old = result.get("replaced") if isinstance(result, dict) else None
        path = existing_file(config, old) if isinstance(old, str) and old else None
        new = existing_file(config, str(result.get("path") or "")) if path is not None else None
        is_alone = path is not None and new is not None and not path.samefile(new)
        if is_alone and path is not None and not _is_named(session, config, str(old)):
            found.append(path)
    return found


def _is_named(session: Session, config: Config, stored: str) -> bool:
    spelled = spellings_of(Roots.of(config), stored)
    return (
        session.scalar(select(Video.id).where(or_(*(Video.local_path == one for one in spelled))).limit(1)) is not None
    )


def _drop_turns(folder: Path, moment: float) -> None:
    with suppress(OSError):
        for file in folder.glob("*.turn"):
            if file.stat().st_mtime < moment - _STALE_TURN_SECONDS:
                file.unlink()
