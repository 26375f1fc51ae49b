"""A route moves by itself only where somebody asked for that, one step at a time, and never on old news."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from migration_flags import Change, Evidence, Flag, Latch, Stage, StoreUnavailable, Worker
from migration_flags.stores.memory import MemoryStore
from router.promotion.unattended import ERRORS_BORNE, Unattended, is_on, next_step, turned
from router.promotion.verdict import Verdict
from router.promotion.version import code_version
from router.row import Owner, Relation, Row

NOW = datetime(2026, 3, 1, tzinfo=UTC)
KEY = "GET /a"
ROW = Row(KEY, "GET", "/a", Owner.BOTH, Relation.EQUAL)
YES = Verdict(True, used=("Twelve requests alike.",))


class Store(MemoryStore):
    down = False

    def workers(self) -> tuple[Worker, ...]:
        if self.down:
            raise StoreUnavailable("memory", "it is down")
        return super().workers()


def allow(row: Row, flag: Flag, evidences: Sequence[Evidence], workers: Sequence[Worker], now: datetime) -> Verdict:
    return YES


def refuse(row: Row, flag: Flag, evidences: Sequence[Evidence], workers: Sequence[Worker], now: datetime) -> Verdict:
    return Verdict(False, ("Nothing was compared.",))


@pytest.fixture
def store() -> Store:
    store = Store(lambda: NOW)
    move(store, Stage.SHADOW)
    return store


def move(store: MemoryStore, stage: Stage, percent: float | None = None, **fields: Any) -> None:
    store.apply([Change(KEY, stage, percent, **fields)], actor="ada", reason="as she likes")


def at(store: MemoryStore) -> tuple[Stage, float | None]:
    flag = store.snapshot().get(KEY)
    assert flag is not None
    return flag.stage, flag.percent


def test_it_is_off_by_default(store: Store) -> None:
    assert Unattended(store, [ROW], judge=allow).round() is None
    assert at(store) == (Stage.SHADOW, None)


def test_every_round_is_one_step_up_to_modern_and_no_further(store: Store) -> None:
    unattended = Unattended(store, [ROW], default=True, judge=allow)
    taken = []
    while unattended.round():
        taken.append(at(store))
    assert [percent for _, percent in taken] == [1.0, 5.0, 10.0, 25.0, 50.0, None]
    assert taken[-1] == (Stage.MODERN, None)
    row = store.history(KEY)[0]
    assert (row.actor, row.gated) == ("strangler", True)
    assert row.evidence == {"used": ["Twelve requests alike."]}


def test_a_route_is_turned_on_and_off_by_itself(store: Store) -> None:
    store.keep(turned(KEY, True, actor="ada", at=NOW, epoch=1))
    unattended = Unattended(store, [ROW], judge=allow)
    assert unattended.round() is not None
    store.keep(turned(KEY, False, actor="ada", at=NOW, epoch=1))
    assert unattended.round() is None
    assert is_on(store.evidence(KEY)) is False
    assert is_on((), default=True) is True


def test_what_the_gate_refuses_stays(store: Store) -> None:
    assert Unattended(store, [ROW], default=True, judge=refuse).round() is None
    assert at(store) == (Stage.SHADOW, None)


def test_without_a_judge_the_real_gate_decides(store: Store) -> None:
    assert Unattended(store, [ROW], default=True).round() is None


@pytest.mark.parametrize("stage", [Stage.LEGACY, Stage.MODERN, Stage.RETIRED])
def test_leaving_legacy_and_retiring_are_somebody_s_decision(stage: Stage) -> None:
    assert next_step(Flag(KEY, stage), YES) is None


def test_a_route_that_took_itself_back_stays_there() -> None:
    latch = Latch("burst", NOW.isoformat(), Stage.CANARY, 5.0)
    assert next_step(Flag(KEY, Stage.SHADOW, latch=latch), YES) is None
    assert next_step(Flag(KEY, Stage.SHADOW), YES) == Change(KEY, Stage.CANARY, 1.0)


def test_nothing_moves_while_the_kill_switch_is_on(store: Store) -> None:
    store.kill(True, actor="ada", reason="all back")
    assert Unattended(store, [ROW], default=True, judge=allow).round() is None


def test_a_change_in_between_is_not_overwritten(store: Store) -> None:
    def meddle(*_: object) -> Verdict:
        move(store, Stage.CANARY, 25.0)
        return YES

    assert Unattended(store, [ROW], default=True, judge=meddle).round() is None
    assert at(store) == (Stage.CANARY, 25.0)


def test_a_few_failed_readings_are_borne_and_more_hold(store: Store) -> None:
    unattended = Unattended(store, [ROW], default=True, judge=allow)
    store.down = True
    held = [(unattended.round(), unattended.holds)[1] for _ in range(ERRORS_BORNE + 1)]
    assert held == [False] * ERRORS_BORNE + [True]
    store.down = False
    assert unattended.round() is None
    assert unattended.round() is not None


def test_routes_that_the_table_does_not_have_are_left_alone(store: Store) -> None:
    assert Unattended(store, [], default=True, judge=allow).round() is None


def test_the_version_changes_with_the_routes_and_with_the_code() -> None:
    other = Row(KEY, "GET", "/a", Owner.LEGACY, Relation.EQUAL)
    assert code_version([ROW]) == code_version([ROW])
    assert len({code_version([]), code_version([ROW]), code_version([other]), code_version([ROW, other])}) == 4
    assert code_version([ROW, other]) == code_version([other, ROW])
    assert code_version([ROW], "1.0") == f"1.0+{code_version([ROW])}"
