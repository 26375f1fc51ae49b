"""Upgrades never lose anything: what is not ours is refused, what was interrupted is completed."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, inspect, text

from fastapi_app.config import Config
from fastapi_app.database import blocking_engine
from fastapi_app.models import Base
from fastapi_app.schema import (
    DatabaseUnreachable,
    SchemaNewer,
    SchemaState,
    SchemaUnknown,
    examine,
    is_ours,
    upgrade,
)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = blocking_engine(Config(data_dir=tmp_path, database_url=""))
    yield engine
    engine.dispose()


def execute(engine: Engine, statement: str) -> None:
    with engine.begin() as connection:
        connection.execute(text(statement))


def test_an_empty_database_gets_the_tables_that_the_models_describe(engine: Engine) -> None:
    assert examine(engine).state is SchemaState.EMPTY
    assert upgrade(engine).after.state is SchemaState.CURRENT
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_name": is_ours})
        assert compare_metadata(context, Base.metadata) == []


def test_an_upgrade_can_be_repeated(engine: Engine) -> None:
    upgrade(engine)
    execute(engine, "INSERT INTO settings (key, value) VALUES ('kept', 'yes')")
    assert upgrade(engine).after.state is SchemaState.CURRENT
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT value FROM settings WHERE key = 'kept'")) == "yes"


def test_a_newer_database_is_refused_untouched(engine: Engine) -> None:
    upgrade(engine)
    execute(engine, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(SchemaNewer, match="9999"):
        upgrade(engine)
    assert examine(engine).found == "9999"


def test_tables_of_somebody_else_are_refused_untouched(engine: Engine) -> None:
    execute(engine, "CREATE TABLE recipes (id INTEGER)")
    with pytest.raises(SchemaUnknown):
        upgrade(engine)
    assert inspect(engine).get_table_names() == ["recipes"]


def test_an_interrupted_first_upgrade_is_completed(engine: Engine) -> None:
    upgrade(engine)
    execute(engine, "DELETE FROM alembic_version")
    execute(engine, "DROP INDEX idx_video_title")
    execute(engine, "DROP TABLE playlist_monitors")
    assert examine(engine).state is SchemaState.INTERRUPTED
    assert upgrade(engine).after.state is SchemaState.CURRENT
    assert "playlist_monitors" in inspect(engine).get_table_names()
    assert "idx_video_title" in {index["name"] for index in inspect(engine).get_indexes("videos")}


def test_an_upgrade_interrupted_between_two_indexes_is_completed(engine: Engine) -> None:
    upgrade(engine)
    execute(engine, "UPDATE alembic_version SET version_num = '0003'")
    execute(engine, "DROP INDEX idx_video_search")
    assert upgrade(engine).after.state is SchemaState.CURRENT
    assert {"idx_video_created_at", "idx_video_search"} <= {
        index["name"] for index in inspect(engine).get_indexes("videos")
    }


def test_tables_of_the_flag_store_are_not_looked_at(engine: Engine) -> None:
    execute(engine, "CREATE TABLE strangler_flags (id INTEGER)")
    assert examine(engine).state is SchemaState.EMPTY


def test_a_file_that_is_no_database_is_named_and_left_alone(tmp_path: Path, engine: Engine) -> None:
    path = tmp_path / "mvidarr.db"
    path.write_bytes(b"this is a text file, not a database\n" * 100)
    with pytest.raises(DatabaseUnreachable, match=r"mvidarr\.db can't be read: file is not a database"):
        upgrade(engine)
    assert path.read_bytes().startswith(b"this is a text file")


def test_a_damaged_page_is_told_from_a_missing_table(tmp_path: Path, engine: Engine) -> None:
    upgrade(engine)
    engine.dispose()
    path = tmp_path / "mvidarr.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = bytearray(path.read_bytes())
    content[100:4096] = b"\xff" * (4096 - 100)
    path.write_bytes(content)
    with pytest.raises(DatabaseUnreachable, match="malformed"):
        examine(engine)


def test_a_folder_that_is_missing_is_named(tmp_path: Path) -> None:
    engine = blocking_engine(Config(data_dir=tmp_path / "nowhere", database_url=""))
    with pytest.raises(DatabaseUnreachable, match=r"nowhere/mvidarr\.db: unable to open database file"):
        upgrade(engine)
    engine.dispose()


def test_the_password_is_not_in_the_sentence() -> None:
    engine = blocking_engine(Config(database_url="mysql://someone:hunter2@127.0.0.1:1/nothing"))
    with pytest.raises(DatabaseUnreachable) as refusal:
        examine(engine)
    assert "hunter2" not in str(refusal.value)
    engine.dispose()
