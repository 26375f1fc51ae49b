"""Both sides give the answers that the real 0.9 gave, but for the differences that `waivers.yaml` names."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from legacy_flask.front_door import build, create_store
from migration_flags import Change, Stage
from router import Owner
from tests.golden.comparison import Difference, compare
from tests.golden.library import Library, load_library
from tests.golden.line import GOLDEN, Line, read_corpus
from tests.golden.replay import play_reads, play_sequence
from tests.golden.selection import Selection, select
from tests.golden.waivers import expired, read_waivers, unaccepted, unused
from tests.golden.wire import Wire, opened
from tests.servers.mariadb import MariaDB, start_mariadb
from tests.servers.web import serving

pytestmark = [
    pytest.mark.shared,
    pytest.mark.mariadb,
    pytest.mark.skipif(not GOLDEN.is_dir(), reason="needs ../shared, the recorded answers of MVidarr 0.9"),
]

STAGES = (Stage.LEGACY, Stage.MODERN)


@dataclass(frozen=True)
class Run:
    """What one side answered."""

    asked: int
    sides: frozenset[str]
    differences: list[Difference]


@pytest.fixture(scope="module")
def mariadb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MariaDB]:
    with start_mariadb(tmp_path_factory.mktemp("mariadb")) as server:
        yield server


@pytest.fixture(scope="module")
def runs(mariadb: MariaDB, tmp_path_factory: pytest.TempPathFactory) -> dict[Stage, Run]:
    return {stage: run(mariadb, stage, tmp_path_factory.mktemp(stage)) for stage in STAGES}


def run(mariadb: MariaDB, stage: Stage, folder: Path) -> Run:
    """Asks everything of a freshly loaded library whose every route is at `stage`."""
    library = load_library(mariadb, f"golden_{stage}", folder)
    selection = choose(library)
    move_all(library, stage)
    with serving("legacy_flask.asgi:app", library.environment, folder) as web, opened(web.base) as wire:
        return ask(selection, wire)


def choose(library: Library) -> Selection:
    table = build(library.config).table
    return select(read_corpus(), lambda method, path: not table.match(method, path).unmatched)


def move_all(library: Library, stage: Stage) -> None:
    store = create_store(library.config)
    keys = [row.key for row in build(library.config).table if row.owner is Owner.BOTH]
    store.apply([Change(key, stage) for key in keys], actor="the tests", reason="one side at a time")
    store.close()


def ask(selection: Selection, wire: Wire) -> Run:
    found: list[Difference] = []
    sides: set[str] = set()
    asked = 0
    for play in (play_reads(selection.reads, wire), *(play_sequence(s, wire) for s in selection.sequences.values())):
        for line, answer, variables in play:
            asked += 1
            sides.add(answer.header("x-served-by") or "")
            found += compare(line, answer, variables, wire.base)
    return Run(asked, frozenset(sides), found)


def told(differences: list[Difference]) -> str:
    return "\n".join(map(str, differences))


@pytest.mark.parametrize("stage", STAGES)
def test_this_side_answers_as_0_9_did(runs: dict[Stage, Run], stage: Stage) -> None:
    one = runs[stage]
    assert one.sides == {stage.value}
    assert told(unaccepted(one.differences, read_waivers())) == ""


def test_much_of_the_corpus_is_asked(runs: dict[Stage, Run]) -> None:
    assert {one.asked for one in runs.values()} != {0}
    assert min(one.asked for one in runs.values()) > 400


def test_no_waiver_outlives_its_difference(runs: dict[Stage, Run]) -> None:
    everything = [one for run in runs.values() for one in run.differences]
    assert unused(everything, read_waivers()) == []


def test_no_waiver_has_expired() -> None:
    assert expired(read_waivers(), datetime.now(UTC).date()) == []


def test_every_line_is_asked_or_counted(mariadb: MariaDB, tmp_path: Path) -> None:
    lines: list[Line] = list(read_corpus())
    selection = choose(load_library(mariadb, "golden_counted", tmp_path))
    asked = {line.id for line in selection.reads} | {
        line.id for steps in selection.sequences.values() for line in steps
    }
    sequences = {line.sequence for line in lines} - {""}
    missing = {line.id for line in lines if line.id not in asked}
    unexplained = {
        line.id
        for line in lines
        if line.id in missing and line.id not in selection.left_out and line.sequence not in selection.left_out
    }
    assert unexplained == set()
    assert sequences == {*selection.sequences, *(name for name in selection.left_out if name in sequences)}
