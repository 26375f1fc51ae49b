"""Two administrators demote each other at the same moment on the legacy side: one of them stays."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import Engine, create_engine, make_url
from sqlalchemy.orm import Session

from fastapi_app.models import Base, User, UserRole
from legacy_flask import database
from legacy_flask.app import create_app
from tests.legacy_flask.library import PASSWORD, make_library, user
from tests.servers.mariadb import start_mariadb


@pytest.fixture(params=["sqlite", pytest.param("mariadb", marks=pytest.mark.mariadb)])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Flask, Engine]]:
    """An application on an empty database of each kind."""
    with make_library(tmp_path) as library:
        if request.param == "sqlite":
            yield library.app, library.engine
            return
        with start_mariadb(tmp_path / "server") as server:
            url = server.create_database("users")
            engine = create_engine(make_url(url).set(drivername="mysql+pymysql"))
            Base.metadata.create_all(engine)
            app = create_app(replace(library.settings, database_url=url))
            try:
                yield app, engine
            finally:
                database.of(app).close()
                engine.dispose()


@pytest.mark.parametrize("path", ["role", "deactivate"])
def test_one_of_two_administrators_stays(opened: tuple[Flask, Engine], path: str) -> None:
    app, engine = opened
    with Session(engine) as session, session.begin():
        session.add_all([user("boss", UserRole.ADMIN, id=1), user("chief", UserRole.ADMIN, id=2)])
    together = Barrier(2)

    def take_rights(name: str, target: int) -> int:
        client = app.test_client()
        assert client.post("/auth/login", json={"username": name, "password": PASSWORD}).status_code == 200
        together.wait(10)
        method, body = ("PUT", {"role": "USER"}) if path == "role" else ("POST", None)
        return client.open(f"/api/api/users/{target}/{path}", method=method, json=body).status_code

    with ThreadPoolExecutor(2) as threads:
        statuses = list(threads.map(take_rights, ("boss", "chief"), (2, 1)))
    assert Counter(statuses)[200] == 1, statuses
    assert set(statuses) <= {200, 401, 403, 409}
    with Session(engine) as session:
        assert session.query(User).filter_by(role=UserRole.ADMIN, is_active=True).count() == 1
