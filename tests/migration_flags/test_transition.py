"""What a change writes: rows without gaps, each upon the one before, and the state that they leave."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from migration_flags import KILL_SWITCH, Change, Flag, Snapshot, Stage, first_broken_link
from migration_flags.audit import GENESIS, AuditRow, sealed
from migration_flags.change import Signature
from migration_flags.transition import State, change_flags, flag_after, instant, missing, state_after, throw_switch

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
SIGNATURE = Signature("ada", "because", NOON)


def changed(state: State, *changes: Change) -> tuple[AuditRow, ...]:
    return change_flags(state, changes, SIGNATURE)


def test_rows_count_from_one_and_chain_over_transactions() -> None:
    first = changed(State(), Change("GET /a", Stage.SHADOW), Change("GET /b", Stage.MODERN))
    state = state_after(State(), first)
    second = throw_switch(state, True, SIGNATURE)
    rows = (*first, *second)
    assert [row.sequence for row in rows] == [1, 2, 3]
    assert [row.previous_hash for row in rows] == [GENESIS, rows[0].hash, rows[1].hash]
    assert [row.epoch for row in rows] == [1, 1, 2]
    assert first_broken_link(rows) is None
    assert (state.head.sequence, state.head.hash) == (2, first[1].hash)


def test_a_row_tells_who_why_and_from_what_to_what() -> None:
    state = state_after(State(), changed(State(), Change("GET /a", Stage.SHADOW)))
    (row,) = changed(state, Change("GET /a", Stage.CANARY, 5.0))
    assert (row.actor, row.reason, row.key, row.at) == ("ada", "because", "GET /a", "2026-03-01T12:00:00.000000+00:00")
    assert (row.before_stage, row.before_percent, row.after_stage, row.after_percent) == ("shadow", None, "canary", 5.0)
    (switch,) = throw_switch(state, True, SIGNATURE)
    assert (switch.key, switch.before_stage, switch.after_stage) == (KILL_SWITCH, "off", "on")
    assert state_after(state, (switch,)).snapshot.killed


def test_only_keys_without_a_flag_are_missing_each_once() -> None:
    snapshot = Snapshot([Flag("GET /a", Stage.MODERN)])
    keys = ["GET /b", "GET /a", "GET /c", "GET /b"]
    assert missing(snapshot, keys, Stage.SHADOW) == (Change("GET /b", Stage.SHADOW), Change("GET /c", Stage.SHADOW))


@pytest.mark.parametrize(("stage", "percent"), [("canary", 5.0), ("modern", None)])
def test_a_row_of_the_first_version_tells_stage_and_percentage_only(stage: str, percent: float | None) -> None:
    (row,) = changed(State(), Change("GET /a", Stage.SHADOW))
    old = sealed(replace(row, version=1, after=None, after_stage=stage, after_percent=percent, evidence=None))
    flag = flag_after(old)
    assert (flag.key, flag.stage, flag.percent, flag.epoch) == ("GET /a", Stage(stage), percent, 1)
    assert (flag.reason, flag.updated_by, flag.updated_at) == ("because", "ada", row.at)


def test_a_moment_is_told_in_utc() -> None:
    assert instant(NOON.astimezone(timezone(timedelta(hours=2)))) == "2026-03-01T12:00:00.000000+00:00"
