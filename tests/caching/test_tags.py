"""A table whose changes nobody notices would leave old answers in memory for ever."""

from typing import Any

from sqlalchemy import Column, ForeignKey, Integer, MetaData, Table

from fastapi_app.caching.tags import UNTAGGED, Tag, effects
from fastapi_app.models import Base


def test_every_table_has_a_tag_or_a_reason_to_have_none() -> None:
    tagged = {tag.value for tag in Tag}
    assert set(Base.metadata.tables) <= tagged | set(UNTAGGED), "say in caching/tags.py what a new table is"
    assert not tagged & set(UNTAGGED)


def test_every_change_of_a_tagged_table_touches_its_tag() -> None:
    found = effects(Base.metadata)
    for tag in Tag:
        for event in ("insert", "update", "delete"):
            assert tag in found[tag.table, event]


def test_rows_that_the_database_takes_along_are_noticed_where_the_deletion_began() -> None:
    metadata = MetaData()
    for name, parent, follows in (
        ("people", None, None),
        ("playlists", "people", "SET NULL"),
        ("playlist_entries", "playlists", "CASCADE"),
        ("videos", "people", None),
    ):
        reference: list[Column[Any]] = [Column("of", ForeignKey(f"{parent}.id", ondelete=follows))] if parent else []
        Table(name, metadata, Column("id", Integer, primary_key=True), *reference)
    found = effects(metadata)
    assert found["people", "delete"] == {Tag.PLAYLISTS, Tag.PLAYLIST_ENTRIES}
    assert found["playlists", "delete"] == {Tag.PLAYLISTS, Tag.PLAYLIST_ENTRIES}
    assert ("people", "update") not in found
    assert found["videos", "delete"] == {Tag.VIDEOS, Tag.VIDEO_GENRES, Tag.VIDEO_STATUSES}
