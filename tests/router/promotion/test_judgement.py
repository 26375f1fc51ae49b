"""The command line and the console judge a route by the same evidence, waivers of the store included."""

from datetime import UTC, datetime, timedelta

from migration_flags import Change, Evidence, Snapshot, Stage
from migration_flags.stores.memory import MemoryStore
from router.comparison.ledger import Ledger
from router.comparison.mismatch import Mismatch
from router.derive import Route
from router.promotion.judgement import Judge, is_down, next_of, used
from router.promotion.step import Step
from router.table import RouteTable
from router.waiver_book import WaiverBook

KEY = "GET /api/videos"
TABLE = RouteTable([Route(KEY).declared()], [Route(KEY).declared()])
ROW = TABLE[KEY]


def recorded(version: str) -> Evidence:
    ledger = Ledger()
    ledger.compare([Mismatch(KEY, "$.total", 1, 2)], datetime.now(UTC))
    return Evidence(KEY, "parity", datetime.now(UTC).isoformat(), 1, ledger.summary(version).to_json(), "ci")


def test_a_waiver_of_the_store_opens_the_gate_and_its_withdrawal_closes_it() -> None:
    store = MemoryStore()
    store.apply([Change(KEY, Stage.SHADOW)], actor="t", reason="t")
    store.keep(recorded("v"))
    judge = Judge(store, "v")
    (closed,) = judge.judge([ROW], store.snapshot())
    assert not closed.verdict.allowed
    assert "$.total" in " ".join(closed.verdict.missing)
    book = WaiverBook(store)
    day = datetime.now(UTC).date() + timedelta(days=7)
    waiver = book.make(KEY, "$.total", None, owner="ada", reason="known", expires=day)
    (opened,) = judge.judge([ROW], store.snapshot())
    assert opened.verdict.allowed, opened.verdict.missing
    assert opened.change() == Change(KEY, Stage.CANARY, 1.0)
    book.withdraw(waiver, by="ada", reason="not so")
    assert not judge.judge([ROW], store.snapshot())[0].verdict.allowed


def test_what_forbids_and_what_delays_are_said() -> None:
    store = MemoryStore()
    judge = Judge(store, "v", lambda _key, _pieces: ("Modern lets everybody in.",), ["The store is silent."])
    (found,) = judge.judge([ROW], Snapshot(), Step(Stage.CANARY, 1.0))
    assert {"Modern lets everybody in.", "The store is silent."} <= set(found.verdict.missing)


def test_the_history_of_many_promotions_stays_short() -> None:
    (one,) = Judge(MemoryStore(), "v").judge([ROW], Snapshot())
    assert used([one]) == list(one.verdict.used)
    assert used([one, one]) == {KEY: list(one.verdict.used)}
    assert used([one] * 500) == ["The gate allowed each of 500 routes."]


def test_next_and_down() -> None:
    store = MemoryStore()
    assert next_of(None) == Step(Stage.SHADOW)
    assert not is_down(None, Step(Stage.LEGACY))
    store.apply([Change(KEY, Stage.CANARY, 5.0)], actor="t", reason="t")
    flag = store.snapshot().get(KEY)
    assert next_of(flag) == Step(Stage.CANARY, 10.0)
    assert is_down(flag, Step(Stage.CANARY, 1.0))
    assert not is_down(flag, Step(Stage.CANARY, 5.0))
