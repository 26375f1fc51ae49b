"""What the job of kind `write-nfo` runs."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from fastapi_app.jobs.work import Done, Work
from fastapi_app.media.files import existing_file
from fastapi_app.nfo import files, queries
from fastapi_app.nfo.document import document
from fastapi_app.nfo.files import Outcome
from fastapi_app.nfo.payload import WriteNfo
from fastapi_app.nfo.preferences import Preferences, read
from fastapi_app.transaction import Record

_BATCH = 200
_TOLD = 20
"""How many refusals the result names."""


@dataclass
class Tally:
    """What became of the files so far."""

    files: Counter[Outcome] = field(default_factory=Counter)
    videos: int = 0
    missing: int = 0
    refused: list[dict[str, Any]] = field(default_factory=list)
    failed: int = 0

    def result(self) -> dict[str, Any]:
        told = (Outcome.WRITTEN, Outcome.UNCHANGED, Outcome.KEPT)
        counts = {outcome.value: self.files[outcome] for outcome in told}
        return {
            **counts,
            "videos": self.videos,
            "missing": self.missing,
            "failed": self.failed,
            "reasons": self.refused,
        }


def write(work: Work) -> Done:
    """Writes what the settings ask for, film by film. A folder that can't be written is told, and fails nothing."""
    wish = WriteNfo.model_validate(work.task.payload)
    with work.session() as session:
        wanted = read(session)
        total = queries.count(session, wish)
    tally, after = Tally(), 0
    while wanted.wants_any:
        with work.session() as session:
            rows = queries.page(session, wish, after, _BATCH)
        for row in rows:
            _one(work, row, wanted, tally, replace=wish.replace)
            percent = 100.0 * tally.videos / max(total, tally.videos)
            work.progress(stage="writing", percent=percent, message=f"{tally.videos:,} of {total:,} videos")
        if len(rows) < _BATCH:
            break
        after = rows[-1].id
    return Done(tally.result())


def _one(work: Work, row: Record, wanted: Preferences, tally: Tally, *, replace: bool) -> None:
    tally.videos += 1
    film = existing_file(work.config, row.local_path)
    if film is None:
        tally.missing += 1
        return
    picture = existing_file(work.config, row.thumbnail_path) if row.thumbnail_path else None
    try:
        if wanted.nfo:
            tally.files[files.write_nfo(film, document(queries.facts(row)), replace=replace)] += 1
        if wanted.artwork:
            tally.files[files.write_picture(film, picture, wanted.suffix, replace=replace)] += 1
    except OSError as error:
        tally.failed += 1
        if len(tally.refused) < _TOLD:
            tally.refused.append({"video_id": row.id, "reason": f"The folder can't be written: {error.strerror}"})
