"""A throwaway copy of the configured library, for `strangler parity`."""

import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from tempfile import gettempdir
from typing import Any

from sqlalchemy import Engine, inspect
from sqlalchemy.orm import Session

from fastapi_app import schema
from fastapi_app.auth.passwords import hash_password
from fastapi_app.config import SQLITE, Config, database_address
from fastapi_app.database import blocking_engine
from fastapi_app.models import WRITES, Base, User, UserRole, now
from fastapi_app.models.collation import sort_key
from fastapi_app.operations import copies
from fastapi_app.schema import SchemaState
from legacy_flask.front_door import build, create_store
from migration_flags import Change, Stage
from router import Owner, Side
from router.parity.rehearsal import Login, Rehearsal

LABELS = {
    "simple": UserRole.ADMIN,
    "admin": UserRole.ADMIN,
    "manager": UserRole.MANAGER,
    "user": UserRole.USER,
    "readonly": UserRole.READONLY,
}
"""Who asks in a corpus, and the account that the copy gets for it."""

_BY_CHANCE = (r"\d{8}_\d{6}_[0-9a-f]{8}",)
"""The middle of an uploaded picture's name: when it came, and eight digits of chance."""

_STAGES = {Side.LEGACY: Stage.LEGACY, Side.MODERN: Stage.MODERN}
_DATABASE = "mvidarr.db"
_NOT_COPIED = shutil.ignore_patterns(f"{_DATABASE}*", "*.sock", "*.pid", "backups", "redis", "logs")
_NOBODY_OUTSIDE = {
    "imvdb_url": "http://127.0.0.1:9",
    "imvdb_interval": 0.0,
    "youtube_url": "http://127.0.0.1:9",
    "redis_url": "",
}
"""The copy holds the library's keys; nothing listens there, so no rehearsal asks a service with them."""
_SECRET_COLUMNS = frozenset({"password_hash", "session_token"})
_BY_SIDE = frozenset({"executor", "attempt_limit"})
"""Each side runs its own downloads."""


@contextmanager
def rehearse(side: Side) -> Iterator[Rehearsal]:
    """The configured library, or an empty one where there is none, copied into a folder that is removed afterwards.

    Rows go into SQLite, files are linked or copied. Nothing outside the copy can be reached through it: the other media
    roots are left out, and services are out of reach. Both sides get the same path, one after the other, because paths
    show in answers.
    """
    folder = Path(gettempdir()) / f"mvidarr-rehearsal-{os.getpid()}"
    folder.mkdir(mode=0o700)
    try:
        config = _copied(Config(), folder)
        engine = blocking_engine(config)
        try:
            password = secrets.token_urlsafe(18)
            _add_accounts(engine, password)
            _move_all(config, _STAGES[side])
            yield Rehearsal(
                build(config, watched=False), lambda: _rows(engine), _logins(password), sort_key, "admin", _BY_CHANCE
            )
        finally:
            engine.dispose()
    finally:
        shutil.rmtree(folder)


def _copied(config: Config, folder: Path) -> Config:
    data = folder / "data"
    if config.data_dir.is_dir():
        shutil.copytree(config.data_dir, data, symlinks=True, ignore=_NOT_COPIED, copy_function=_link)
    data.mkdir(exist_ok=True)
    address = f"sqlite:///{data / _DATABASE}"
    changes = {"data_dir": data, "database_url": address, "media_roots": (), **_NOBODY_OUTSIDE}
    copy = config.model_copy(update=changes)
    if _has_library(config):
        copies.run(config, copies.CONFIGURED, address)
    else:
        engine = blocking_engine(copy)
        schema.upgrade(engine)
        engine.dispose()
    return copy


def _link(source: str, target: str) -> None:
    """A second name for the file: whoever replaces or removes one leaves the other."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def _has_library(config: Config) -> bool:
    address = database_address(config)
    if address.get_backend_name() == SQLITE and not Path(address.database or "").is_file():
        return False
    engine = blocking_engine(config)
    try:
        return schema.examine(engine).state is not SchemaState.EMPTY
    finally:
        engine.dispose()


def _add_accounts(engine: Engine, password: str) -> None:
    hashed = hash_password(password)
    with Session(engine.execution_options(**{WRITES: True})) as session, session.begin():
        session.add_all(
            User(
                username=_username(label),
                email=f"{_username(label)}@example.org",
                password_hash=hashed,
                role=role,
                password_changed_at=now() - timedelta(hours=1),
            )
            for label, role in LABELS.items()
        )


def _username(label: str) -> str:
    return f"rehearsal-{label}"


def _logins(password: str) -> Mapping[str, Login]:
    return {
        label: Login("/auth/login", {"json": {"username": _username(label), "password": password}}) for label in LABELS
    }


def _move_all(config: Config, stage: Stage) -> None:
    store = create_store(config)
    keys = [row.key for row in build(config).table if row.owner is Owner.BOTH]
    store.apply([Change(key, stage) for key in keys], actor="strangler parity", reason="one side at a time")
    store.close()


def _rows(engine: Engine) -> Mapping[str, list[dict[str, Any]]]:
    """Every row of every table of the library; of secrets the length."""
    present = set(inspect(engine).get_table_names())
    with engine.connect() as connection:
        return {
            table.name: [
                {name: _comparable(name, value) for name, value in row.items()}
                for row in connection.execute(table.select()).mappings()
            ]
            for table in Base.metadata.sorted_tables
            if table.name in present
        }


def _comparable(name: str, value: Any) -> Any:
    if name in _SECRET_COLUMNS and isinstance(value, str):
        return f"{len(value)} characters"
    if name in _BY_SIDE:
        return "either"
    with suppress(AttributeError):
        return value.isoformat()
    return value
