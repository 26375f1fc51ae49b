"""Which rows a request changes, however its statements are written."""

from typing import Any

import pytest
from sqlalchemy import Engine, delete, insert, text, update
from sqlalchemy.orm import Session

from fastapi_app.models import WRITES, Artist, Setting, Video, VideoStatus
from legacy_flask.front_door.row_changes import RowChanges, recorded, watch
from router.dry_run.writes import GENERATED, RowChange
from tests.legacy_flask.library import Library


@pytest.fixture
def engine(library: Library) -> Engine:
    library.add(*(Artist(id=number, name=f"Artist {number}") for number in range(1, 6)))
    watch(library.engine)
    return library.engine.execution_options(**{WRITES: True})


def told(changes: RowChanges, *columns: str) -> list[tuple[str, str, str, dict[str, Any]]]:
    return [
        (one.table, one.operation, one.row, {name: one.columns[name] for name in columns if name in one.columns})
        for one in changes.writes().changes
    ]


def test_one_statement_for_many_rows_and_many_for_one_each_are_the_same(engine: Engine) -> None:
    with recorded() as first, Session(engine) as session, session.begin():
        session.execute(update(Artist).where(Artist.id.in_([1, 2])).values(source="a"))
    with recorded() as second, Session(engine) as session, session.begin():
        for number in (1, 2):
            artist = session.get_one(Artist, number)
            artist.source = "b"
    expected = [("artists", "update", "1"), ("artists", "update", "2")]
    assert [one[:3] for one in told(first)] == expected == [one[:3] for one in told(second)]
    assert [one[3] for one in told(first, "source")] == [{"source": "a"}] * 2


def test_what_is_set_to_what_it_was_is_no_change(engine: Engine) -> None:
    with recorded() as changes, Session(engine) as session, session.begin():
        session.execute(update(Artist).where(Artist.id == 1).values(source="a", updated_at=Artist.updated_at))
        session.execute(update(Artist).where(Artist.id == 1).values(source=None, updated_at=Artist.updated_at))
    assert changes.writes().changes == ()
    assert changes.writes().whole


def test_what_is_rolled_back_was_never_written(engine: Engine) -> None:
    with recorded() as changes, Session(engine) as session:
        session.add(Artist(name="Gone"))
        session.flush()
        session.rollback()
        session.execute(delete(Artist).where(Artist.id == 5))
        session.commit()
    assert changes.writes().changes == (RowChange("artists", "delete", "5"),)


def test_a_new_row_is_told_by_what_is_in_it_and_its_id_by_nobody(engine: Engine) -> None:
    with recorded() as changes, Session(engine) as session, session.begin():
        artist = Artist(name="New")
        session.add(artist)
        session.flush()
        session.add(Video(title="One", artist_id=artist.id, status=VideoStatus.WANTED))
    assert told(changes, "id", "name", "artist_id", "status") == [
        ("artists", "insert", GENERATED, {"id": GENERATED, "name": "New"}),
        ("videos", "insert", GENERATED, {"id": GENERATED, "artist_id": GENERATED, "status": "WANTED"}),
    ]
    assert "6" in changes.writes().generated


def test_a_row_that_came_and_went_is_no_change(engine: Engine) -> None:
    with recorded() as changes, Session(engine) as session:
        session.add(Artist(id=77, name="Short"))
        session.commit()
        session.execute(delete(Artist).where(Artist.id == 77))
        session.commit()
    assert changes.writes().changes == ()


def test_values_of_settings_are_blinded_and_still_comparable(engine: Engine) -> None:
    seen = []
    for value in ("hunter2", "hunter2", "other"):
        with recorded() as changes, Session(engine) as session:
            session.add(Setting(key="toy", value=value))
            session.commit()
            seen.append(changes.writes().changes[0].columns["value"])
            session.execute(delete(Setting).where(Setting.key == "toy"))
            session.commit()
    assert seen[0] == seen[1] != seen[2]
    assert "hunter2" not in str(seen)


def test_a_write_in_text_is_said_not_to_be_told(engine: Engine) -> None:
    with recorded() as changes, Session(engine) as session, session.begin():
        session.execute(text("SELECT 1"))
        assert changes.writes().whole
        session.execute(text("UPDATE artists SET source = 'a' WHERE id = 1"))
    assert not changes.writes().whole


def test_many_rows_in_one_statement_are_told_each(engine: Engine) -> None:
    with recorded() as changes, Session(engine) as session, session.begin():
        session.execute(insert(Setting), [{"key": f"toy {number}", "value": "1"} for number in range(3)])
    writes = changes.writes()
    assert not writes.whole or [one.operation for one in writes.changes] == ["insert"] * 3


def test_without_a_recorder_nothing_is_noted(engine: Engine) -> None:
    with recorded() as changes:
        pass
    with Session(engine) as session, session.begin():
        session.execute(update(Artist).where(Artist.id == 1).values(source="a"))
    assert changes.writes().changes == ()
