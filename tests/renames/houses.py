"""A library with real files, and a worker that runs when it is told to."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from fastapi_app.config import Config
from fastapi_app.jobs import running
from fastapi_app.jobs.states import Queue
from fastapi_app.jobs.submission import submit
from fastapi_app.models import WRITES, Artist, Job, Rename, RenamedFile, Setting, Video, VideoStatus
from fastapi_app.renames import kinds
from fastapi_app.renames.payload import RenameFiles

HOME = "data/musicvideos"
Answer = TypeVar("Answer")


@dataclass
class House:
    """Videos of one artist, `Nova`, unless another is named."""

    config: Config
    engine: Engine

    @property
    def library(self) -> Path:
        return self.config.data_dir / "musicvideos"

    def set(self, key: str, value: str) -> None:
        with self.writing() as session:
            row = session.scalar(select(Setting).where(Setting.key == key))
            if row is None:
                session.add(Setting(key=key, value=value))
            else:
                row.value = value

    def film(self, number: int, below: str, title: str, *, home: str = HOME, artist: str = "Nova", **more: Any) -> Path:
        """A video and its file. The file holds the number of the video."""
        file = self.library / below
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(str(number))
        fields = {"status": VideoStatus.DOWNLOADED, **more}
        with self.writing() as session:
            session.merge(Artist(id=len(artist), name=artist))
            session.merge(Video(id=number, artist_id=len(artist), title=title, local_path=f"{home}/{below}", **fields))
        return file

    def submit(self, template: str = "{artist}/{title}", undoes: int | None = None) -> int:
        """The number of a new run."""
        with self.writing() as session:
            rename = Rename(template=template, undoes=undoes)
            session.add(rename)
            session.flush()
            payload = RenameFiles(rename_id=rename.id).model_dump()
            rename.job_id = submit(session, kinds.RENAME, kinds.SUBJECT, payload).job.id
            return rename.id

    def work(self) -> None:
        """What a worker does."""
        assert running.attempt(self.config, self.engine, Queue.MAINTENANCE)

    def rename(self, template: str = "{artist}/{title}", undoes: int | None = None) -> int:
        rename_id = self.submit(template, undoes)
        self.work()
        assert self.job(rename_id).state == "completed", self.job(rename_id).error_log
        return rename_id

    def job(self, rename_id: int) -> Job:
        query = select(Job).join(Rename, Rename.job_id == Job.id).where(Rename.id == rename_id)
        return self.read(lambda session: session.scalars(query).one())

    def entries(self, rename_id: int) -> dict[int, RenamedFile]:
        query = select(RenamedFile).where(RenamedFile.rename_id == rename_id)
        return {row.video_id: row for row in self.read(lambda session: session.scalars(query).all())}

    def path(self, number: int) -> str | None:
        return self.read(lambda session: session.get_one(Video, number).local_path)

    def files(self) -> dict[str, str]:
        """What every file of the library holds, hidden ones included."""
        found = sorted(file for file in self.library.rglob("*") if file.is_file())
        return {str(file.relative_to(self.library)): file.read_text() for file in found}

    def is_sound(self) -> bool:
        """Whether every row names its own film, and no film has two names."""
        with Session(self.engine) as session:
            rows = session.execute(select(Video.id, Video.local_path)).all()
        found = {f"{HOME}/{name}": text for name, text in self.files().items()}
        films = {name: text for name, text in found.items() if name.endswith(".mp4")}
        return films == {str(row.local_path).replace("/app/data", "data"): str(row.id) for row in rows}

    def change(self, item: Any) -> None:
        with self.writing() as session:
            session.merge(item)

    @contextmanager
    def writing(self) -> Iterator[Session]:
        with Session(self.engine.execution_options(**{WRITES: True})) as session, session.begin():
            yield session

    def read(self, read: Callable[[Session], Answer]) -> Answer:
        with Session(self.engine, expire_on_commit=False) as session:
            return read(session)
