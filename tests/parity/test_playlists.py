"""With YouTube answering, well and badly, both sides tell the same and store the same rows."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from fastapi_app.database import blocking_engine
from fastapi_app.models import now
from migration_flags import Stage
from router.comparison.waiver import read_waivers, unwaived
from tests.golden.wire import opened
from tests.parity import playlists
from tests.parity.ask import Ask
from tests.parity.difference import differences
from tests.parity.library import NAMES, make_library
from tests.parity.play import Played, Player, move_all
from tests.parity.playlists import answering
from tests.parity.rows import differing_rows, rows_of
from tests.servers.web import serving
from tests.servers.youtube import FakeYouTube

WAIVERS = read_waivers(Path(__file__).parent / "waivers.yaml")


@pytest.fixture
def fake() -> Iterator[FakeYouTube]:
    with answering() as server:
        yield server


def play(stage: Stage, asked: Sequence[Ask], folder: Path, fake: FakeYouTube) -> Played:
    library = make_library(folder)
    playlists.give_key(library.config)
    move_all(library, stage)
    environment = {**library.environment, "MVIDARR_YOUTUBE_URL": fake.url}
    with serving("tests.servers.unwatched:app", environment, folder) as web, opened(web.base) as wire:
        answers = list(Player(wire).play(asked))
    engine = blocking_engine(library.config)
    rows = rows_of(engine, now())
    engine.dispose()
    return Played([shape for shape, _ in answers], frozenset(side for _, side in answers), rows)


@pytest.mark.long
def test_both_sides_find_and_store_the_same(tmp_path: Path, fake: FakeYouTube) -> None:
    asked = list(playlists.asks())
    legacy = play(Stage.LEGACY, asked, tmp_path / "library", fake)
    calls = [(call.path, call.query) for call in fake.calls]
    fake.calls.clear()
    modern = play(Stage.MODERN, asked, tmp_path / "library", fake)
    assert [set(played.sides) for played in (legacy, modern)] == [{"legacy"}, {"modern"}]
    found = [*differences(asked, legacy.shapes, modern.shapes), *differing_rows(legacy.rows, modern.rows)]
    assert "\n".join(map(str, unwaived(found, WAIVERS, now().date()))) == ""
    assert [(call.path, call.query) for call in fake.calls] == calls
    assert len(modern.rows["videos"]) > 60 + len(NAMES)
    assert sum(shape.status == 200 for shape in modern.shapes) > 10
