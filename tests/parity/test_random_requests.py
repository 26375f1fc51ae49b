"""Both sides answer alike, and leave the same behind, whatever the description of the modern side makes people send."""

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from blockbuster import blockbuster_ctx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fastapi_app.app import create_app
from fastapi_app.genres import queries
from fastapi_app.models.sqlite import LibraryConnection
from legacy_flask.front_door import build
from router import Owner
from router.comparison.rules import Rules
from tests.parity.ask import Ask, get
from tests.parity.copy import DATABASE
from tests.parity.generated import asks
from tests.parity.library import make_library
from tests.parity.operations import Operation, operations
from tests.parity.sides import Sides, opened_sides
from tests.parity.ties import rules_of

TAGS = (
    "artists",
    "videos",
    "settings",
    "genres",
    "webhooks",
    "playlists",
    "downloads",
    "discovery",
    "auth",
    "users",
    "second factor",
    "audit",
    "health",
)
PROCESS = "system"
"""Tells of the process that answers, and so never the same on two sides."""
ANSWERED: dict[str, Counter[int]] = {}
"""Statuses by operation; the last test reads them."""
FEW, MANY = 2, 150
"""Sequences for each operation."""
SETTINGS: dict[str, Any] = {
    "deadline": None,
    "database": None,
    "suppress_health_check": [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
}


@pytest.fixture(scope="module")
def sides(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sides]:
    with opened_sides(tmp_path_factory.mktemp("sides")) as opened, blockbuster_ctx("fastapi_app"):
        yield opened


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> list[Operation]:
    config = make_library(tmp_path_factory.mktemp("described")).config
    keys = {row.key for row in build(config).table if row.owner is Owner.BOTH}
    found = operations(create_app(config).openapi(), keys)
    return [operation for operation in found if operation.tag != PROCESS]


def check(sides: Sides, requests: list[tuple[Operation, Ask]]) -> None:
    sides.restore()
    found = []
    for operation, ask in requests:
        status, mismatches = sides.ask(ask, rules_of(operation, ask))
        ANSWERED.setdefault(operation.key, Counter())[status] += 1
        found += mismatches
    found += sides.left_behind()
    assert "\n".join(map(str, found)) == ""


def sequences(asked: Operation, others: list[Operation]) -> st.SearchStrategy[list[tuple[Operation, Ask]]]:
    """One request of an operation, among a few of its neighbours."""
    one = st.tuples(st.just(asked), asks(asked))
    other = st.sampled_from(others).flatmap(lambda operation: st.tuples(st.just(operation), asks(operation)))
    few = st.lists(other, max_size=2)
    return st.builds(lambda before, middle, after: [*before, middle, *after], few, one, few)


@pytest.mark.parametrize("tag", TAGS)
def test_random_requests_are_answered_alike(tag: str, sides: Sides, shared: list[Operation]) -> None:
    search(tag, sides, shared, FEW, derandomize=True)


@pytest.mark.long
@pytest.mark.parametrize("tag", TAGS)
def test_many_random_requests_are_answered_alike(tag: str, sides: Sides, shared: list[Operation]) -> None:
    search(tag, sides, shared, MANY)


def test_every_operation_was_asked_and_most_did_what_they_were_asked(shared: list[Operation]) -> None:
    if len({operation.tag for operation in shared if operation.key in ANSWERED}) < len(TAGS):
        pytest.skip("needs all the tests above in this process")
    assert {operation.key for operation in shared} == ANSWERED.keys()
    done = [key for key, statuses in ANSWERED.items() if any(status < 400 for status in statuses)]
    assert len(done) > 0.4 * len(shared), sorted(ANSWERED.keys() - set(done))


def test_every_operation_has_a_tag_that_is_asked(shared: list[Operation]) -> None:
    assert {operation.tag for operation in shared} == set(TAGS)


def test_an_answer_that_differs_is_found(sides: Sides, monkeypatch: pytest.MonkeyPatch) -> None:
    async def nothing(*_arguments: Any) -> list[str]:
        return []

    ask = get("/api/genres/videos/2")
    assert sides.ask(ask, Rules())[1] == []
    monkeypatch.setattr(queries, "genres_of_video", nothing)
    assert sides.ask(ask, Rules())[1] != []


def test_a_row_and_a_file_that_differ_are_found_and_put_back(sides: Sides) -> None:
    sides.restore()
    assert sides.left_behind() == []
    # Ours: the indexes of videos need the collation of their columns.
    with closing(sqlite3.connect(sides.modern.data / DATABASE, factory=LibraryConnection)) as connection:
        connection.execute("UPDATE videos SET year = 1901 WHERE id = 1")
        connection.commit()
    (sides.modern.data / "thumbnails/videos/a.jpg").write_bytes(b"another")
    assert {mismatch.field for mismatch in sides.left_behind()} == {
        'files["thumbnails/videos/a.jpg"]',
        "videos[1].year",
    }
    sides.restore()
    assert sides.left_behind() == []


def search(tag: str, sides: Sides, shared: list[Operation], each: int, **options: Any) -> None:
    # Logins take their time to compute.
    bounds = settings(max_examples=each // 2 if tag == "auth" else each, **options, **SETTINGS)
    group = [operation for operation in shared if operation.tag == tag]
    for operation in group:

        @bounds
        @given(sequences(operation, group))
        def alike(requests: list[tuple[Operation, Ask]]) -> None:
            check(sides, requests)

        alike()
