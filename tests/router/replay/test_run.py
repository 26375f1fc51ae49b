"""Recorded traffic replayed: equal sides are alike, and another side's one fault is found behind all that was sent."""

import json
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from router.comparison.mismatch import Kind, Mismatch
from router.comparison.rules import Rules
from router.comparison.waiver import Waiver
from router.parity.agreement import ROWS, Agreement
from router.parity.errors import CorpusUnreadable
from router.parity.recording import Recording, read_corpus
from router.parity.rehearsal import Rehearsal
from router.recording.recorder import Recorder
from router.recording.rules import RecordingRules
from router.replay.case import found_in
from router.replay.line import as_line
from router.replay.minimal import Minimal, ShrinkLimits
from router.replay.run import Replay, on_copies
from router.row import Side
from tests.router.replay.recordings import recording
from tests.router.replay.toys import create_router, rehearsals
from tests.router.serving import fetch, serving

LIMITS = ShrinkLimits()
LONG = "/books?page=2&sort=title&limit=10&colour=blue&fields=a,b,c&_=17"


def replayed(*corpus: Recording, waivers: tuple[Waiver, ...] = (), limits: Any = LIMITS, **faults: bool) -> Replay:
    return on_copies(rehearsals(**faults), corpus, waivers, limits)


def only(found: Replay) -> Minimal:
    (one,) = found.minimal
    return one


def test_a_corpus_recorded_under_load_replays_clean_and_finds_another_candidate(tmp_path: Path) -> None:
    file = tmp_path / "corpus.jsonl"
    router, recorder = create_router(), Recorder(file, RecordingRules(rate=10_000, writes=frozenset({"POST /books"})))

    def visit(port: int, number: int) -> None:
        for turn in range(15):
            sort = ["title", "id", ""][(number + turn) % 3]
            fetch(port, f"/books?sort={sort}&limit={turn + 1}&colour=blue&token=secret{number}")
            fetch(port, f"/books/{turn % 5}")

    with serving(recorder.around(router.table, router)) as server:
        visitors = [threading.Thread(target=visit, args=(server.port, number)) for number in range(6)]
        for one in visitors:
            one.start()
        for one in visitors:
            one.join(60)
    corpus = read_corpus([file])
    forms = Counter((line["route"], line["status"]) for line in map(json.loads, file.read_text().splitlines()))
    assert forms == {("GET /books", 200): 3, ("GET /books/{number}", 200): 3, ("GET /books/{number}", 404): 3}
    assert b"secret" not in file.read_bytes()
    assert on_copies(rehearsals(), corpus, []).is_alike
    asked = [*corpus, recording(id="long", path=LONG)]
    found = only(on_copies(rehearsals(sorts_backwards=True), asked, [], LIMITS))
    assert as_line(found.case[0]) == json.dumps(
        {"id": found.found.request, "method": "GET", "path": "/books?sort=title"}
    )


def test_the_one_parameter_that_matters_is_left() -> None:
    found = replayed(recording(path=LONG, headers={"accept": "a", "range": "b"}, auth="admin"), sorts_backwards=True)
    one = only(found)
    assert (one.found.route, one.found.field, one.found.kind) == ("GET /books", "$.books[*]", Kind.VALUE)
    assert one.case == (recording(path="/books?sort=title"),)
    assert (one.is_reproduced, one.is_minimal) == (True, True)
    assert not found.is_alike


def test_a_number_is_reduced_to_the_first_that_differs() -> None:
    assert only(replayed(recording(path="/books?limit=5000&x=1"), shortens=True)).case[0].path == "/books?limit=101"


def test_of_a_body_the_item_that_matters_is_left_and_each_try_begins_anew() -> None:
    content = {"title": "A long title", "tags": ["new", "rare", "blue"], "year": 1985, "inner": {"a": [1, 2]}}
    post = recording(method="POST", path="/books?x=1", body={"json": content}, sequence="adding", step=1)
    one = only(replayed(post, loses=True))
    assert (one.found.field, one.found.kind) == ("$.tags", Kind.VALUE)
    assert one.case[0].body == {"json": {"tags": ["rare"]}}
    assert one.case[0].path == "/books"


def test_of_a_sequence_the_steps_that_matter_are_left() -> None:
    steps = [
        recording(id="look", path="/books/1", sequence="s", step=1),
        recording(id="add", method="POST", path="/books", body={"json": {"title": "new"}}, sequence="s", step=2,
                  capture={"made": "$.id"}),
        recording(id="change", method="PUT", path="/books/1", body={"json": {"title": "x"}}, sequence="s", step=3),
        recording(id="see", path="/books/${made}?x=1", sequence="s", step=4),
    ]  # fmt: skip
    one = only(replayed(*steps, shouts_new=True))
    assert [step.id for step in one.case] == ["add", "see"]
    assert one.case[0].body == {"json": {"title": "n"}} or one.case[0].body == {"json": {"title": "w"}}
    assert one.case[1].path == "/books/${made}"


def test_rows_that_differ_are_traced_to_the_request_that_wrote_them() -> None:
    writes = [
        recording(id=f"w{number}", method="PUT", path=f"/books/{number}", sequence=f"w{number}", step=1,
                  body={"json": {"title": title, "why": "a"}})
        for number, title in [(1, "Emma"), (2, "Ida"), (3, "Kim")]
    ]  # fmt: skip
    one = only(replayed(recording(path="/books/1"), *writes, forgets=True))
    assert (one.found.route, one.found.field, one.is_reproduced) == (ROWS, "books[*].title", True)
    assert [step.id for step in one.case] == ["w2"]


def test_a_mismatch_that_a_waiver_accepts_is_none_and_does_not_lead_the_shrinking() -> None:
    waiver = Waiver("one", "anna", "known", date(2100, 1, 1), fields=r"\$\.books.*")
    found = replayed(recording(path=LONG), waivers=(waiver,), sorts_backwards=True)
    assert found.is_alike
    assert found.minimal == ()


def test_what_does_not_differ_alone_is_said_so() -> None:
    """A copy that forgets only once."""
    turns = iter([False, True] + [False] * 100)

    def rehearse(side: Any) -> Any:
        return rehearsals(sorts_backwards=next(turns))(side)

    one = only(on_copies(rehearse, [recording(path=LONG)], [], LIMITS))
    assert (one.is_reproduced, one.case[0].path, one.questions) == (False, LONG, 0)


def test_rounds_are_bounded() -> None:
    opened: list[Any] = []

    def rehearse(side: Any) -> Any:
        opened.append(side)
        return rehearsals(loses=True)(side)

    content = {"title": "A long title", "tags": ["new", "rare", "blue"], "year": 1985}
    post = recording(method="POST", path="/books", body={"json": content}, sequence="adding", step=1)
    one = only(on_copies(rehearse, [post], [], ShrinkLimits(rounds=3)))
    assert len(opened) == 2 + 2 * 3
    assert not one.is_minimal


def test_nothing_is_shrunk_unless_asked() -> None:
    found = replayed(recording(path=LONG), limits=None, sorts_backwards=True)
    assert (found.is_alike, found.minimal) == (False, ())


@pytest.mark.parametrize("corpus", [[], [recording(), recording(path="/other")]])
def test_a_corpus_that_proves_nothing_is_refused(corpus: list[Recording]) -> None:
    with pytest.raises(CorpusUnreadable):
        on_copies(rehearsals(), corpus, [])


def test_routes_that_were_not_recorded_do_not_fail_a_replay() -> None:
    found = replayed(recording(path="/books"))
    assert (found.is_alike, found.parity.unasked) == (True, ())


def test_what_may_differ_on_a_route_is_told_by_the_rehearsal() -> None:
    rules = {"GET /books": Rules(unordered=("$.books",))}

    @contextmanager
    def rehearse(side: Side) -> Iterator[Rehearsal]:
        with rehearsals(sorts_backwards=True)(side) as copy:
            yield replace(copy, rules=rules)

    assert on_copies(rehearse, [recording(path=LONG)], []).is_alike


def test_one_cause_in_many_fields_does_not_hide_another() -> None:
    def mismatch(request: str, field: str, kind: Kind) -> Mismatch:
        return Mismatch(request, field, 1, 2, kind)

    routes = [
        Agreement("GET /a", 2, 0, tuple(mismatch("a", f"$.{name}", Kind.VALUE) for name in "xyz")),
        Agreement("GET /b", 2, 0, (mismatch("b", "$.x", Kind.VALUE), mismatch("b", "status", Kind.STATUS))),
    ]
    found = found_in(routes, [recording(id="a", path="/a"), recording(id="b", path="/b")])
    assert [(one.route, one.field) for one in found] == [
        ("GET /a", "$.x"), ("GET /b", "$.x"), ("GET /b", "status"), ("GET /a", "$.y"), ("GET /a", "$.z")
    ]  # fmt: skip
