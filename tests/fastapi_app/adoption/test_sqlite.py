"""Adoption and copying where both ends are files: what a clone without a database server can prove."""

import json
import resource
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Engine, inspect, text

from fastapi_app.adoption.copying import copy
from fastapi_app.alembic.baseline import metadata
from fastapi_app.config import Config
from fastapi_app.database import blocking_engine
from fastapi_app.schema import AdoptionFailed, SchemaState, SchemaUnknown, examine, upgrade


def engine_at(folder: Path) -> Engine:
    folder.mkdir(exist_ok=True)
    return blocking_engine(Config(data_dir=folder, database_url=""))


@pytest.fixture
def nine(tmp_path: Path) -> Iterator[Engine]:
    """0.9's tables without a revision, one column and one table short, with rows that must survive."""
    engine = engine_at(tmp_path / "nine")
    metadata.create_all(engine)
    with engine.begin() as connection:
        for statement in (
            "DROP TABLE playlist_monitors",
            "DROP INDEX idx_download_priority",
            "DROP INDEX idx_download_priority_status",
            "ALTER TABLE downloads DROP COLUMN priority",
            "CREATE TABLE database_status (id INTEGER)",
            "INSERT INTO settings (key, value) VALUES ('app_port', '5000'), ('odd', NULL)",
            "INSERT INTO artists (id, name, keywords) VALUES (7, 'Björk', 'null'), (8, 'bjork', NULL)",
            "INSERT INTO videos (id, artist_id, title, genres) VALUES (3, 7, 'Jóga', '\"[\\\"Pop\\\"]\"')",
        ):
            connection.execute(text(statement))
    yield engine
    engine.dispose()


def contents(engine: Engine) -> dict[str, list[tuple[object, ...]]]:
    with engine.connect() as connection:
        names = [name for name in inspect(connection).get_table_names() if name in metadata.tables]
        columns = {name: ", ".join(f'"{column.name}"' for column in metadata.tables[name].columns) for name in names}
        return {
            name: [tuple(row) for row in connection.execute(text(f"SELECT {columns[name]} FROM {name} ORDER BY id"))]
            for name in names
            if name != "downloads"
        }


def test_a_database_of_09_is_saved_first_then_completed(nine: Engine, tmp_path: Path) -> None:
    before = contents(nine)
    done = upgrade(nine, tmp_path / "backups")
    assert (done.before.state, done.after.state) == (SchemaState.ADOPTABLE, SchemaState.CURRENT)
    after = contents(nine)
    assert {name: after[name] for name in before} == before
    assert after["playlist_monitors"] == []
    assert "priority" in {column["name"] for column in inspect(nine).get_columns("downloads")}
    assert "database_status" in inspect(nine).get_table_names()
    assert done.backup is not None
    with closing(sqlite3.connect(done.backup)) as saved:
        assert saved.execute("SELECT name FROM artists ORDER BY id").fetchall() == [("Björk",), ("bjork",)]
        assert saved.execute("SELECT name FROM sqlite_master WHERE name = 'playlist_monitors'").fetchall() == []
    assert done.backup.stat().st_mode & 0o077 == 0


def test_a_second_upgrade_saves_nothing_again(nine: Engine, tmp_path: Path) -> None:
    upgrade(nine, tmp_path / "backups")
    assert upgrade(nine, tmp_path / "backups").backup is None
    assert len(list((tmp_path / "backups").iterdir())) == 1


def test_without_a_place_for_the_backup_nothing_is_changed(nine: Engine, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    before = inspect(nine).get_table_names()
    with pytest.raises(AdoptionFailed, match="nothing was changed"):
        upgrade(nine, tmp_path / "file" / "backups")
    assert inspect(nine).get_table_names() == before
    assert examine(nine).state is SchemaState.ADOPTABLE


def test_a_disk_that_fills_up_during_the_backup_leaves_the_old_database(nine: Engine, tmp_path: Path) -> None:
    url = nine.url.render_as_string()
    limited = subprocess.run(
        [sys.executable, "-c", UPGRADE, url, str(tmp_path / "backups")],
        check=False,
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000)),
    )
    assert json.loads(limited.stdout) == "AdoptionFailed", limited.stderr
    assert list((tmp_path / "backups").iterdir()) == []
    assert examine(nine).state is SchemaState.ADOPTABLE


UPGRADE = """
import json, signal, sys
from pathlib import Path
from fastapi_app.config import Config
from fastapi_app.database import blocking_engine
from fastapi_app.schema import SchemaError, upgrade

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
try:
    upgrade(blocking_engine(Config(database_url=sys.argv[1])), Path(sys.argv[2]))
    print(json.dumps("upgraded"))
except SchemaError as error:
    print(json.dumps(type(error).__name__))
"""


def test_a_database_that_only_resembles_09_is_refused_with_the_reason(nine: Engine, tmp_path: Path) -> None:
    with nine.begin() as connection:
        connection.execute(text("ALTER TABLE videos RENAME COLUMN title TO headline"))
    with pytest.raises(SchemaUnknown, match="the table videos has no column title"):
        upgrade(nine, tmp_path / "backups")
    assert not (tmp_path / "backups").exists()


def test_a_copy_is_exact_down_to_the_text_of_json(nine: Engine, tmp_path: Path) -> None:
    upgrade(nine, tmp_path / "backups")
    target = engine_at(tmp_path / "target")
    upgrade(target)
    told: list[tuple[str, int, int]] = []
    copied = copy(nine, target, metadata, lambda name, done, total: told.append((name, done, total)))
    assert contents(target) == contents(nine)
    assert copied["artists"] == 2
    assert ("artists", 2, 2) in told
    target.dispose()


def test_a_copy_that_fails_leaves_the_target_empty(nine: Engine, tmp_path: Path) -> None:
    upgrade(nine, tmp_path / "backups")
    target = engine_at(tmp_path / "target")
    upgrade(target)

    def fail(name: str, _done: int, _total: int) -> None:
        if name == "videos":
            raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        copy(nine, target, metadata, fail)
    assert all(rows == [] for rows in contents(target).values())
    target.dispose()
