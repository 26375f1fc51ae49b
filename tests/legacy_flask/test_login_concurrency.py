"""Many logins at once on the legacy side, over a real MariaDB: each failure counts, and a code opens one login."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import Engine, create_engine, make_url
from sqlalchemy.orm import Session

from fastapi_app.models import Attempt, Base, User, UserSession, now
from legacy_flask import database, login
from legacy_flask.app import create_app
from tests.legacy_flask.library import PASSWORD, make_library, user
from tests.legacy_flask.test_second_factor_login import PLAIN, anna, half_way, verify
from tests.servers.mariadb import start_mariadb

pytestmark = pytest.mark.mariadb


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Flask, Engine]]:
    folder = tmp_path_factory.mktemp("logins")
    with make_library(folder) as library, start_mariadb(folder / "server") as server:
        url = server.create_database("logins")
        engine = create_engine(make_url(url).set(drivername="mysql+pymysql"))
        Base.metadata.create_all(engine)
        app = create_app(replace(library.settings, database_url=url))
        try:
            yield app, engine
        finally:
            database.of(app).close()
            engine.dispose()


@pytest.fixture(autouse=True)
def empty(opened: tuple[Flask, Engine], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(login, "verify_password", lambda password, _stored: password == PASSWORD)
    _, engine = opened
    with Session(engine) as session, session.begin():
        for table in (Attempt, UserSession, User):
            session.query(table).delete()


def add(engine: Engine, *rows: Base) -> None:
    with Session(engine) as session, session.begin():
        session.add_all(rows)


def at_once(app: Flask, names: list[str]) -> list[int]:
    def ask(name: str) -> int:
        return app.test_client().post("/auth/login", json={"username": name, "password": "wrong"}).status_code

    with ThreadPoolExecutor(8) as threads:
        return list(threads.map(ask, names))


def test_every_failure_counts(opened: tuple[Flask, Engine]) -> None:
    app, engine = opened
    add(engine, user("anna"), user("bert"))
    assert {*at_once(app, ["anna", "bert", "nobody", "nothing"] * 5)} == {401}
    with Session(engine) as session:
        counts = {row.subject: row.failures for row in session.query(Attempt)}
        assert None not in [found.locked_until for found in session.query(User)]
    assert counts.pop("address:127.0.0.1") == counts.pop("refused:address:127.0.0.1") == 20
    assert [*counts.values()] == [5, 5]


def test_the_limit_holds_for_many_at_once(opened: tuple[Flask, Engine]) -> None:
    app, engine = opened
    add(engine, Attempt(subject="address:127.0.0.1", failures=57, window_began_at=now()))
    assert sorted(at_once(app, [f"name{number}" for number in range(20)])) == [401] * 3 + [429] * 17


def test_one_code_opens_one_login(opened: tuple[Flask, Engine]) -> None:
    app, engine = opened
    add(engine, anna(id=1))
    clients = [app.test_client() for _ in range(4)]
    for client in clients:
        half_way(client)
    with ThreadPoolExecutor(4) as threads:
        statuses = list(threads.map(lambda client: verify(client, PLAIN[0]).status_code, clients))
    assert sorted(statuses) == [200, 401, 401, 401]
