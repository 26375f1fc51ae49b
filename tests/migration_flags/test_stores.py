"""The contract that every store keeps: in memory, in a file, on SQLite, on a real Redis and a real MariaDB."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from migration_flags import (
    JSON,
    KILL_SWITCH,
    Change,
    ChangeRefused,
    DependencyRefused,
    EpochMoved,
    Evidence,
    Flag,
    FlagStore,
    Latch,
    RetiredRefused,
    Rule,
    Stage,
    Worker,
    alive,
    first_broken_link,
)
from migration_flags.document import settings
from migration_flags.errors import ActorMissing, EvidenceRefused, KeyRefused, ReasonMissing, TextTooLong

Open = Callable[[], FlagStore]


def test_a_new_store_is_empty_at_epoch_zero(open_store: Open) -> None:
    store = open_store()
    assert (store.epoch(), len(store.snapshot()), store.history()) == (0, 0, ())


def test_a_change_is_seen_by_another_process(open_store: Open) -> None:
    here, there = open_store(), open_store()
    assert there.epoch() == 0
    here.apply([Change("GET /a", Stage.MODERN)], actor="ada", reason="parity is green")
    flag = there.snapshot().get("GET /a")
    assert flag is not None
    assert (flag.stage, flag.reason, flag.updated_by, flag.epoch) == (Stage.MODERN, "parity is green", "ada", 1)
    assert flag.updated_at == "2026-03-01T12:00:00.000000+00:00"
    assert there.epoch() == there.snapshot().epoch == 1


def test_many_changes_are_one_transaction_and_one_epoch(open_store: Open) -> None:
    store = open_store()
    rows = store.apply([Change(f"GET /{n}", Stage.MODERN) for n in range(30)], actor="ada", reason="all")
    assert {row.epoch for row in rows} == {1}
    assert [row.sequence for row in rows] == list(range(1, 31))
    assert (store.epoch(), len(store.snapshot())) == (1, 30)


def test_a_change_that_changes_nothing_leaves_no_trace(open_store: Open) -> None:
    store = open_store()
    store.apply([Change("GET /a", Stage.MODERN)], actor="ada", reason="first")
    assert store.apply([Change("GET /a", Stage.MODERN)], actor="bob", reason="again") == ()
    assert (store.epoch(), len(store.history())) == (1, 1)


def test_the_history_tells_before_and_after_newest_first(open_store: Open) -> None:
    store = open_store()
    store.apply([Change("GET /a", Stage.MODERN), Change("GET /b", Stage.LEGACY)], actor="ada", reason="one")
    store.apply([Change("GET /a", Stage.LEGACY)], actor="bob", reason="two", gated=True)
    newest, *_ = store.history()
    assert (newest.actor, newest.reason, newest.before_stage, newest.after_stage) == ("bob", "two", "modern", "legacy")
    assert (newest.epoch, newest.gated, newest.at) == (2, True, "2026-03-01T12:00:00.000000+00:00")
    assert [row.reason for row in store.history("GET /a")] == ["two", "one"]
    assert [row.before_stage for row in store.history("GET /b")] == [None]
    assert len(store.history(limit=2)) == 2


def test_the_audit_chain_holds_and_shows_a_forged_row(open_store: Open) -> None:
    store = open_store()
    for number in range(5):
        store.apply(
            [Change("GET /é", (Stage.MODERN, Stage.LEGACY)[number % 2])], actor="ada", reason=f"because {number}"
        )
    rows = store.history()[::-1]
    assert first_broken_link(rows) is None
    assert first_broken_link([*rows[:2], replace(rows[2], reason="nothing to see"), *rows[3:]]) == 3
    assert first_broken_link([*rows[:2], *rows[3:]]) == 3
    assert first_broken_link(rows[1:]) == 1


@pytest.mark.parametrize(
    ("changes", "actor", "reason", "error"),
    [
        ([Change("GET /a", Stage.MODERN)], " ", "why", ActorMissing),
        ([Change("GET /a", Stage.MODERN)], "ada", "", ReasonMissing),
        ([Change("GET /a", Stage.MODERN)], "a" * 256, "why", TextTooLong),
        ([Change("", Stage.MODERN)], "ada", "why", KeyRefused),
        ([Change("x" * 701, Stage.MODERN)], "ada", "why", KeyRefused),
        ([Change("GET /a", Stage.MODERN), Change("GET /a", Stage.LEGACY)], "ada", "why", KeyRefused),
        ([Change("GET /a", Stage.MODERN, requires=("GET /b",))], "ada", "why", DependencyRefused),
        ([Change("GET /a", Stage.MODERN, unretire=True)], "ada", "why", RetiredRefused),
    ],
)
def test_a_refused_change_writes_nothing(
    open_store: Open, changes: list[Change], actor: str, reason: str, error: type[ChangeRefused]
) -> None:
    store = open_store()
    with pytest.raises(error):
        store.apply([Change("GET /good", Stage.MODERN), *changes], actor=actor, reason=reason)
    assert (store.epoch(), len(store.snapshot()), store.history()) == (0, 0, ())


def test_keys_differ_by_case_accent_and_final_slash(open_store: Open) -> None:
    store = open_store()
    keys = ["GET /a", "GET /A", "GET /á", "GET /a/", "GET /😀"]
    store.apply([Change(key, Stage.MODERN) for key in keys], actor="ada", reason="all")
    assert {flag.key for flag in store.snapshot()} == set(keys)


def test_the_longest_key_fits(open_store: Open) -> None:
    store = open_store()
    key = "GET /" + "é" * 695
    store.apply([Change(key, Stage.MODERN)], actor="ada", reason="long")
    assert key in store.snapshot()


def test_seeding_leaves_what_somebody_decided(open_store: Open) -> None:
    store = open_store()
    store.apply([Change("GET /a", Stage.MODERN)], actor="ada", reason="decided")
    rows = store.seed(["GET /a", "GET /b", "GET /b"], Stage.LEGACY, actor="boot", reason="adopted database")
    assert [row.key for row in rows] == ["GET /b"]
    assert {flag.key: flag.stage for flag in store.snapshot()} == {"GET /a": Stage.MODERN, "GET /b": Stage.LEGACY}
    assert store.seed(["GET /a", "GET /b"], Stage.LEGACY, actor="boot", reason="again") == ()
    assert store.epoch() == 2


def test_writers_at_the_same_time_lose_nothing(open_store: Open) -> None:
    barrier = threading.Barrier(4)

    def write(name: str) -> None:
        store = open_store()
        barrier.wait()
        for number in range(8):
            stage = (Stage.MODERN, Stage.LEGACY)[number % 2]
            store.apply([Change("GET /shared", stage), Change(f"GET /{name}", stage)], actor=name, reason=str(number))

    threads = [threading.Thread(target=write, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    store = open_store()
    rows = store.history()[::-1]
    assert first_broken_link(rows) is None
    assert store.epoch() == 32
    assert sorted({row.epoch for row in rows}) == list(range(1, 33))
    assert len(store.snapshot()) == 5


def test_a_snapshot_is_one_moment_while_others_write(open_store: Open) -> None:
    """Both flags always change together, so a snapshot that shows them apart was torn."""
    stopped = threading.Event()

    def write() -> None:
        store, number = open_store(), 0
        while not stopped.is_set():
            stage = (Stage.MODERN, Stage.LEGACY)[number % 2]
            store.apply([Change("GET /a", stage), Change("GET /b", stage)], actor="ada", reason="both")
            number += 1

    writer = threading.Thread(target=write)
    writer.start()
    reader = open_store()
    try:
        for _ in range(100):
            snapshot = reader.snapshot()
            assert len({flag.stage for flag in snapshot}) <= 1
            assert {flag.epoch for flag in snapshot} <= {snapshot.epoch}
    finally:
        stopped.set()
        writer.join(60)


def test_a_closed_store_may_be_used_again(open_store: Open) -> None:
    store = open_store()
    store.apply([Change("GET /a", Stage.MODERN)], actor="ada", reason="one")
    store.close()
    assert store.epoch() == 1


LATCH = Latch(
    "sequential",
    "2026-03-01T12:00:00.000000+00:00",
    Stage.CANARY,
    0.125,
    "2026-03-01T12:05:00.000000+00:00",
    {"e": 123.456, "counts": [1, 2, {"legacy": None, "modern": True}], "text": 'é 😀 " \\ %s :x'},
)
FULL = Change(
    "GET /full/{a}",
    Stage.SHADOW,
    mirror=33.333,
    group="jöurney 😀",
    rules=(Rule("user", "ada's", True), Rule("role", "stäff", False)),
    requires=("GET /b", "GET /é"),
    latch=LATCH,
)


def test_every_setting_is_seen_by_another_process(open_store: Open) -> None:
    here, there = open_store(), open_store()
    here.apply([FULL, Change("GET /c", Stage.CANARY, 0.001)], actor="ada", reason="all of it")
    flag = there.snapshot().get(FULL.key)
    assert flag == Flag(
        FULL.key,
        Stage.SHADOW,
        None,
        33.333,
        "jöurney 😀",
        (Rule("user", "ada's", True), Rule("role", "stäff", False)),
        ("GET /b", "GET /é"),
        LATCH,
        "all of it",
        "ada",
        "2026-03-01T12:00:00.000000+00:00",
        1,
    )
    canary = there.snapshot().get("GET /c")
    assert canary is not None
    assert canary.percent == 0.001


def test_the_history_tells_all_settings_and_the_evidence(open_store: Open) -> None:
    store = open_store()
    store.apply([Change(FULL.key, Stage.LEGACY)], actor="ada", reason="one")
    evidence: dict[str, JSON] = {
        "e": 1e-300,
        "compared": 3000,
        "share": 0.1,
        "windows": [[0.5, None], "é"],
        "nested": {"on": True},
    }
    written = store.apply([FULL], actor="strangler", reason="two", gated=True, evidence=evidence)
    rows = open_store().history()
    assert rows[0] == written[0]
    flag = store.snapshot().get(FULL.key)
    assert flag is not None
    assert (rows[0].after, rows[0].evidence) == (settings(flag), evidence)
    assert rows[0].before == settings(Flag(FULL.key, Stage.LEGACY)) == rows[1].after
    assert first_broken_link(rows[::-1]) is None
    assert first_broken_link([rows[1], replace(rows[0], evidence={**evidence, "compared": 2999})]) == 2
    assert first_broken_link([rows[1], replace(rows[0], after=rows[1].after)]) == 2


def test_lifting_a_latch_is_a_change(open_store: Open) -> None:
    store = open_store()
    store.apply([FULL], actor="strangler", reason="tripped")
    assert store.apply([FULL], actor="strangler", reason="tripped") == ()
    rows = store.apply([Change(FULL.key, Stage.SHADOW)], actor="ada", reason="looked at it")
    assert [row.after and row.after["latch"] for row in rows] == [None]
    flag = store.snapshot().get(FULL.key)
    assert flag is not None
    assert (flag.latch, flag.group, flag.epoch) == (None, "jöurney 😀", 2)


def test_routes_that_require_one_go_back_with_it(open_store: Open) -> None:
    store = open_store()
    moved = [Change("GET /a", Stage.MODERN), Change("GET /b", Stage.MODERN, requires=("GET /a",))]
    store.apply(moved, actor="ada", reason="both")
    rows = store.apply([Change("GET /a", Stage.LEGACY)], actor="ada", reason="one")
    assert [(row.key, row.after_stage, row.epoch) for row in rows] == [("GET /a", "legacy", 2), ("GET /b", "legacy", 2)]
    assert {flag.stage for flag in open_store().snapshot()} == {Stage.LEGACY}
    with pytest.raises(DependencyRefused):
        store.apply([Change("GET /b", Stage.CANARY, 5)], actor="ada", reason="too early")


def test_the_switch_is_seen_by_another_process_and_in_the_history(open_store: Open) -> None:
    here, there = open_store(), open_store()
    here.apply([Change("GET /a", Stage.MODERN)], actor="ada", reason="one")
    assert here.kill(False, actor="ada", reason="is off") == ()
    here.kill(True, actor="ada", reason="fire")
    assert (there.epoch(), there.snapshot().killed, len(there.snapshot())) == (2, True, 1)
    there.apply([Change("GET /a", Stage.LEGACY)], actor="bob", reason="while killed")
    assert here.snapshot().killed
    there.kill(False, actor="bob", reason="out")
    assert (here.epoch(), here.snapshot().killed) == (4, False)
    assert [(row.before_stage, row.after_stage) for row in here.history(KILL_SWITCH)] == [("on", "off"), ("off", "on")]
    assert first_broken_link(here.history()[::-1]) is None
    with pytest.raises(ChangeRefused):
        here.kill(True, actor="", reason="nobody")


def test_of_two_who_decided_on_the_same_flags_one_is_refused(open_store: Open) -> None:
    here, there = open_store(), open_store()
    here.apply([Change("GET /a", Stage.CANARY, 1)], actor="ada", reason="probe", if_epoch=0)
    with pytest.raises(EpochMoved):
        there.apply([Change("GET /a", Stage.CANARY, 2)], actor="bob", reason="probe", if_epoch=0)
    assert (there.epoch(), len(there.history())) == (1, 1)


def test_beats_are_dated_by_the_store_and_change_no_epoch(open_store: Open) -> None:
    here, there = open_store(), open_store()
    here.beat(Worker("b", "høst", 2**22, 3, "1999-01-01T00:00:00+00:00", {"share": 0.5, "what": ["é"]}))
    here.beat(Worker("a", "host", 7, 4))
    there.beat(Worker("a", "host", 7, 5))
    now = there.now()
    first, second = there.workers()
    assert (first.id, first.epoch, first.pid) == ("a", 5, 7)
    assert (second.host, second.pid, second.facts) == ("høst", 2**22, {"share": 0.5, "what": ["é"]})
    assert alive([first, second], now) == (first, second)
    assert alive([first, second], now + timedelta(seconds=60)) == ()
    assert (here.epoch(), here.history()) == (0, ())
    with pytest.raises(ChangeRefused):
        here.beat(Worker("", "host", 7, 5))


def test_evidence_is_kept_newest_first(open_store: Open) -> None:
    here, there = open_store(), open_store()
    for number in range(5):
        here.keep(Evidence("GET /a", "shadow", f"2026-03-01T12:00:0{number}", number, {"compared": number, "é": [0.1]}))
    here.keep(Evidence("GET /a", "parity", "2026-03-01T12:00:09", 9, {"alike": True}))
    here.keep(Evidence("GET /A", "parity", "2026-03-01T12:00:09", 9))
    assert [piece.epoch for piece in there.evidence("GET /a")] == [9, 4, 3, 2, 1, 0]
    assert [piece.summary for piece in there.evidence("GET /a", kind="shadow", limit=2)] == [
        {"compared": 4, "é": [0.1]},
        {"compared": 3, "é": [0.1]},
    ]
    assert [piece.kind for piece in there.evidence("GET /A")] == ["parity"]
    assert there.evidence("GET /unheard-of") == ()
    assert there.epoch() == 0


def test_a_running_total_takes_the_place_of_the_one_before(open_store: Open) -> None:
    here, there = open_store(), open_store()
    for compared in (10, 20, 30):
        here.keep(Evidence("GET /a", "shadow", "now", 1, {"compared": compared}, "worker-1"))
        there.keep(Evidence("GET /a", "shadow", "now", 1, {"compared": compared + 1}, "worker-2"))
    here.keep(Evidence("GET /a", "replay", "now", 1, {}, "worker-1"))
    totals = {piece.source: piece.summary["compared"] for piece in here.evidence("GET /a", kind="shadow")}
    assert totals == {"worker-1": 30, "worker-2": 31}
    assert len(here.evidence("GET /a")) == 3


@pytest.mark.parametrize(
    "piece",
    [
        Evidence("", "parity", "now", 1),
        Evidence("GET /a", "hearsay", "now", 1),  # type: ignore[arg-type]
        Evidence("GET /a", "parity", "now", 1, {"rate": float("inf")}),
        Evidence("GET /a", "parity", "now", 1, source="s" * 256),
    ],
)
def test_what_is_no_evidence_is_refused(open_store: Open, piece: Evidence) -> None:
    with pytest.raises((EvidenceRefused, KeyRefused)):
        open_store().keep(piece)


def test_evidence_of_four_workers_at_the_same_time_is_all_there(open_store: Open) -> None:
    barrier, wrong = threading.Barrier(4), list[object]()

    def flush(name: str) -> None:
        store = open_store()
        barrier.wait()
        try:
            for number in range(10):
                store.keep(Evidence("GET /a", "shadow", "now", 1, {"compared": number}, name))
                store.keep(Evidence("GET /a", "canary", "now", 1, {"compared": number}))
                store.beat(Worker(name, "host", 1, number))
        except Exception as error:  # noqa: BLE001  # the thread's edge: the test looks at it
            wrong.append(error)

    threads = [threading.Thread(target=flush, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert wrong == []
    store = open_store()
    assert [piece.summary for piece in store.evidence("GET /a", kind="shadow")] == [{"compared": 9}] * 4
    assert len(store.evidence("GET /a", kind="canary")) == 40
    assert [worker.epoch for worker in store.workers()] == [9] * 4
