"""The hybrid as it is put together: nothing is opened early, stages are seeded, and administration stays closed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from fastapi_app.auth.cookies import CookieSigner
from fastapi_app.auth.refusals import Refusals
from fastapi_app.auth.tokens import Claims, TokenKind, TokenSigner
from fastapi_app.config import Config
from fastapi_app.database import Database, blocking_engine
from fastapi_app.models import UserRole, now
from fastapi_app.schema import upgrade
from legacy_flask import front_door
from migration_flags import Stage, evaluate
from router import Owner, Relation
from tests.legacy_flask.library import KEY, Library

pytestmark = pytest.mark.anyio

PROJECT = Path(__file__).parents[2]


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return Config(data_dir=tmp_path / "data", secret_key=KEY)


def made(config: Config) -> Config:
    config.data_dir.mkdir()
    engine = blocking_engine(config)
    upgrade(engine)
    engine.dispose()
    return config


def test_building_opens_and_writes_nothing(config: Config) -> None:
    front_door.build(config)
    assert not config.data_dir.exists()


def test_importing_builds_nothing(tmp_path: Path) -> None:
    environment = {**os.environ, "MVIDARR_DATABASE_URL": "postgres://nowhere", "PYTHONPATH": str(PROJECT)}
    code = "import legacy_flask.front_door, legacy_flask.app"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=tmp_path, env=environment)


@pytest.mark.parametrize("module", ["legacy_flask.wsgi", "legacy_flask.asgi"])
def test_the_modules_that_build_do_so_from_the_environment(module: str, tmp_path: Path) -> None:
    environment = {**os.environ, "MVIDARR_DATA_DIR": str(tmp_path / "data"), "PYTHONPATH": str(PROJECT)}
    code = f"import {module} as built; print(type(built.app).__name__)"
    ended = subprocess.run(
        [sys.executable, "-c", code], check=True, cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert ended.stdout.strip() == {"legacy_flask.wsgi": "Flask", "legacy_flask.asgi": "function"}[module]


def test_every_legacy_route_has_a_modern_twin(config: Config) -> None:
    rows = list(front_door.build(config).table)
    assert [row.key for row in rows if row.owner is Owner.LEGACY] == []
    alike = {row.relation for row in rows if row.owner is Owner.BOTH}
    assert alike <= {Relation.EQUAL, Relation.WIDER}


@pytest.mark.parametrize(("adopted", "stage"), [(True, Stage.LEGACY), (False, Stage.MODERN)])
def test_a_new_library_starts_modern_and_an_adopted_one_as_it_was(config: Config, adopted: bool, stage: Stage) -> None:
    front_door.prepare(made(config), adopted=adopted)
    store = front_door.create_store(config)
    snapshot = store.snapshot()
    store.close()
    assert {flag.stage for flag in snapshot} == {stage}
    assert {flag.key for flag in snapshot} >= {"GET /api/videos/", "* /{path}"}


def test_seeding_again_moves_nothing(config: Config) -> None:
    front_door.seed_stages(made(config), adopted=True)
    front_door.seed_stages(config, adopted=False)
    store = front_door.create_store(config)
    assert {flag.stage for flag in store.snapshot()} == {Stage.LEGACY}
    store.close()


def test_without_flags_everything_is_legacy(config: Config) -> None:
    store = front_door.create_store(made(config))
    assert evaluate(store.snapshot(), "GET /api/videos/").stage is Stage.LEGACY
    store.close()


async def test_only_administrators_see_behind_the_door(library: Library) -> None:
    config = Config(data_dir=library.data, database_url=library.settings.database_url, secret_key=KEY)
    database, signer = Database(config), CookieSigner([KEY])

    async def may(cookie: str) -> bool:
        headers = [(b"cookie", cookie.encode())] if cookie else []
        state = {"database": database, "signer": signer}
        scope = {"type": "http", "method": "GET", "path": "/", "headers": headers, "state": state}
        return bool(await front_door.administrator(scope, "explain"))

    cookies = {role: _cookie(library, role) for role in UserRole}
    assert {role: await may(cookie) for role, cookie in cookies.items()} == {
        role: role is UserRole.ADMIN for role in UserRole
    }
    assert not await may("")
    assert not await may("mvidarr_session=forged")
    assert not await front_door.administrator({"type": "http", "headers": []}, "explain")
    await database.close()


async def test_administrators_may_come_with_a_token_or_a_key(library: Library) -> None:
    config = Config(data_dir=library.data, database_url=library.settings.database_url, secret_key=KEY)
    database = Database(config)
    state = {"database": database, "signer": CookieSigner([KEY]), "tokens": TokenSigner([KEY]), "refusals": Refusals()}

    async def may(**headers: str) -> bool:
        raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
        scope = {"type": "http", "method": "GET", "path": "/", "headers": raw, "query_string": b"", "state": state}
        return bool(await front_door.administrator(scope, "explain"))

    for role in (UserRole.ADMIN, UserRole.MANAGER):
        client = library.log_in(role)
        token = client.post("/auth/token").get_json()["access_token"]
        own, low = (client.post("/api/keys", json={"name": "x", "role": name}) for name in (role, "READONLY"))
        is_administrator = role is UserRole.ADMIN
        assert await may(authorization=f"Bearer {token}") is is_administrator
        assert await may(cookie=f"mvidarr_token={token}") is is_administrator
        assert await may(x_api_key=own.get_json()["key"]) is is_administrator
        assert not await may(x_api_key=low.get_json()["key"])
    assert not await may(authorization="Bearer x", cookie=_cookie(library, UserRole.ADMIN))
    assert not await may(x_api_key="x")
    await database.close()


def test_a_visitor_is_known_by_a_token_or_a_key_too(library: Library) -> None:
    signer = TokenSigner([KEY])
    token = signer.write(TokenKind.ACCESS, Claims(7, 1, "x"), now()).encode()
    forged = TokenSigner(["another-key-of-another-site"]).write(TokenKind.ACCESS, Claims(7, 1, "x"), now()).encode()
    key = b"mvk_" + b"A" * 43
    state = {"signer": CookieSigner([KEY]), "tokens": signer}

    def known(*headers: tuple[bytes, bytes], query: bytes = b"") -> str | None:
        return front_door.identify({"headers": list(headers), "query_string": query, "state": state})

    for _again in range(2):
        assert known((b"authorization", b"Bearer " + token)) == "user:7"
        assert known((b"cookie", b"mvidarr_token=" + token)) == "user:7"
        assert known((b"authorization", b"Bearer " + forged)) is None
    by_key = known((b"x-api-key", key))
    assert by_key is not None
    assert by_key.startswith("key:")
    assert key.decode() not in by_key
    assert known(query=b"apikey=" + key) == by_key
    assert known((b"x-api-key", key), (b"cookie", _cookie(library, UserRole.USER).encode())) == "user:1"


def test_a_visitor_is_known_by_the_cookie_alone(library: Library) -> None:
    cookie = _cookie(library, UserRole.USER).encode()
    state = {"signer": CookieSigner([KEY])}
    assert front_door.identify({"headers": [(b"cookie", cookie)], "state": state}) == "user:1"
    assert front_door.identify({"headers": [(b"cookie", b"mvidarr_session=x")], "state": state}) is None
    assert front_door.identify({"headers": [], "state": state}) is None


def _cookie(library: Library, role: UserRole) -> str:
    found = library.log_in(role).get_cookie("mvidarr_session")
    assert found is not None
    return f"mvidarr_session={found.value}"
