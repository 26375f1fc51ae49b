"""Routes that require others move after them and go back with them, in one epoch."""

from collections.abc import Iterable
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migration_flags import (
    Change,
    ChangeRefused,
    DependencyCycle,
    DependencyRefused,
    EpochMoved,
    Flag,
    Latch,
    RetiredRefused,
    Snapshot,
    Stage,
)
from migration_flags.audit import AuditRow
from migration_flags.change import Signature
from migration_flags.dependencies import refuse_cycle, taken_back, unmet
from migration_flags.transition import State, adopt, change_flags, restore, state_after, throw_switch

SIGNATURE = Signature("ada", "because", datetime(2026, 3, 1, 12, 0, tzinfo=UTC))
LATCH = Latch("burst", "2026-03-01T12:00:00.000000+00:00", Stage.MODERN, probe_at="2026-03-01T12:05:00.000000+00:00")
CART, PAY, MAIL = "GET /cart", "POST /pay", "POST /mail"
KEYS = ("a", "b", "c", "d")

stages = st.sampled_from([Stage.LEGACY, Stage.SHADOW, Stage.CANARY, Stage.MODERN])


def _state(*flags: Flag) -> State:
    return State(Snapshot(flags, epoch=9))


def _stages(state: State, rows: Iterable[AuditRow]) -> dict[str, str]:
    return {flag.key: flag.stage.value for flag in state_after(state, tuple(rows)).snapshot}


@pytest.mark.parametrize(
    ("required", "wanted", "allowed"),
    [
        (Stage.LEGACY, Stage.SHADOW, True),
        (Stage.LEGACY, Stage.CANARY, False),
        (Stage.SHADOW, Stage.CANARY, False),
        (Stage.CANARY, Stage.CANARY, True),
        (Stage.CANARY, Stage.MODERN, False),
        (Stage.MODERN, Stage.MODERN, True),
        (Stage.RETIRED, Stage.MODERN, True),
        (Stage.CANARY, Stage.RETIRED, False),
    ],
)
def test_a_route_moves_after_what_it_requires(required: Stage, wanted: Stage, allowed: bool) -> None:
    state = _state(
        Flag(CART, required, 5.0 if required is Stage.CANARY else None), Flag(PAY, Stage.LEGACY, requires=(CART,))
    )
    change = Change(PAY, wanted, 5 if wanted is Stage.CANARY else None)
    if allowed:
        assert len(change_flags(state, [change], SIGNATURE)) == 1
    else:
        with pytest.raises(
            DependencyRefused, match=f"{PAY} can't be {wanted}: it requires {CART}, which is {required}"
        ):
            change_flags(state, [change], SIGNATURE)


def test_a_required_route_that_has_no_flag_is_legacy() -> None:
    with pytest.raises(DependencyRefused):
        change_flags(_state(), [Change(PAY, Stage.MODERN, requires=(CART,))], SIGNATURE)


def test_routes_that_move_together_are_judged_together() -> None:
    changes = [Change(PAY, Stage.MODERN, requires=(CART,)), Change(CART, Stage.MODERN)]
    assert len(change_flags(_state(), changes, SIGNATURE)) == 2


def test_who_goes_back_takes_along_who_requires_it_in_one_epoch() -> None:
    state = _state(
        Flag(CART, Stage.MODERN),
        Flag(PAY, Stage.MODERN, requires=(CART,)),
        Flag(MAIL, Stage.MODERN, requires=(PAY,)),
        Flag("GET /other", Stage.MODERN),
    )
    rows = change_flags(state, [Change(CART, Stage.SHADOW, latch=LATCH)], SIGNATURE)
    assert {row.epoch for row in rows} == {10}
    assert [row.key for row in rows] == [CART, PAY, MAIL]
    assert rows[1].reason == "because (with GET /cart, which this route requires)"
    assert _stages(state, rows) == {CART: "shadow", PAY: "shadow", MAIL: "shadow", "GET /other": "modern"}
    latch = state_after(state, rows).snapshot.get(MAIL)
    assert latch is not None
    assert latch.latch == Latch("required", LATCH.at, Stage.MODERN, None, None, {"required": PAY})


def test_who_goes_back_to_canary_takes_others_to_the_same_share() -> None:
    state = _state(Flag(CART, Stage.MODERN), Flag(PAY, Stage.MODERN, requires=(CART,)))
    rows = change_flags(state, [Change(CART, Stage.CANARY, 25)], SIGNATURE)
    assert [(row.after_stage, row.after_percent) for row in rows] == [("canary", 25.0), ("canary", 25.0)]
    assert rows[1].after is not None
    assert rows[1].after["latch"] is None


def test_a_retired_route_stays_when_what_it_required_goes_back() -> None:
    state = _state(Flag(CART, Stage.MODERN), Flag(PAY, Stage.RETIRED, requires=(CART,)))
    rows = change_flags(state, [Change(CART, Stage.LEGACY)], SIGNATURE)
    assert _stages(state, rows) == {CART: "legacy", PAY: "retired"}


def test_going_back_is_never_refused_for_a_dependency() -> None:
    """The flags already contradict themselves (somebody edited them); the way back is open all the same."""
    state = _state(Flag(PAY, Stage.MODERN, requires=(CART,)))
    rows = change_flags(state, [Change(PAY, Stage.CANARY, 5)], SIGNATURE)
    assert _stages(state, rows) == {PAY: "canary"}


@pytest.mark.parametrize("length", [1, 2, 3])
def test_routes_that_require_each_other_are_refused(length: int) -> None:
    changes = [Change(KEYS[n], Stage.LEGACY, requires=(KEYS[(n + 1) % length],)) for n in range(length)]
    with pytest.raises(DependencyCycle, match=" → ".join([*KEYS[:length], "a"])):
        change_flags(_state(), changes, SIGNATURE)


@given(st.lists(st.tuples(st.sampled_from(KEYS), stages, st.lists(st.sampled_from(KEYS), max_size=3))))
def test_going_back_ends_and_leaves_nothing_unmet(given_flags: list[tuple[str, Stage, list[str]]]) -> None:
    """Also where flags require each other, which nobody may write but a file may hold."""
    flags = {
        key: Flag(key, stage, 5.0 if stage is Stage.CANARY else None, requires=tuple(requires))
        for key, stage, requires in given_flags
    }
    after = flags | {key: flag for key, (flag, _) in taken_back(KEYS, flags).items()}
    assert [key for key, flag in after.items() if unmet(flag, after) is not None] == []


def test_a_retired_route_does_not_come_back_by_a_plain_change() -> None:
    state = _state(Flag(CART, Stage.RETIRED))
    for stage in (Stage.LEGACY, Stage.SHADOW, Stage.MODERN):
        with pytest.raises(RetiredRefused, match="take it out of retirement first"):
            change_flags(state, [Change(CART, stage)], SIGNATURE)
    rows = change_flags(state, [Change(CART, Stage.MODERN, unretire=True)], SIGNATURE)
    assert _stages(state, rows) == {CART: "modern"}
    with pytest.raises(RetiredRefused, match="is not retired"):
        change_flags(state_after(state, rows), [Change(CART, Stage.MODERN, unretire=True)], SIGNATURE)


def test_a_decision_on_old_flags_is_refused() -> None:
    with pytest.raises(EpochMoved, match="at epoch 9, not 8"):
        change_flags(_state(), [Change(CART, Stage.MODERN)], SIGNATURE, if_epoch=8)
    assert change_flags(_state(), [Change(CART, Stage.MODERN)], SIGNATURE, if_epoch=9)


def test_the_switch_leaves_a_row_and_the_flags() -> None:
    state = _state(Flag(CART, Stage.MODERN))
    rows = throw_switch(state, True, SIGNATURE)
    after = state_after(state, rows)
    assert [(row.key, row.before_stage, row.after_stage, row.epoch) for row in rows] == [
        ("kill switch", "off", "on", 10)
    ]
    assert (after.snapshot.killed, after.snapshot.epoch, len(after.snapshot)) == (True, 10, 1)
    assert throw_switch(after, True, SIGNATURE) == ()


def test_a_store_that_lost_flags_is_brought_above_both_epochs() -> None:
    found = State(Snapshot([Flag(PAY, Stage.MODERN)], epoch=20))
    known = Snapshot([Flag(CART, Stage.MODERN)], epoch=30, killed=True)
    after = state_after(found, restore(found, known, SIGNATURE)).snapshot
    assert (after.epoch, after.killed, {flag.key: flag.stage for flag in after}) == (
        31,
        True,
        {CART: Stage.MODERN, PAY: Stage.LEGACY},
    )
    assert restore(State(known), known, SIGNATURE)[0].epoch == 31


def test_what_an_editor_wrote_obeys_the_rules_of_any_change() -> None:
    state = _state(Flag(CART, Stage.RETIRED), Flag(PAY, Stage.MODERN))
    with pytest.raises(RetiredRefused):
        adopt(state, Snapshot([Flag(PAY, Stage.MODERN)]), SIGNATURE)
    with pytest.raises(ChangeRefused, match="needs a percentage"):
        adopt(state, Snapshot([*state.snapshot, Flag(MAIL, Stage.CANARY)]), SIGNATURE)
    rows = adopt(state, Snapshot([Flag(CART, Stage.RETIRED)], killed=True), SIGNATURE)
    after = state_after(state, rows).snapshot
    assert ({flag.key: flag.stage for flag in after}, after.killed) == ({CART: Stage.RETIRED, PAY: Stage.LEGACY}, True)
    assert adopt(state, state.snapshot, SIGNATURE) == ()


def requiring(**required: str) -> dict[str, Flag]:
    return {key: Flag(key, Stage.LEGACY, requires=tuple(names)) for key, names in required.items()}


def test_the_way_around_a_circle_is_told_and_nothing_beside_it() -> None:
    with pytest.raises(DependencyCycle) as refused:
        refuse_cycle("a", requiring(a="bc", b="d", c="d", d="") | requiring(c="a"))
    assert refused.value.args == DependencyCycle(["a", "c", "a"]).args


def test_a_circle_of_others_harms_nobody() -> None:
    refuse_cycle("a", requiring(a="b", b="c", c="b"))
