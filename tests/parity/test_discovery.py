"""With IMVDb answering, well and badly, both sides tell the same and store the same rows."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from fastapi_app.database import blocking_engine
from fastapi_app.models import now
from migration_flags import Stage
from tests.golden.wire import opened
from tests.parity.ask import Ask, get, send
from tests.parity.difference import differences
from tests.parity.library import NAMES, make_library
from tests.parity.play import Played, Player, move_all
from tests.parity.rows import differing_rows, rows_of
from tests.servers.imvdb import Call, FakeIMVDb, Reply, fake_imvdb, result, results
from tests.servers.web import serving

BROKEN = {2: Reply(500), 4: Reply(body=b"<html>"), 7: Reply(404), 9: Reply(403)}
"""What is answered about some artists, by their place among the names."""


def answer(call: Call) -> Reply:
    """Every artist has the same songs; one video belongs to all, and some answers are none."""
    place = NAMES.index(call.query["q"]) + 1
    if place in BROKEN:
        return BROKEN[place]
    film = [{"source": "youtube", "source_data": f"{place:011}"}]
    return results(
        result(place * 100, call.query["q"], "Glass Harbor", directors=[{"entity_name": "É. B."}]),
        result(place * 100 + 1, call.query["q"], 1999, sources=film, year="1999"),
        result(880_004, call.query["q"], "Of somebody else"),
        result(5, "Everybody", artists=[{"name": name} for name in NAMES]),
        result(place * 100 + 2, call.query["q"], "GLASS HARBOR"),
        None,
    )


def asks() -> Iterator[Ask]:
    for number in range(1, len(NAMES) + 1):
        yield send("POST", f"/api/discovery/artist/{number}", {"limit": number % 4})
    yield send("POST", "/api/discovery/all", {})
    yield send("POST", "/api/discovery/all", {})
    yield send("POST", "/api/discovery/artist/1", {})
    yield get("/api/discovery/stats")


@pytest.fixture
def fake() -> Iterator[FakeIMVDb]:
    with fake_imvdb() as server:
        server.answer = answer
        yield server


def play(stage: Stage, asked: Sequence[Ask], folder: Path, fake: FakeIMVDb) -> Played:
    library = make_library(folder)
    move_all(library, stage)
    environment = {**library.environment, "MVIDARR_IMVDB_URL": fake.url}
    with serving("tests.servers.unwatched:app", environment, folder) as web, opened(web.base) as wire:
        answers = list(Player(wire).play(asked))
    engine = blocking_engine(library.config)
    rows = rows_of(engine, now())
    engine.dispose()
    return Played([shape for shape, _ in answers], frozenset(side for _, side in answers), rows)


@pytest.mark.long
def test_both_sides_find_and_store_the_same(tmp_path: Path, fake: FakeIMVDb) -> None:
    asked = list(asks())
    legacy = play(Stage.LEGACY, asked, tmp_path / "library", fake)
    searched = fake.asked_for()
    fake.calls.clear()
    modern = play(Stage.MODERN, asked, tmp_path / "library", fake)
    assert [set(played.sides) for played in (legacy, modern)] == [{"legacy"}, {"modern"}]
    found = [*differences(asked, legacy.shapes, modern.shapes), *differing_rows(legacy.rows, modern.rows)]
    assert "\n".join(map(str, found)) == ""
    assert (fake.asked_for(), len(searched) > len(NAMES) / 2) == (searched, True)
    assert sum(shape.status == 200 for shape in modern.shapes) > 10
