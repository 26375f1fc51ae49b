"""Evaluation is pure and total: doubt means legacy, and the reason is told."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migration_flags import ANYONE, Flag, Latch, Reason, Rule, Snapshot, Stage, Visitor, evaluate, plan
from migration_flags.document import read_flag

KEY = "GET /a"
CASES: list[dict[str, Any]] = json.loads((Path(__file__).parent / "vectors" / "precedence.json").read_text())

texts = st.text(max_size=8)
percents = st.one_of(st.none(), st.floats())
rules = st.lists(st.builds(Rule, st.sampled_from(["user", "role"]), texts, st.booleans()), max_size=4).map(tuple)
latches = st.one_of(st.none(), st.builds(Latch, texts, texts, st.sampled_from(Stage)))
flags = st.builds(
    Flag, st.just(KEY), st.sampled_from(Stage), percents, percents, group=texts, rules=rules, latch=latches
)
sides = st.one_of(st.none(), st.booleans())
visitors = st.builds(
    Visitor, st.one_of(st.none(), texts), st.one_of(st.none(), texts), st.frozensets(texts), sides, sides
)


def _visitor(members: Mapping[str, Any]) -> Visitor:
    return Visitor(**{**members, "roles": frozenset(members.get("roles", ()))})


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_precedence_is_what_it_was(case: dict[str, Any]) -> None:
    flags = [] if case["flag"] is None else [read_flag(KEY, case["flag"], "flag")]
    evaluation = evaluate(Snapshot(flags, epoch=7, killed=case["killed"]), KEY, _visitor(case["visitor"]))
    found = {"modern": evaluation.modern, "reason": evaluation.reason.value, "bucket": evaluation.bucket}
    assert found == {name: case[name] for name in found}
    assert (evaluation.key, evaluation.epoch) == (KEY, 7)


def test_every_reason_has_a_vector() -> None:
    assert {case["reason"] for case in CASES} == {reason.value for reason in Reason}


@given(st.lists(flags, max_size=1), st.integers(), st.booleans(), visitors)
def test_evaluation_answers_whatever_is_in_a_snapshot(
    found: list[Flag], epoch: int, killed: bool, visitor: Visitor
) -> None:
    snapshot = Snapshot(found, epoch, killed)
    planned = plan(snapshot, KEY)
    evaluation = evaluate(snapshot, KEY, visitor)
    assert planned.evaluate(visitor) == evaluation
    assert 0 <= planned.mirror <= 100_000
    if killed and (not found or found[0].stage is not Stage.RETIRED):
        assert not evaluation.modern
        assert planned.mirror == 0


@given(st.lists(flags, max_size=1), st.booleans(), visitors)
def test_a_fixed_plan_is_what_everybody_without_an_override_gets(
    found: list[Flag], killed: bool, visitor: Visitor
) -> None:
    planned = plan(Snapshot(found, killed=killed), KEY)
    plain = Visitor(visitor.unit, visitor.user, visitor.roles)
    if planned.fixed is not None:
        assert planned.evaluate(plain) == planned.fixed
    if planned.firm:
        assert planned.evaluate(visitor) == planned.default
    assert planned.evaluate(ANYONE) == planned.default


@pytest.mark.parametrize(
    ("flag", "mirrored"),
    [
        (Flag(KEY, Stage.LEGACY), 0),
        (Flag(KEY, Stage.SHADOW), 10_000),
        (Flag(KEY, Stage.SHADOW, mirror=0.0), 0),
        (Flag(KEY, Stage.CANARY, 5.0), 0),
        (Flag(KEY, Stage.CANARY, 5.0, mirror=0.001), 1),
        (Flag(KEY, Stage.SHADOW, latch=Latch("burst", "now", Stage.CANARY)), 10_000),
        (Flag(KEY, Stage.RETIRED, mirror=50.0), 0),
    ],
)
def test_the_mirror_has_a_share_of_its_own(flag: Flag, mirrored: int) -> None:
    assert plan(Snapshot([flag]), KEY).mirror == mirrored


def test_a_snapshot_can_not_be_changed_under_its_readers() -> None:
    source = [Flag("GET /a", Stage.MODERN)]
    snapshot = Snapshot(source, epoch=1)
    source.append(Flag("GET /b", Stage.MODERN))
    assert [flag.key for flag in snapshot] == ["GET /a"]
    with pytest.raises(AttributeError):
        snapshot.epoch = 2


@pytest.mark.parametrize("kind", ["user", "role"])
def test_rules_of_one_kind_are_enough(kind: Any) -> None:
    snapshot = Snapshot([Flag("GET /a", Stage.LEGACY, rules=(Rule(kind, "ada", True),))])
    assert evaluate(snapshot, "GET /a", Visitor(user="ada", roles=frozenset({"ada"}))).modern
    assert not evaluate(snapshot, "GET /a", Visitor(user="bob", roles=frozenset({"bob"}))).modern


def test_what_is_fixed_is_the_same_for_all_without_an_override() -> None:
    modern = plan(Snapshot([Flag("GET /a", Stage.MODERN)], 3), "GET /a")
    assert modern.fixed == modern.default
    assert plan(Snapshot([Flag("GET /a", Stage.CANARY, 5.0)], 3), "GET /a").fixed is None
