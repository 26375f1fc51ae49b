"""Who answers a row, before and after anybody asked."""

import pytest

from migration_flags import Flag, Latch, Reason, Rule, Snapshot, Stage, Visitor, evaluate, plan
from router.decision import ONLY_OWNER, Decision, Selection, decide, prospect, prospects, refuse_stage
from router.errors import OwnershipRefused
from router.row import Owner, Relation, Row, Side

KEY = "GET /a"
LATCH = Latch("burst", "2026-01-01T00:00:00+00:00", Stage.MODERN)
INSIDER = Visitor(header=True)


def row(owner: Owner = Owner.BOTH, key: str = KEY) -> Row:
    return Row(key, "GET", "/a", owner, Relation.EQUAL)


def flags(stage: Stage, percent: float | None = None, killed: bool = False, **fields: object) -> Snapshot:
    return Snapshot([Flag(KEY, stage, percent, **fields)], 7, killed)  # type: ignore[arg-type]  # any of a flag's


@pytest.mark.parametrize("stage", list(Stage))
@pytest.mark.parametrize(("owner", "side"), [(Owner.LEGACY, Side.LEGACY), (Owner.MODERN, Side.MODERN)])
def test_a_row_with_one_owner_goes_there_whatever_its_flag_or_the_visitor_says(
    owner: Owner, side: Side, stage: Stage
) -> None:
    found = prospect(row(owner), flags(stage, 50.0 if stage is Stage.CANARY else None))
    assert found.decision == Decision(side, stage, ONLY_OWNER, 7, None)
    assert (found.asks, found.settled, found.watched) == (False, True, False)
    assert found.decide(INSIDER) == found.decision


@pytest.mark.parametrize(
    ("stage", "side", "asks", "settled", "watched"),
    [
        (Stage.LEGACY, Side.LEGACY, False, False, False),
        (Stage.SHADOW, Side.LEGACY, False, False, False),
        (Stage.CANARY, Side.LEGACY, True, False, True),
        (Stage.MODERN, Side.MODERN, False, False, True),
        (Stage.RETIRED, Side.MODERN, False, True, False),
    ],
)
def test_each_stage_says_who_answers_and_whether_anybody_matters(
    stage: Stage, side: Side, asks: bool, settled: bool, watched: bool
) -> None:
    found = prospect(row(), flags(stage, 50.0 if stage is Stage.CANARY else None))
    assert (found.decision.side, found.decision.stage, found.decision.epoch) == (side, stage, 7)
    assert (found.asks, found.settled, found.watched) == (asks, settled, watched)
    assert found.selection == Selection(found.decision)
    assert found.decide(INSIDER).side is Side.MODERN


def test_a_rule_makes_a_route_at_legacy_depend_on_the_visitor() -> None:
    found = prospect(row(), flags(Stage.LEGACY, rules=(Rule("user", "ada", True),)))
    assert (found.asks, found.decision.side) == (True, Side.LEGACY)
    assert found.decide(Visitor(user="ada")).reason == Reason.USER_RULE.value
    assert found.decide(Visitor(user="ada")).side is Side.MODERN


def test_a_percentage_tells_its_bucket() -> None:
    found = prospect(row(), flags(Stage.CANARY, 100.0)).decide(Visitor(unit="user:1"))
    assert (found.side, found.reason) == (Side.MODERN, "percent")
    assert found.bucket == evaluate(flags(Stage.CANARY, 100.0), KEY, Visitor(unit="user:1")).bucket
    assert found.bucket is not None


@pytest.mark.parametrize("stage", [Stage.LEGACY, Stage.SHADOW, Stage.CANARY, Stage.MODERN])
def test_killed_or_latched_nobody_gets_modern_and_nothing_is_watched(stage: Stage) -> None:
    percent = 100.0 if stage is Stage.CANARY else None
    for snapshot in (flags(stage, percent, killed=True), flags(stage, percent, latch=LATCH)):
        found = prospect(row(), snapshot)
        assert (found.decision.side, found.settled, found.watched) == (Side.LEGACY, True, False)
        assert found.decide(INSIDER).side is Side.LEGACY


def test_what_this_worker_withholds_goes_to_legacy_and_says_why() -> None:
    found = prospect(row(), flags(Stage.MODERN), "out of reach")
    assert found.decision == Decision(Side.LEGACY, Stage.MODERN, "out of reach", 7)
    assert (found.asks, found.settled, found.watched, found.plan.firm) == (False, True, False, True)
    assert found.plan.evaluate(INSIDER).reason is Reason.LATCHED
    assert not found.plan.evaluate(INSIDER).modern
    assert found.decide(INSIDER).side is Side.LEGACY


def test_a_withheld_canary_asks_nobody() -> None:
    found = prospect(row(), flags(Stage.CANARY, 100.0), "out of reach")
    assert not found.plan.needs_visitor
    assert found.plan.fixed == found.plan.default


def test_nothing_that_legacy_no_longer_has_is_withheld() -> None:
    assert prospect(row(), flags(Stage.RETIRED), "out of reach").decision.side is Side.MODERN


def test_each_row_gets_its_own() -> None:
    here, other = row(), row(key="GET /b")
    found = prospects([here, other], flags(Stage.MODERN), {KEY: "out of reach"})
    assert found[here].decision.reason == "out of reach"
    assert found[other].decision == Decision(Side.LEGACY, Stage.LEGACY, Reason.NO_FLAG.value, 7)


def test_both_owners_have_it_as_the_flag_says() -> None:
    assert decide(row(), plan(flags(Stage.MODERN), KEY).default) == Decision(Side.MODERN, Stage.MODERN, "flag", 7)


@pytest.mark.parametrize(
    ("owner", "stages"),
    [
        (Owner.LEGACY, {Stage.LEGACY}),
        (Owner.MODERN, {Stage.MODERN, Stage.RETIRED}),
        (Owner.BOTH, set(Stage)),
    ],
)
def test_a_stage_needs_the_handler_that_it_names(owner: Owner, stages: set[Stage]) -> None:
    for stage in Stage:
        if stage in stages:
            refuse_stage(row(owner), stage)
        else:
            with pytest.raises(OwnershipRefused, match=f"^GET /a has no .* handler: it can't be {stage}"):
                refuse_stage(row(owner), stage)
