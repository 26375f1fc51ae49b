"""A small library, and the legacy application on it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import bcrypt
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import URL, Engine, create_engine, event
from sqlalchemy.orm import Session

from fastapi_app.models import CONNECT_ARGUMENTS, WRITES, Artist, Base, Setting, User, UserRole, Video, prepare_sqlite
from legacy_flask import database
from legacy_flask.app import create_app
from legacy_flask.configuration import LegacySettings

PASSWORD = "Correct-Horse1!"
KEY = "a-key-that-only-these-tests-know"
CREATED = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC).replace(tzinfo=None)
_HASH = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()


@dataclass
class Library:
    """An empty library with the gate open, and the application that serves it."""

    app: Flask
    engine: Engine
    data: Path
    settings: LegacySettings

    def client(self) -> FlaskClient:
        return self.app.test_client()

    def add(self, *rows: Base) -> None:
        with self.writing() as session:
            session.add_all(rows)

    def one(self, model: type[Any], row_id: int) -> Any:
        with Session(self.engine) as session:
            return session.get(model, row_id)

    def count(self, model: type[Any]) -> int:
        with Session(self.engine) as session:
            return session.query(model).count()

    @contextmanager
    def writing(self) -> Iterator[Session]:
        with Session(self.engine.execution_options(**{WRITES: True})) as session, session.begin():
            yield session

    def close_gate(self) -> None:
        with self.writing() as session:
            session.query(Setting).filter_by(key="require_authentication").update({"value": "true"})

    def log_in(self, role: UserRole) -> FlaskClient:
        """A client with a login of that role."""
        name = role.lower()
        if not self._has(name):
            self.add(user(name, role))
        client = self.client()
        answer = client.post("/auth/login", json={"username": name, "password": PASSWORD})
        assert answer.status_code == 200, answer.text
        return client

    def file(self, stored: str, content: bytes = b"film") -> Path:
        """Writes the file behind a stored path that begins with data/."""
        path = self.data / stored.removeprefix("data/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    def _has(self, name: str) -> bool:
        with Session(self.engine) as session:
            return session.query(User).filter_by(username=name).count() > 0


@contextmanager
def make_library(folder: Path, **options: Any) -> Iterator[Library]:
    """On SQLite, in `folder`. `options` are further fields of LegacySettings."""
    data = folder / "data"
    (data / "musicvideos").mkdir(parents=True)
    static = folder / "static"
    static.mkdir()
    (static / "page.css").write_text("body {}")
    address = URL.create("sqlite+pysqlite", database=str(data / "mvidarr.db"))
    engine = create_engine(address, connect_args=CONNECT_ARGUMENTS)
    prepare_sqlite(engine)
    Base.metadata.create_all(engine)
    url = address.set(drivername="sqlite").render_as_string()
    settings = replace(LegacySettings(url, lambda: (KEY,), data, static), **options)
    app = create_app(settings)
    library = Library(app, engine, data, settings)
    library.add(Setting(key="require_authentication", value="false"))
    try:
        yield library
    finally:
        database.of(app).close()
        engine.dispose()


def artist(row_id: int, name: str = "Nova Kestrel", **columns: Any) -> Artist:
    return Artist(**{"id": row_id, "name": name, "created_at": CREATED, "updated_at": CREATED, **columns})


def video(row_id: int, artist_id: int = 1, title: str = "Glass Harbor", **columns: Any) -> Video:
    given = {"id": row_id, "artist_id": artist_id, "title": title, "created_at": CREATED, "updated_at": CREATED}
    return Video(**{**given, **columns})


def user(name: str, role: UserRole | None = UserRole.USER, **columns: Any) -> User:
    given = {"username": name, "email": f"{name}@example.org", "password_hash": _HASH, "role": role}
    return User(**{**given, "is_active": True, **columns})


@contextmanager
def statements(engine: Engine) -> Iterator[list[str]]:
    """The SQL that `engine` executes inside the block."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)
