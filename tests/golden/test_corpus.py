"""Both sides give the answers that the real 0.9 gave, but for the differences that `waivers.yaml` names."""

import re
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Engine

from fastapi_app.database import blocking_engine
from fastapi_app.models import now
from legacy_flask.front_door import build, create_store
from migration_flags import Change, Stage
from router import Owner
from router.comparison.mismatch import Mismatch
from router.comparison.waiver import expired, read_waivers, unused, unwaived
from tests.golden.comparison import Difference, compare
from tests.golden.library import Library, load_library
from tests.golden.line import GOLDEN, Line, read_corpus
from tests.golden.replay import play_reads, play_sequence
from tests.golden.selection import Selection, select
from tests.golden.stand_in import import_video
from tests.golden.wire import Wire, opened
from tests.parity.ask import Ask
from tests.parity.difference import differences
from tests.parity.rows import Rows, differing_rows, rows_of
from tests.parity.shape import Shape, shape
from tests.servers.mariadb import MariaDB, start_mariadb
from tests.servers.web import serving

pytestmark = [
    pytest.mark.shared,
    pytest.mark.mariadb,
    pytest.mark.skipif(not GOLDEN.is_dir(), reason="needs ../shared, the recorded answers of MVidarr 0.9"),
]

STAGES = (Stage.LEGACY, Stage.MODERN)
PROCESS = "/admin/system/"
"""Tells of the process that answers: its number and its folder are never those of another one."""
WAIVERS = Path(__file__).parent / "waivers.yaml"
PARITY_WAIVERS = Path(__file__).parents[1] / "parity" / "waivers.yaml"
TODAY = datetime.now(UTC).date()


@dataclass(frozen=True)
class Run:
    """What one side answered, how that differs from the corpus, and the rows left behind."""

    sides: frozenset[str]
    differences: list[Difference]
    shapes: dict[str, Shape]
    rows: Rows


@pytest.fixture(scope="module")
def mariadb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MariaDB]:
    with start_mariadb(tmp_path_factory.mktemp("mariadb")) as server:
        yield server


@pytest.fixture(scope="module")
def runs(mariadb: MariaDB, tmp_path_factory: pytest.TempPathFactory) -> dict[Stage, Run]:
    folders = [tmp_path_factory.mktemp(stage) for stage in STAGES]
    with ThreadPoolExecutor() as threads:
        return dict(zip(STAGES, threads.map(partial(run, mariadb), STAGES, folders), strict=True))


def run(mariadb: MariaDB, stage: Stage, folder: Path) -> Run:
    """Asks everything of a freshly loaded library whose every route is at `stage`."""
    library = load_library(mariadb, f"golden_{stage}", folder)
    selection = choose(library)
    move_all(library, stage)
    engine = blocking_engine(library.config)
    with serving("tests.servers.unwatched:app", library.environment, folder) as web, opened(web.base) as wire:
        found, shapes, sides = ask(selection, wire, engine)
    rows = rows_of(engine, now())
    engine.dispose()
    return Run(sides, found, shapes, rows)


def choose(library: Library) -> Selection:
    table = build(library.config).table
    return select(read_corpus(), lambda method, path: not table.match(method, path).unmatched)


def move_all(library: Library, stage: Stage) -> None:
    store = create_store(library.config)
    keys = [row.key for row in build(library.config).table if row.owner is Owner.BOTH]
    store.apply([Change(key, stage) for key in keys], actor="the tests", reason="one side at a time")
    store.close()


def ask(selection: Selection, wire: Wire, engine: Engine) -> tuple[list[Difference], dict[str, Shape], frozenset[str]]:
    found: list[Difference] = []
    shapes: dict[str, Shape] = {}
    sides: set[str] = set()
    insert = partial(import_video, engine)
    sequences = (play_sequence(steps, wire, insert) for steps in selection.sequences.values())
    # What 0.9 only failed to write is written now: the others were recorded without it, so it comes last.
    failed = [line for line in selection.reads if line.status == 500 and line.method not in {"GET", "HEAD"}]
    reads = [line for line in selection.reads if line not in failed]
    for play in (play_reads(reads, wire), *sequences, play_reads(failed, wire)):
        for line, answer, variables in play:
            if not line.path.startswith(PROCESS):
                shapes[line.id] = without_path(shape(answer, wire.host, now(), tied(line)))
            sides.add(answer.header("x-served-by") or "")
            found += compare(line, answer, variables, wire.base)
    return found, shapes, frozenset(sides)


def tied(line: Line) -> str:
    """The list of the answer whose equal rows come in any order, and its key."""
    order = line.get("order")
    return f"{order['list'].removeprefix('$.')}:{order['key']}" if order and order["key"] else ""


def without_path(answer: Shape) -> Shape:
    """Without the last part of the entity tag, which is a digest of the file's path: each side has its own folder."""
    tag = answer.headers["etag"]
    return replace(answer, headers={**answer.headers, "etag": tag and re.sub("-[^-]*$", "", tag)})


def told(differences: Iterable[Mismatch]) -> str:
    return "\n".join(map(str, differences))


@pytest.mark.parametrize("stage", STAGES)
def test_this_side_answers_as_0_9_did(runs: dict[Stage, Run], stage: Stage) -> None:
    one = runs[stage]
    assert one.sides == {stage.value}
    assert told(unwaived(one.differences, read_waivers(WAIVERS), TODAY)) == ""


def test_much_of_the_corpus_is_asked(runs: dict[Stage, Run]) -> None:
    assert min(len(one.shapes) for one in runs.values()) > 400


def test_both_sides_answer_alike_and_leave_the_same_rows(runs: dict[Stage, Run]) -> None:
    legacy, modern = (runs[stage] for stage in STAGES)
    asks = [Ask("", line) for line in legacy.shapes]
    assert list(legacy.shapes) == list(modern.shapes)
    found = list(differences(asks, legacy.shapes.values(), modern.shapes.values()))
    assert told(unwaived(found, read_waivers(PARITY_WAIVERS), TODAY)) == ""
    assert told(list(differing_rows(legacy.rows, modern.rows))) == ""


def test_no_waiver_outlives_its_difference(runs: dict[Stage, Run]) -> None:
    everything = [one for run in runs.values() for one in run.differences]
    assert unused(everything, read_waivers(WAIVERS)) == []


def test_no_waiver_has_expired() -> None:
    assert expired(read_waivers(WAIVERS), TODAY) == []


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
