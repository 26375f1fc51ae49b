"""`mvidarr db copy` refuses before it touches anything, and never shows a password."""

from pathlib import Path

import pytest
from sqlalchemy import text

from fastapi_app.config import Config
from fastapi_app.operations import copies, tables
from fastapi_app.operations.refusal import CopyRefused, SchemaOutdated


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """A library with one artist."""
    config = Config(data_dir=tmp_path, database_url="", db_host="")
    with tables.engine_for(config) as engine:
        tables.bring_up_to_date(engine)
        with engine.begin() as connection:
            connection.execute(text("INSERT INTO artists (name) VALUES ('Nova Kestrel')"))
    return config


def test_a_library_arrives_whole(config: Config, tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'copy.db'}"
    rows = copies.run(config, copies.CONFIGURED, address)
    assert rows["artists"] == 1
    with tables.current(config.model_copy(update={"database_url": address})) as engine, engine.connect() as connection:
        assert connection.scalar(text("SELECT name FROM artists")) == "Nova Kestrel"


def test_a_filled_target_is_left_alone(config: Config, tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'copy.db'}"
    copies.run(config, copies.CONFIGURED, address)
    with pytest.raises(CopyRefused, match="TO must be empty, and its table artists is not"):
        copies.run(config, copies.CONFIGURED, address)


def test_a_library_is_not_copied_onto_itself(config: Config) -> None:
    with pytest.raises(CopyRefused, match="the same database"):
        copies.run(config, copies.CONFIGURED, copies.CONFIGURED)


def test_a_source_that_is_not_there_is_not_made(config: Config, tmp_path: Path) -> None:
    missing = tmp_path / "missing.db"
    with pytest.raises(SchemaOutdated, match="no database"):
        copies.run(config, f"sqlite:///{missing}", f"sqlite:///{tmp_path / 'copy.db'}")
    assert not missing.exists()


def test_a_target_in_a_folder_that_is_not_there_is_named(config: Config, tmp_path: Path) -> None:
    with pytest.raises(CopyRefused, match="no folder"):
        copies.run(config, copies.CONFIGURED, f"sqlite:///{tmp_path / 'nowhere' / 'copy.db'}")


def test_an_address_of_another_database_is_refused_without_its_password(config: Config) -> None:
    with pytest.raises(CopyRefused) as refusal:
        copies.run(config, copies.CONFIGURED, "postgresql://me:hunter2@example.org/x")
    assert "hunter2" not in str(refusal.value)
    assert "example.org" in str(refusal.value)
