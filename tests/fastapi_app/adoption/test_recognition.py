"""Only a database that 0.9 made is adopted; what an older installation lacks is found by name."""

from dataclasses import replace

import pytest

from fastapi_app.adoption.facts import Column, Facts, Family, expected
from fastapi_app.adoption.recognition import KNOWN_BY, OWN_SETTINGS, recognise
from fastapi_app.alembic.baseline import metadata

WANTED = expected(metadata)
NINE = replace(WANTED, setting_keys=frozenset({"app_port", "language"}))


def without(facts: Facts, table: str, column: str | None = None) -> Facts:
    tables = {name: dict(columns) for name, columns in facts.tables.items()}
    if column is None:
        del tables[table]
    else:
        del tables[table][column]
    return replace(facts, tables=tables)


def having(facts: Facts, table: str, column: str, kind: Column) -> Facts:
    tables = {name: dict(columns) for name, columns in facts.tables.items()}
    tables.setdefault(table, {})[column] = kind
    return replace(facts, tables=tables)


def test_a_plain_installation_is_recognised_and_complete() -> None:
    found = recognise(NINE, WANTED)
    assert found.is_recognised
    assert found.is_complete
    assert found.other_tables == ()


@pytest.mark.parametrize("table", KNOWN_BY)
def test_a_database_without_one_of_the_six_tables_is_not_ours(table: str) -> None:
    found = recognise(without(NINE, table), WANTED)
    assert f"there is no table {table}" in found.obstacles


def test_tables_of_the_same_names_with_other_columns_are_not_ours() -> None:
    found = recognise(without(NINE, "videos", "artist_id"), WANTED)
    assert found.obstacles == ("the table videos has no column artist_id",)


def test_a_column_of_another_kind_is_not_ours() -> None:
    found = recognise(having(NINE, "artists", "name", Column(Family.NUMBER)), WANTED)
    assert found.obstacles == ("artists.name keeps a number instead of text",)


def test_settings_of_another_application_are_not_ours() -> None:
    found = recognise(replace(NINE, setting_keys=frozenset({"theme"})), WANTED)
    assert found.obstacles == (f"the settings hold none of {', '.join(sorted(OWN_SETTINGS))}",)


def test_every_obstacle_is_named_at_once() -> None:
    found = recognise(without(without(NINE, "users"), "downloads", "title"), WANTED)
    assert len(found.obstacles) == 2


def test_columns_of_later_scripts_may_be_missing() -> None:
    found = recognise(without(without(NINE, "downloads", "priority"), "videos", "like_count"), WANTED)
    assert found.is_recognised
    assert set(found.missing_columns) == {("downloads", "priority"), ("videos", "like_count")}


def test_tables_of_later_versions_may_be_missing() -> None:
    found = recognise(without(without(NINE, "user_sessions"), "playlist_monitors"), WANTED)
    assert found.is_recognised
    assert set(found.missing_tables) == {"user_sessions", "playlist_monitors"}


def test_an_enum_that_lacks_a_name_is_found() -> None:
    narrow = Column(Family.TEXT, ("WANTED", "DOWNLOADING", "DOWNLOADED", "IGNORED", "FAILED"))
    found = recognise(having(NINE, "videos", "status", narrow), WANTED)
    assert found.missing_members == (("videos", "status"),)


def test_an_enum_in_another_order_lacks_nothing() -> None:
    turned = Column(Family.TEXT, ("READONLY", "USER", "MANAGER", "ADMIN"))
    assert recognise(having(NINE, "users", "role", turned), WANTED).is_complete


def test_old_columns_and_other_tables_stay() -> None:
    grown = having(
        having(NINE, "videos", "video_url", Column(Family.TEXT)), "database_status", "id", Column(Family.NUMBER)
    )
    found = recognise(grown, WANTED)
    assert found.is_recognised
    assert found.other_tables == ("database_status",)
