"""docs/blocking.md leaves out no blocking call of 0.9, and agrees with docs/endpoints.md about what became of it."""

import re
from collections import Counter
from pathlib import Path

import pytest

from tests.documents.test_endpoints import WAITING, by_key, cells, contract, needs_contract

PROJECT = Path(__file__).parents[2]
PAGE = PROJECT / "docs" / "blocking.md"
LATER, GONE = "later", "gone"


def page() -> str:
    return PAGE.read_text("utf-8")


def routes() -> dict[str, tuple[list[str], str]]:
    """What 0.9 waited for, and what became of it, by route."""
    found = [cells(line) for line in page().splitlines() if line.startswith("| `") and line.count("|") == 4]
    assert [key for key, count in Counter(row[0] for row in found).items() if count > 1] == []
    return {key.strip("`"): (waited.split(", "), now) for key, waited, now in found}


def table_below(heading: str) -> list[list[str]]:
    after = page().split(f"\n{heading}\n", 1)[1].split("\n| ", 1)[1]
    lines = after.split("\n\n", 1)[0].splitlines()
    return [cells(line) for line in lines[2:]]


def blocking() -> dict[str, list[str]]:
    return {key: route["blocks_on"] for key, route in contract().items() if route.get("blocks_on")}


@pytest.mark.shared
@needs_contract
def test_no_blocking_route_of_0_9_is_missing_and_each_waits_for_what_the_contract_says() -> None:
    assert {key: waited for key, (waited, _) in routes().items()} == blocking()


@pytest.mark.shared
@needs_contract
def test_the_numbers_of_routes_add_up() -> None:
    served, waiting, gone = Counter[str](), Counter[str](), Counter[str]()
    for waited, now in routes().values():
        (gone if now == GONE else waiting if now.startswith(f"{LATER}: ") else served).update(waited)
    for kind, *_, first, second, third in table_below("## By kind"):
        assert (served[kind], waiting[kind], gone[kind]) == (int(first), int(second), int(third)), kind
    assert {row[0] for row in table_below("## By kind")} == {*served, *waiting, *gone}


def test_every_route_became_what_the_endpoints_say() -> None:
    told = by_key()
    wrong = []
    for key, (waited, now) in routes().items():
        verdict = told[key].verdict
        if told[key].is_served:
            places = [part.partition(": ")[0] for part in now.split("; ")]
            right = places == waited
        else:
            waits = verdict.startswith(WAITING)
            right = now == (f"{LATER}: {verdict.removeprefix(WAITING)}" if waits else GONE)
        if not right:
            wrong.append(f"{key}: {now!r} here, {verdict!r} in endpoints.md")
    assert wrong == []


def test_every_place_is_explained_and_used() -> None:
    explained = {row[0] for row in table_below("## Where it goes")}
    told = by_key()
    used = {
        place
        for key, (_, now) in routes().items()
        if told[key].is_served
        for part in now.split("; ")
        for place in part.partition(": ")[2].split(", ")
    }
    assert used == explained


def test_every_test_that_the_page_names_is_there() -> None:
    named = re.findall(r"`(tests/[\w/.]+)`", page())
    assert named
    assert [name for name in named if not (PROJECT / name).exists()] == []
