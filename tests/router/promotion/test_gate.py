"""Nobody reaches modern on too little, everybody hears what is missing, and a home with one user gets there."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migration_flags import JSON, Evidence, EvidenceKind, Flag, Latch, Stage, Worker
from router.comparison.mismatch import Kind
from router.comparison.summary import Field, Summary
from router.promotion.gate import gate
from router.promotion.mirrored import hours
from router.promotion.rules import GateRules
from router.promotion.step import FIRST, PERCENTAGES, Step, step_after, step_before
from router.promotion.verdict import Verdict
from router.rollback.facts import NAME, Fact
from router.rollback.likelihood import START, after
from router.row import Owner, Relation, Row

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
KEY = "GET /a/{id}"
ROW = Row(KEY, "GET", "/a/{id}", Owner.BOTH, Relation.EQUAL)
CODE = "1.0+abc"
ALIKE = Summary(compared=12, results={"bytes": 12}, versions=(CODE,))
SEEN = Summary(
    compared=3000,
    results={"bytes": 3000},
    shapes={"id:int": (5000, 3000)},
    since=(NOW - timedelta(hours=24)).isoformat(),
    until=NOW.isoformat(),
    versions=(CODE,),
)


def flag(stage: Stage, percent: float | None = None, held: timedelta = timedelta(hours=24), **fields: Any) -> Flag:
    return Flag(KEY, stage, percent, updated_at=(NOW - held).isoformat(), epoch=7, **fields)


def piece(kind: EvidenceKind, summary: Summary, at: datetime = NOW) -> Evidence:
    return Evidence(KEY, kind, at.isoformat(), 6, summary.to_json())


def worker(
    name: str = "w1",
    requests: int = 1000,
    logs: tuple[float, ...] = START,
    *,
    epoch: int = 7,
    silent: float = 1.0,
    faults: int = 0,
) -> Worker:
    told: JSON = {KEY: Fact(7, (requests, faults), (19 * requests, 0), logs).told()}
    return Worker(name, "host", 1, epoch, (NOW - timedelta(seconds=silent)).isoformat(), {NAME: told})


def ask(
    present: Flag | None, evidences: Iterable[Evidence] = (), workers: Iterable[Worker] = (), **fields: Any
) -> Verdict:
    row = fields.pop("row", ROW)
    return gate(row, present, evidences, tuple(workers), NOW, version=CODE, **fields)


PARITY = piece("parity", ALIKE)
SHADOW = piece("shadow", SEEN)


def test_going_to_shadow_needs_no_evidence() -> None:
    assert ask(None).allowed
    assert ask(flag(Stage.LEGACY)).allowed


def test_a_canary_without_any_evidence_is_refused_with_what_is_missing() -> None:
    verdict = ask(flag(Stage.SHADOW))
    assert not verdict.allowed
    text = "\n".join(verdict.missing)
    assert "0 of 3000" in text
    assert "0 min of 24 h" in text
    assert "strangler parity --record" in text
    assert verdict.used == ()


def test_a_green_mirror_is_enough_for_the_first_canary() -> None:
    verdict = ask(flag(Stage.SHADOW), [SHADOW], [worker()])
    assert verdict.allowed, verdict.missing
    assert "The mirror compared 3000 of 3000 requests." in verdict.used


def test_where_nothing_differs_no_field_is_the_worst() -> None:
    used = ask(flag(Stage.SHADOW), [SHADOW], [worker()]).used
    assert "The mirror found 0 fields that differ." in used


def test_what_several_workers_mirrored_adds_up() -> None:
    half = replace(SEEN, compared=1500)
    assert ask(flag(Stage.SHADOW), [piece("shadow", half), piece("shadow", half)]).allowed
    assert not ask(flag(Stage.SHADOW), [piece("shadow", half)]).allowed


@pytest.mark.parametrize(
    ("change", "missing"),
    [
        ({"compared": 2999}, "2999 of 3000"),
        ({"since": (NOW - timedelta(hours=23)).isoformat()}, "23 h of 24 h"),
        ({"shapes": {f"s{n}": (1, n > 1) for n in range(10)}}, "80% of the shapes"),
        ({"fields": {("status", Kind.STATUS): Field(raw=30)}}, "1 fields that differ, the worst status (status): mend"),
        ({"fields": {("$.name", Kind.VALUE): Field(raw=300)}}, "$.name"),
        ({"fields": {("$.a", Kind.SHAPE): Field(raw=30)}}, "$.a"),
        ({"fields": {("raised", Kind.EXCEPTION): Field(raw=30)}}, "raised"),
        ({"versions": ("0.9+old",)}, "0 of 3000"),
    ],
)
def test_a_mirror_that_is_not_green_says_why(change: dict[str, Any], missing: str) -> None:
    verdict = ask(flag(Stage.SHADOW), [piece("shadow", replace(SEEN, **change))])
    assert not verdict.allowed
    assert missing in "\n".join(verdict.missing)


@pytest.mark.parametrize(
    "change",
    [
        {"fields": {("x-a", Kind.HEADER): Field(raw=3000)}},
        {"fields": {("$.name", Kind.VALUE): Field(waived={"2026-12-31": 300})}},
        {"fields": {("$.at", Kind.VALUE): Field(raw=300, noise=30)}, "probed": 300},
    ],
)
def test_cosmetics_noise_and_waivers_do_not_stop_a_route(change: dict[str, Any]) -> None:
    assert ask(flag(Stage.SHADOW), [piece("shadow", replace(SEEN, **change))]).allowed


def test_a_waiver_that_expired_counts_again() -> None:
    expired = replace(SEEN, fields={("$.name", Kind.VALUE): Field(waived={"2026-02-28": 300})})
    assert not ask(flag(Stage.SHADOW), [piece("shadow", expired)]).allowed


def test_a_home_with_one_user_gets_to_modern_on_parity_alone() -> None:
    held = [timedelta(minutes=15)] * 4 + [timedelta(hours=24)]
    present: Flag = flag(Stage.SHADOW)
    taken = []
    while (step := step_after(Step(present.stage, present.percent))) is not None:
        verdict = ask(present, [PARITY], [worker(requests=3)])
        assert verdict.allowed, verdict.missing
        taken.append(str(step))
        present = flag(step.stage, step.percent, held.pop(0) if held else timedelta())
    assert taken == ["canary 1 %", "canary 5 %", "canary 10 %", "canary 25 %", "canary 50 %", "modern"]


def test_parity_may_skip_steps_and_a_mirror_may_not() -> None:
    assert ask(flag(Stage.LEGACY), [PARITY], to=Step(Stage.MODERN)).allowed
    verdict = ask(flag(Stage.SHADOW), [SHADOW], to=Step(Stage.MODERN))
    assert "Only recorded evidence may skip steps" in verdict.missing[0]


def test_a_replay_counts_as_parity_does() -> None:
    assert ask(flag(Stage.SHADOW), [piece("replay", ALIKE)]).allowed


@pytest.mark.parametrize(
    ("bad", "missing"),
    [
        (piece("parity", ALIKE, NOW - timedelta(days=31)), "31 days old, of 30"),
        (piece("parity", replace(ALIKE, versions=("1.0+old",))), "compared 1.0+old, and 1.0+abc runs now"),
        (piece("parity", replace(ALIKE, versions=())), "compared unknown code"),
        (piece("parity", replace(ALIKE, versions=("1.0+old", CODE))), "compared 1.0+old, 1.0+abc"),
        (piece("parity", replace(ALIKE, compared=0)), "asked nothing"),
        (piece("parity", replace(ALIKE, fields={("x-a", Kind.HEADER): Field(raw=1)})), "x-a (header)"),
        (Evidence(KEY, "parity", NOW.isoformat(), 6, {"compared": "many"}), "can't be read"),
        (Evidence(KEY, "parity", "yesterday", 6, ALIKE.to_json()), "days old"),
    ],
)
def test_parity_that_proves_nothing_says_why(bad: Evidence, missing: str) -> None:
    verdict = ask(flag(Stage.SHADOW), [bad])
    assert not verdict.allowed
    assert missing in "\n".join(verdict.missing)


def test_only_the_newest_parity_counts() -> None:
    differing = replace(ALIKE, fields={("status", Kind.STATUS): Field(raw=1)})
    later, earlier = NOW, NOW - timedelta(days=1)
    assert not ask(flag(Stage.SHADOW), [piece("parity", ALIKE, earlier), piece("parity", differing, later)]).allowed
    assert ask(flag(Stage.SHADOW), [piece("parity", differing, earlier), piece("parity", ALIKE, later)]).allowed


def test_without_a_version_of_the_code_parity_does_not_count() -> None:
    verdict = gate(ROW, flag(Stage.SHADOW), [piece("parity", replace(ALIKE, versions=()))], (), NOW)
    assert "unknown code runs now" in "\n".join(verdict.missing)


@pytest.mark.parametrize(
    ("percent", "held", "allowed"),
    [
        (1.0, timedelta(minutes=14, seconds=59), False),
        (1.0, timedelta(minutes=15), True),
        (25.0, timedelta(minutes=15), True),
        (50.0, timedelta(hours=23, minutes=59), False),
        (50.0, timedelta(hours=24), True),
        (60.0, timedelta(hours=1), False),
    ],
)
def test_a_canary_step_lasts_its_time(percent: float, held: timedelta, allowed: bool) -> None:
    for evidence in (PARITY, SHADOW):
        assert ask(flag(Stage.CANARY, percent, held), [evidence], [worker()]).allowed is allowed


def test_a_thousand_requests_of_all_workers_together() -> None:
    present = flag(Stage.CANARY, 5.0)
    verdict = ask(present, [SHADOW], [worker("w1", 499), worker("w2", 500)])
    assert verdict.missing[0].startswith("Modern answered 999 of 1000")
    assert ask(present, [SHADOW], [worker("w1", 500), worker("w2", 500)]).allowed


def test_requests_under_an_older_flag_do_not_count() -> None:
    present = replace(flag(Stage.CANARY, 5.0), epoch=8)
    assert not ask(present, [SHADOW], [worker(epoch=8)]).allowed


def test_one_fault_alone_does_not_stop_a_route_and_two_do() -> None:
    present = flag(Stage.CANARY, 1.0)
    one, two = (worker(logs=after(START, 0.01, faults, 0), faults=faults) for faults in (1, 2))
    assert ask(present, [SHADOW], [one]).allowed
    verdict = ask(present, [SHADOW], [two])
    assert "2 faults in 1000 requests" in verdict.missing[0]
    assert not ask(present, [PARITY], [two]).allowed


@given(st.floats(0, 1))
def test_one_fault_at_any_share_is_below_the_limit(share: float) -> None:
    assert ask(flag(Stage.CANARY, 5.0), [SHADOW], [worker(logs=after(START, share, 1, 0))]).allowed


def test_what_speaks_against_modern_adds_up_over_workers() -> None:
    logs = after(START, 0.01, 1, 0)
    workers = [worker("w1", logs=logs), worker("w2", logs=logs)]
    assert not ask(flag(Stage.CANARY, 5.0), [SHADOW], workers).allowed


def test_a_hold_stops_promotions_until_the_flag_changes() -> None:
    hold = Evidence(KEY, "canary", NOW.isoformat(), 7, {"held": True})
    verdict = ask(flag(Stage.CANARY, 5.0), [PARITY, hold], [worker()])
    assert "4xx" in verdict.missing[0]
    assert ask(replace(flag(Stage.CANARY, 5.0), epoch=8), [PARITY, hold], [worker(epoch=8)]).allowed


def test_every_live_worker_must_serve_from_the_present_flags() -> None:
    verdict = ask(flag(Stage.SHADOW), [PARITY], [worker("w1"), worker("w2", epoch=6)])
    assert "w2" in verdict.missing[0]
    assert not ask(flag(Stage.SHADOW), [PARITY], [worker("w1")], epoch=8).allowed
    assert ask(flag(Stage.SHADOW), [PARITY], [worker("w1", epoch=8)], epoch=8).allowed


@pytest.mark.parametrize(("silent", "allowed"), [(9.0, True), (11.0, False), (599.0, False), (600.0, True)])
def test_a_worker_that_fell_silent_freezes_promotions_for_a_while(silent: float, allowed: bool) -> None:
    verdict = ask(flag(Stage.SHADOW), [PARITY], [worker("w1"), worker("w2", silent=silent)])
    assert verdict.allowed is allowed


def test_without_any_worker_there_is_nobody_to_wait_for() -> None:
    assert ask(flag(Stage.SHADOW), [PARITY], []).allowed


def test_a_partition_freezes_promotions() -> None:
    assert ask(flag(Stage.SHADOW), [PARITY], frozen=["The store is out of reach."]).missing == (
        "The store is out of reach.",
    )


def test_a_laxer_gate_on_the_modern_side_blocks_all_but_shadow() -> None:
    blockers = ["Modern lets nobody in particular delete."]
    assert ask(flag(Stage.SHADOW), [PARITY], blockers=blockers).missing == tuple(blockers)
    assert ask(flag(Stage.LEGACY), blockers=blockers).allowed


def test_a_route_that_took_itself_back_needs_a_person() -> None:
    latch = Latch("burst", NOW.isoformat(), Stage.CANARY, 5.0)
    verdict = ask(flag(Stage.SHADOW, latch=latch), [PARITY])
    assert "took itself back" in verdict.missing[0]


@pytest.mark.parametrize("owner", [Owner.LEGACY, Owner.MODERN])
def test_a_route_of_one_owner_can_not_be_promoted(owner: Owner) -> None:
    assert not ask(None, [PARITY], row=replace(ROW, owner=owner)).allowed


@pytest.mark.parametrize(
    ("here", "to"),
    [
        (flag(Stage.MODERN), Step(Stage.CANARY, 50.0)),
        (flag(Stage.CANARY, 25.0), Step(Stage.CANARY, 25.0)),
        (flag(Stage.CANARY, 25.0), Step(Stage.CANARY, 10.0)),
        (flag(Stage.MODERN), Step(Stage.RETIRED)),
    ],
)
def test_down_and_out_are_no_promotions(here: Flag, to: Step) -> None:
    assert not ask(here, [PARITY], [worker()], to=to).allowed


def test_there_is_no_step_above_modern() -> None:
    assert not ask(flag(Stage.MODERN), [PARITY]).allowed
    assert not ask(flag(Stage.RETIRED), [PARITY]).allowed


def test_writes_can_not_be_mirrored_so_they_need_parity() -> None:
    row = Row("POST /a", "POST", "/a", Owner.BOTH, Relation.EQUAL)
    verdict = ask(flag(Stage.SHADOW), [SHADOW], row=row)
    assert verdict.missing == ("Neither parity nor a replay is recorded: `strangler parity --record`.",)
    assert ask(flag(Stage.SHADOW), [PARITY], row=row).allowed


STEPS = [Step(Stage.LEGACY), Step(Stage.SHADOW), *(Step(Stage.CANARY, one) for one in PERCENTAGES), Step(Stage.MODERN)]


def test_the_steps_lead_up_one_by_one() -> None:
    taken = [STEPS[0]]
    while (following := step_after(taken[-1])) is not None:
        taken.append(following)
    assert taken == STEPS
    assert step_after(Step(Stage.RETIRED)) is None
    assert step_after(Step(Stage.CANARY, 0.001)) == FIRST


@given(st.floats(0, 100))
def test_the_step_before_is_never_above(percent: float) -> None:
    before = step_before(Step(Stage.CANARY, percent))
    assert before.percent is not None
    assert 0 <= before.percent <= percent


@given(
    st.sampled_from(STEPS),
    st.sampled_from(STEPS),
    st.lists(st.sampled_from([PARITY, SHADOW]), max_size=3),
    st.lists(
        st.builds(worker, requests=st.integers(0, 2000), epoch=st.integers(6, 8), silent=st.floats(0, 700)), max_size=3
    ),
)
def test_a_verdict_is_allowed_exactly_where_nothing_is_missing(
    here: Step, to: Step, evidences: list[Evidence], workers: list[Worker]
) -> None:
    verdict = ask(flag(here.stage, here.percent), evidences, workers, to=to)
    assert verdict.allowed is (not verdict.missing)
    if verdict.allowed and to != Step(Stage.SHADOW):
        assert evidences


def test_rules_can_be_relaxed() -> None:
    rules = GateRules(compared=1, watched=timedelta(), coverage=0.0)
    assert ask(
        flag(Stage.SHADOW), [piece("shadow", replace(SEEN, compared=1, since="", shapes={}))], rules=rules
    ).allowed


def test_a_verdict_names_the_recording_that_it_used() -> None:
    used = ask(flag(Stage.SHADOW), [PARITY]).used
    assert used == (f"The parity of {NOW.isoformat()[:16]}: 12 requests alike, code {CODE}.",)


def test_a_write_without_parity_hears_that_it_lacks_it() -> None:
    found = gate(replace(ROW, method="POST"), flag(Stage.SHADOW), [], [], NOW, version=CODE)
    assert found.missing == ("Neither parity nor a replay is recorded: `strangler parity --record`.",)


@pytest.mark.parametrize(
    ("one", "enough"),
    [
        (piece("parity", ALIKE, NOW - timedelta(days=30)), True),
        (piece("parity", replace(ALIKE, compared=1)), True),
        (piece("parity", replace(ALIKE, fields={("$.at", Kind.NOISE): Field(raw=1)})), True),
        (piece("shadow", SEEN, NOW - timedelta(days=30)), True),
        (piece("shadow", SEEN, NOW - timedelta(days=30, seconds=1)), False),
        (piece("shadow", replace(SEEN, shapes={f"s{n}": (1, n > 0) for n in range(10)})), True),
    ],
)
def test_just_enough_is_enough(one: Evidence, enough: bool) -> None:
    assert ask(flag(Stage.SHADOW), [one]).allowed is enough


def test_only_the_mirror_s_pieces_are_the_mirror_s() -> None:
    half = replace(SEEN, compared=1500)
    others = [piece("canary", half), piece("shadow", half, NOW - timedelta(days=31))]
    assert not ask(flag(Stage.SHADOW), [piece("shadow", half), *others]).allowed
    assert ask(flag(Stage.SHADOW), [*others, piece("shadow", half), piece("shadow", half)]).allowed


def test_an_e_value_at_the_limit_speaks_against_modern() -> None:
    rules = GateRules(e_value=1.0)
    found = gate(ROW, flag(Stage.CANARY, 5.0), [PARITY], [], NOW, version=CODE, rules=rules)
    assert any("the e-value is 1," in text for text in found.missing)


@pytest.mark.parametrize(("minutes", "told"), [(1, "1 min"), (119, "119 min"), (120, "2 h"), (1440, "24 h")])
def test_times_are_told_as_people_say_them(minutes: int, told: str) -> None:
    assert hours(timedelta(minutes=minutes)) == told


def test_the_smallest_canary_is_above_none() -> None:
    assert Step(Stage.CANARY, 0.001).height > Step(Stage.CANARY, 0.0).height
