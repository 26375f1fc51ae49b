"""docs/endpoints.md tells the truth about the code, and leaves out no route of 0.9."""

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from fastapi_app.app import create_app
from fastapi_app.config import Config
from fastapi_app.route import endpoints

PROJECT = Path(__file__).parents[2]
PAGE = PROJECT / "docs" / "endpoints.md"
CONTRACT = PROJECT.parent / "shared" / "contract"
WAITING = "waiting: "
NOBODY = "-"
NEVER_SERVED = "Never served"
BROUGHT_BACK = {"POST /auth/change-password", "GET /admin/audit", "GET /profile"}
"""Of the third tier: 0.9 had a stub, a missing page, and a route that was never served."""


@dataclass(frozen=True)
class Line:
    """One route as the page tells it."""

    key: str
    does: str
    verdict: str
    sides: str
    stage: str
    note: str

    @property
    def is_served(self) -> bool:
        return self.sides != NOBODY


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def lines() -> list[Line]:
    found = [cells(line) for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| `")]
    return [Line(key.strip("`"), *rest) for key, *rest in found]


def by_key() -> dict[str, Line]:
    return {line.key: line for line in lines()}


def table_below(heading: str) -> dict[str, str]:
    """First and last column of the table under the line that begins with `heading`."""
    after = PAGE.read_text("utf-8").split(f"\n{heading}", 1)[1].splitlines()[1:]
    rows = [cells(line) for line in after[: after.index("")]]
    return {row[0]: row[-1] for row in rows if not row[0].startswith("---")}


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return Config(data_dir=tmp_path, database_url="", db_host="")


@pytest.fixture
def front_door() -> Any:
    return pytest.importorskip("legacy_flask.front_door", reason="the migration is over")


def contract() -> dict[str, dict[str, Any]]:
    """Every route of 0.9 by our key."""
    files = [yaml.safe_load((CONTRACT / name).read_text("utf-8")) for name in ("media.yaml", "platform.yaml")]
    return {our_key(route["method"], route["path"]): route for file in files for route in file}


def our_key(method: str, path: str) -> str:
    names = re.compile(r"<(?:[a-z]+:)?(\w+)>")
    return f"{method} {names.sub(lambda found: f'{{{found[1]}}}', path)}"


needs_contract = pytest.mark.skipif(not CONTRACT.is_dir(), reason="needs ../shared, the contract of MVidarr 0.9")


def test_every_route_stands_here_once() -> None:
    counts = Counter(line.key for line in lines())
    assert [key for key, count in counts.items() if count > 1] == []
    assert len(counts) > 300


def test_every_verdict_is_one_that_the_page_explains() -> None:
    verdicts, parts = table_below("| verdict |"), table_below("| part |")
    for line in lines():
        if line.verdict.startswith(WAITING):
            assert line.verdict.removeprefix(WAITING) in parts, line
        else:
            assert line.verdict in {*verdicts, "new"} - {"waiting"}, line


def test_every_part_has_routes_that_wait_for_it() -> None:
    awaited = {line.verdict.removeprefix(WAITING) for line in lines() if line.verdict.startswith(WAITING)}
    assert awaited == set(table_below("| part |"))


def test_the_counts_add_up() -> None:
    found = Counter(line.verdict.partition(":")[0] for line in lines())
    assert {verdict: int(count) for verdict, count in table_below("| verdict |").items()} == {
        verdict: count for verdict, count in found.items() if verdict != "new"
    }


def test_what_is_mended_or_dropped_has_a_reason() -> None:
    assert [line.key for line in lines() if line.verdict in ("fixed", "dropped") and not line.note] == []
    assert [line.key for line in lines() if not line.does] == []


def test_what_waits_or_is_dropped_is_served_by_nobody() -> None:
    for line in lines():
        assert line.is_served == (line.verdict in ("kept", "fixed", "new")), line


def test_the_sides_are_those_of_the_route_table(front_door: Any, config: Config) -> None:
    served = {row.key: str(row.owner) for row in front_door.build(config).table}
    assert {line.key: line.sides for line in lines() if line.is_served} == served


def test_the_stages_are_those_of_a_new_installation(front_door: Any, config: Config) -> None:
    told = {line.key: line.stage for line in lines()}
    for row in front_door.build(config).table:
        start = "legacy" if row.key in front_door.NOT_AT_PAR else "modern"
        assert told[row.key] == (start if row.owner == "both" else NOBODY), row.key
    assert {line.stage for line in lines() if not line.is_served} == {NOBODY}


def test_every_route_of_the_product_stands_here(config: Config) -> None:
    told = {shape(line.key): line for line in lines()}
    for route in endpoints(create_app(config).routes):
        for method in (route.methods or set()) - {"HEAD", "OPTIONS"}:
            assert told[shape(f"{method} {route.path}")].sides in ("both", "modern")


def shape(key: str) -> str:
    """A key without the names in its braces, in which the two sides may differ."""
    return re.sub(r"\{[^}]*\}", "{}", key)


@pytest.mark.shared
@needs_contract
def test_no_route_of_0_9_is_missing_and_none_is_invented() -> None:
    told = {line.key for line in lines() if line.verdict != "new"}
    assert told == contract().keys()


@pytest.mark.shared
@needs_contract
def test_exactly_the_third_tier_is_dropped() -> None:
    dropped = {line.key for line in lines() if line.verdict == "dropped"}
    assert dropped == {key for key, route in contract().items() if route["tier"] == 3} - BROUGHT_BACK


@pytest.mark.shared
@needs_contract
def test_every_known_defect_is_named_as_mended_or_dropped() -> None:
    told = by_key()
    for key, route in contract().items():
        if route.get("as_built", "Works.") != "Works.":
            line = told[key]
            assert line.verdict in ("fixed", "dropped") or "To be fixed" in line.note, line


@pytest.mark.shared
@needs_contract
def test_what_0_9_never_served_is_named_so() -> None:
    never = {line.key for line in lines() if NEVER_SERVED in line.note}
    assert never == {key for key, route in contract().items() if not route.get("live", True)}
