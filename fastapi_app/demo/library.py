"""Filling an empty library with the demo: every file first, then every row in one transaction."""

import tempfile
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from fastapi_app.demo import catalogue, clips, posters
from fastapi_app.demo.catalogue import Artist as Act
from fastapi_app.demo.catalogue import Clip
from fastapi_app.models import WRITES, Artist, Video, VideoStatus
from fastapi_app.operations.refusal import LibraryNotEmpty

_STORED_ROOT = Path("data")
"""Stored paths begin so, as 0.9 wrote them; it stands for the data folder, wherever that is."""


def fill(engine: Engine, data_dir: Path, ffmpeg: str, moment: datetime, advance: Callable[[str], None]) -> None:
    """Makes the files and the rows. `advance` hears the name of each file made; `moment` is the newest row's birth.

    Raises LibraryNotEmpty, or ProgramFailed. Interrupted at any point it leaves either nothing or whole files that
    no row names.
    """
    with Session(engine) as session:
        _refuse_unless_empty(session)
    with tempfile.TemporaryDirectory(prefix=".demo-", dir=data_dir) as name:
        stage = Path(name)
        _make_files(stage, ffmpeg, advance)
        for made in sorted(path for path in stage.rglob("*") if path.is_file()):
            _put(made, data_dir / made.relative_to(stage))
    with Session(engine.execution_options(**{WRITES: True})) as session, session.begin():
        _refuse_unless_empty(session)
        session.add_all(_rows(moment))


def steps() -> int:
    """How often `fill` calls `advance`."""
    return len(catalogue.filmed()) + sum(1 + len(act.clips) for act in catalogue.ARTISTS)


def _refuse_unless_empty(session: Session) -> None:
    for table in (Artist, Video):
        if session.scalar(select(func.count()).select_from(table)):
            raise LibraryNotEmpty("The library is not empty, so the demo was not added.")


def _make_files(stage: Path, ffmpeg: str, advance: Callable[[str], None]) -> None:
    seeds = iter(range(10**6))
    for act in catalogue.ARTISTS:
        _paint(stage / _artist_picture(act), posters.SQUARE, act, posters.Caption(act.name, act.latin), next(seeds))
        advance(act.name)
        for clip in act.clips:
            caption = posters.Caption(clip.title, clip.latin, act.name, act.latin)
            _paint(stage / _clip_picture(act, clip), posters.WIDE, act, caption, next(seeds))
            advance(clip.title)
    clips.encode(ffmpeg, list(_orders(stage)), lambda order: advance(order.title))


def _orders(stage: Path) -> Iterator[clips.Order]:
    for act, clip in catalogue.filmed():
        path = stage / _clip_file(act, clip)
        path.parent.mkdir(parents=True, exist_ok=True)
        yield clips.Order(clip.picture, clip.sound, clip.seconds, clip.title, act.name, path)


def _paint(path: Path, size: tuple[int, int], act: Act, caption: posters.Caption, seed: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    posters.poster(size, act.palette, caption, seed).save(path, "JPEG", quality=86)


def _put(made: Path, target: Path) -> None:
    """Moves a whole file into place at once; what is already there stays."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if not target.exists():
        made.rename(target)


def _rows(moment: datetime) -> Iterator[Artist]:
    births = (moment - timedelta(hours=7 * number) for number in range(10**6))
    for act in catalogue.ARTISTS:
        artist = Artist(
            name=act.name,
            genres=list(act.genres),
            keywords=[],
            monitored=True,
            source="demo",
            thumbnail_path=_stored(_artist_picture(act)),
            thumbnail_source="demo",
            folder_path=act.name,
            created_at=next(births),
        )
        artist.videos = [_video(act, clip, next(births)) for clip in act.clips]
        yield artist


def _video(act: Act, clip: Clip, birth: datetime) -> Video:
    has_file = clip.status is VideoStatus.DOWNLOADED
    return Video(
        title=clip.title,
        year=clip.year,
        status=clip.status,
        source="demo",
        duration=clip.seconds if has_file else None,
        quality="360p" if has_file else None,
        local_path=_stored(_clip_file(act, clip)) if has_file else None,
        thumbnail_path=_stored(_clip_picture(act, clip)),
        thumbnail_source="demo",
        genres=list(act.genres),
        directors=[act.director],
        producers=[],
        created_at=birth,
        discovered_date=birth,
    )


def _clip_file(act: Act, clip: Clip) -> Path:
    return Path("musicvideos") / act.name / f"{clip.title.replace('?', '')}.mp4"


def _clip_picture(act: Act, clip: Clip) -> Path:
    return Path("thumbnails/videos") / f"{_slug(act.name)}_{_slug(clip.title)}.jpg"


def _artist_picture(act: Act) -> Path:
    return Path("thumbnails/artists") / f"{_slug(act.name)}.jpg"


def _slug(name: str) -> str:
    return "".join(letter for letter in name.lower().replace(" ", "_") if letter.isalnum() or letter in "_-")


def _stored(path: Path) -> str:
    return (_STORED_ROOT / path).as_posix()
