"""Both sides answer alike, and leave the same rows behind: on SQLite and MariaDB, without any recorded answers."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from legacy_flask.front_door import NOT_AT_PAR, build
from migration_flags import Stage
from router import Owner
from router.comparison.waiver import expired, read_waivers, unused, unwaived
from tests.golden.comparison import Difference
from tests.parity import gated, reads, writes
from tests.parity.ask import Ask
from tests.parity.difference import differences
from tests.parity.library import make_library
from tests.parity.play import Played, play
from tests.parity.rows import differing_rows
from tests.servers.mariadb import MariaDB, start_mariadb

WAIVERS = read_waivers(Path(__file__).parent / "waivers.yaml")
KINDS = (
    pytest.param(("sqlite", 5), id="some on sqlite"),
    pytest.param(("sqlite", 1), marks=pytest.mark.long, id="all on sqlite"),
    pytest.param(("mariadb", 1), marks=[pytest.mark.mariadb, pytest.mark.long], id="all on mariadb"),
)
"""The database, and every how many-th request is asked. On MariaDB the golden corpus often asks much the same."""
FOUND: dict[str, list[Difference]] = {}
"""What the tests of this file found, waived or not, by suite; the last test reads it."""
SUITES = 3 * len(KINDS) - 2


@pytest.fixture(scope="module")
def mariadb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MariaDB]:
    with start_mariadb(tmp_path_factory.mktemp("mariadb")) as server:
        yield server


@pytest.fixture
def fresh(request: pytest.FixtureRequest) -> Callable[[str], str]:
    """The URL of an emptied database of a kind; empty for SQLite, whose file is in the library's folder."""

    def make(kind: str) -> str:
        if kind == "sqlite":
            return ""
        server: MariaDB = request.getfixturevalue("mariadb")
        server.drop_database("parity")
        return server.create_database("parity")

    return make


def both(asks: Sequence[Ask], folder: Path, make: Callable[[], str], gate: str) -> tuple[Played, Played]:
    legacy = play(Stage.LEGACY, asks, folder, make(), gate=gate)
    modern = play(Stage.MODERN, asks, folder, make(), gate=gate)
    assert [set(played.sides) for played in (legacy, modern)] == [{"legacy"}, {"modern"}]
    return legacy, modern


def check(name: str, asks: Sequence[Ask], folder: Path, make: Callable[[], str], gate: str = "false") -> None:
    legacy, modern = both(asks, folder, make, gate)
    found = [*differences(asks, legacy.shapes, modern.shapes), *differing_rows(legacy.rows, modern.rows)]
    FOUND[name] = found
    assert "\n".join(map(str, unwaived(found, WAIVERS, datetime.now(UTC).date()))) == ""


@pytest.mark.parametrize("kind", KINDS)
def test_reads(kind: tuple[str, int], fresh: Callable[[str], str], tmp_path: Path) -> None:
    database, step = kind
    check(f"reads on {kind}", list(reads.reads())[::step], tmp_path / "library", lambda: fresh(database))


@pytest.mark.parametrize("kind", KINDS[1:])  # what one writes, the next one meets: all or none
def test_writes_and_bad_inputs(kind: tuple[str, int], fresh: Callable[[str], str], tmp_path: Path) -> None:
    database, step = kind
    asks = list(writes.writes() if database == "sqlite" else writes.changes())[::step]
    check(f"writes on {kind}", asks, tmp_path / "library", lambda: fresh(database))


@pytest.mark.parametrize("kind", KINDS[1:])  # who may what is asked of each side, and of the hybrid, elsewhere
def test_everybody_before_the_closed_gate(kind: tuple[str, int], fresh: Callable[[str], str], tmp_path: Path) -> None:
    database, step = kind
    asks = list(gated.gated())[::step]
    check(f"gate on {kind}", asks, tmp_path / "library", lambda: fresh(database), gate="true")


def test_every_route_that_both_sides_have_is_asked(tmp_path: Path) -> None:
    table = build(make_library(tmp_path / "library").config).table
    asks = [*reads.reads(), *writes.writes(), *gated.gated()]
    asked = {table.match(ask.method, ask.target.partition("?")[0]).key for ask in asks}
    missing = {row.key for row in table if row.owner is Owner.BOTH} - asked
    assert missing == set()
    assert {row.key for row in table} >= NOT_AT_PAR


def test_no_waiver_outlives_its_difference() -> None:
    if len(FOUND) < SUITES:
        pytest.skip("needs all the tests above in this process")
    assert unused([one for found in FOUND.values() for one in found], WAIVERS) == []


def test_no_waiver_has_expired() -> None:
    assert expired(WAIVERS, datetime.now(UTC).date()) == []
