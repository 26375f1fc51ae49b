"""Every known kind of 0.9 installation is adopted: nothing is lost, nothing lacks, and 0.9 could still write to it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import Engine, inspect, select
from sqlalchemy.orm import Session

from fastapi_app.config import Config
from fastapi_app.database import blocking_engine
from fastapi_app.models import Base, Video
from fastapi_app.schema import SchemaState, upgrade
from tests.adoption.conftest import NewDatabase
from tests.servers import nine, nine_rows
from tests.servers.nine_tables import NINE

CONTRACT = Path(__file__).parents[3] / "shared" / "contract" / "schema.yaml"
KINDS = [pytest.param("mariadb", marks=pytest.mark.mariadb), "sqlite"]


@contextmanager
def opened(url: str, folder: Path) -> Iterator[Engine]:
    engine = blocking_engine(Config(database_url=url, data_dir=folder))
    yield engine
    engine.dispose()


def expected_differences(variant: nine.Variant) -> set[tuple[str, int, str]]:
    """The one thing that adoption copies: an address that stood in a column of an older version."""
    has = {column.name for column in variant.shape["videos"].columns}
    if "url" in has or "video_url" not in has:
        return set()
    return {("videos", row["id"], "url") for row in nine_rows.rows()["videos"] if row["video_url"]}


def only_case(before: nine.Stored, after: nine.Stored) -> set[tuple[str, int, str]]:
    """Statuses that were written in lower case, and are now written as the rest are."""
    names = {
        number: (row["status"] or "", after["videos"][number]["status"]) for number, row in before["videos"].items()
    }
    return {("videos", number, "status") for number, (old, new) in names.items() if old.upper() == new}


def indexed(engine: Engine) -> set[tuple[str, str]]:
    inspector = inspect(engine)
    return {(table, index["name"] or "") for table in NINE for index in inspector.get_indexes(table)}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("variant", nine.VARIANTS, ids=str)
def test_it_is_adopted_whole(variant: nine.Variant, kind: str, new_database: NewDatabase, tmp_path: Path) -> None:
    if kind == "sqlite" and variant.is_mariadb_only:
        pytest.skip("SQLite has no ENUM")
    with opened(new_database(kind, tmp_path), tmp_path) as engine:
        nine.build(engine, variant)
        before = nine.stored(engine)
        done = upgrade(engine, tmp_path / "backups")
        assert (done.before.state, done.after.state) == (SchemaState.ADOPTABLE, SchemaState.CURRENT)
        assert done.backup is not None
        assert done.backup.stat().st_size > 0
        after = nine.stored(engine)
        assert nine.differences(before, after) - only_case(before, after) == expected_differences(variant)
        assert {(name, index) for name, table in NINE.items() for index in table.indexes or {}} <= indexed(engine)
        read_everything(engine)
        write_as_0_9_would(engine)
        again = upgrade(engine, tmp_path / "backups")
        assert (again.before.state, again.backup) == (SchemaState.CURRENT, None)


def read_everything(engine: Engine) -> None:
    with Session(engine) as session:
        for mapper in Base.registry.mappers:
            session.scalars(select(mapper.class_)).all()
        statuses = {row["id"]: row["status"] or None for row in nine_rows.rows()["videos"]}
        known = {video.id: video.status for video in session.scalars(select(Video))}
    assert {number: status for number, status in known.items() if status} == {
        number: status for number, status in statuses.items() if known[number]
    }
    assert sum(status is not None for status in known.values()) >= 10


def write_as_0_9_would(engine: Engine) -> None:
    """0.9 names every column of its own, and leaves the others to their defaults."""
    row = {"id": 900, "artist_id": 1, "title": "From 0.9", "status": "WANTED", "video_url": "not a column of 0.9.1"}
    names = {column.name for column in NINE["videos"].columns}
    made = {"id": 900} | {name: row.get(name) for name in names}
    nine.fill(engine, {"videos": [made]})
    assert nine.stored(engine)["videos"][900]["title"] == "From 0.9"


@pytest.mark.shared
@pytest.mark.mariadb
@pytest.mark.skipif(not CONTRACT.is_file(), reason="needs ../shared, the contract of MVidarr 0.9")
def test_the_plain_tables_are_those_of_the_contract(new_database: NewDatabase, tmp_path: Path) -> None:
    told = {table["name"]: table for table in yaml.safe_load(CONTRACT.read_text("utf-8"))["tables"]}
    with opened(new_database("mariadb", tmp_path), tmp_path) as engine:
        nine.make(engine, NINE)
        assert described(engine) == {name: wanted(table) for name, table in told.items()}


def wanted(table: dict[str, Any]) -> dict[str, Any]:
    kinds = {"JSON (longtext utf8mb4_bin + CHECK json_valid)": "longtext"}
    return {
        "columns": [
            (column["name"], kinds.get(column["type"], column["type"]), column["nullable"])
            for column in table["columns"]
        ],
        "indexes": {(one["name"], tuple(one["columns"])) for one in table["indexes"] if one["name"] not in UNNAMED},
        "unique": {tuple(one["columns"]) for one in table["unique_constraints"]},
        "references": {(one["column"], one["references"], one["constraint"]) for one in table["foreign_keys"]},
    }


UNNAMED = ("user_id",)
"""An index that MariaDB makes for a foreign key, and names by itself."""


def described(engine: Engine) -> dict[str, Any]:
    inspector = inspect(engine)
    with engine.connect() as connection:
        return {
            name: {
                "columns": [
                    (row["Field"], row["Type"], row["Null"] == "YES")
                    for row in connection.exec_driver_sql(f"SHOW COLUMNS FROM `{name}`").mappings()
                ],
                "indexes": {
                    (str(one["name"]), tuple(map(str, one["column_names"])))
                    for one in inspector.get_indexes(name)
                    if not one["unique"] and (one["name"] or "").startswith("idx_")
                },
                "unique": {tuple(map(str, one["column_names"])) for one in inspector.get_unique_constraints(name)},
                "references": {
                    (one["constrained_columns"][0], f"{one['referred_table']}.id", str(one["name"]))
                    for one in inspector.get_foreign_keys(name)
                },
            }
            for name in inspector.get_table_names()
        }
