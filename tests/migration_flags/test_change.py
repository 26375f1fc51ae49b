"""What can't be changed is refused by name, before anything is written."""

import pytest

from migration_flags import KEEP, Change, ChangeRefused, Flag, Latch, PercentRefused, RetiredRefused, Rule, Stage
from migration_flags.change import LIST_LENGTH, check, settled
from migration_flags.errors import EvidenceRefused, KeyRefused, LatchRefused, RuleRefused, TextRefused, TextTooLong
from migration_flags.flag import JSON

KEY = "GET /a"
LATCH = Latch("burst", "2026-03-01T12:00:00.000000+00:00", Stage.CANARY, 5.0)


@pytest.mark.parametrize(
    ("change", "error", "sentence"),
    [
        (Change(KEY, Stage.CANARY), PercentRefused, "needs a percentage"),
        (Change(KEY, Stage.MODERN, 5), PercentRefused, "modern takes no percentage"),
        (Change(KEY, Stage.CANARY, 100.001), PercentRefused, "from 0 to 100"),
        (Change(KEY, Stage.CANARY, -0.001), PercentRefused, "from 0 to 100"),
        (Change(KEY, Stage.CANARY, float("nan")), PercentRefused, "from 0 to 100"),
        (Change(KEY, Stage.CANARY, 0.0001), PercentRefused, "steps of 0.001"),
        (Change(KEY, Stage.SHADOW, mirror=101), PercentRefused, "the mirror must be from 0 to 100"),
        (Change(KEY, Stage.LEGACY, group="g" * 256), TextTooLong, "group"),
        (Change(KEY, Stage.LEGACY, group="\ud800"), TextRefused, "group"),
        (Change(KEY, Stage.LEGACY, rules=(Rule("user", " ", True),)), RuleRefused, "names a user or a role"),
        (Change(KEY, Stage.LEGACY, rules=(Rule("planet", "x", True),)), RuleRefused, "planet"),  # type: ignore[arg-type]
        (
            Change(KEY, Stage.LEGACY, rules=(Rule("user", "a", True), Rule("user", "a", False))),
            RuleRefused,
            "two rules",
        ),
        (Change(KEY, Stage.LEGACY, rules=(Rule("role", "r" * 256, True),)), TextTooLong, "role"),
        (Change(KEY, Stage.LEGACY, requires=("",)), KeyRefused, "1 to 700"),
        (Change(KEY, Stage.LEGACY, requires=tuple(map(str, range(LIST_LENGTH + 1)))), KeyRefused, "more than"),
        (Change(KEY, Stage.CANARY, 5, latch=LATCH), LatchRefused, "can't be latched at canary"),
        (Change(KEY, Stage.LEGACY, unretire=True), RetiredRefused, "to modern, not to legacy"),
        (Change("GET /a ", Stage.LEGACY), KeyRefused, "begin or end with a space"),
        (Change("GET /\0", Stage.LEGACY), TextRefused, "can't be kept"),
        (Change("kill switch", Stage.LEGACY), KeyRefused, "name of the switch"),
    ],
)
def test_what_can_not_be_is_refused_by_name(change: Change, error: type[ChangeRefused], sentence: str) -> None:
    with pytest.raises(error, match=sentence):
        check([change], "ada", "because")


@pytest.mark.parametrize("evidence", [{"rate": float("nan")}, {"what": object()}, {"text": "x" * 100_001}])
def test_evidence_that_can_not_be_kept_is_refused(evidence: dict[str, JSON]) -> None:
    with pytest.raises(EvidenceRefused):
        check([Change(KEY, Stage.MODERN)], "ada", "because", evidence)


@pytest.mark.parametrize("percent", [0, 0.001, 0.1, 33.333, 99.999, 100])
def test_every_step_of_a_percentage_is_taken(percent: float) -> None:
    check([Change(KEY, Stage.CANARY, percent)], "ada", "because")


def test_a_change_leaves_alone_what_it_does_not_name() -> None:
    before = Flag(KEY, Stage.CANARY, 5.0, 20.0, "shop", (Rule("user", "ada", True),), ("GET /b",), LATCH, "old", "bob")
    after = settled(Change(KEY, Stage.MODERN), before)
    assert (after.mirror, after.group, after.rules, after.requires) == (20.0, "shop", before.rules, ("GET /b",))
    assert (after.stage, after.percent) == (Stage.MODERN, None)


def test_any_change_without_a_latch_lifts_it() -> None:
    before = Flag(KEY, Stage.SHADOW, latch=LATCH)
    assert settled(Change(KEY, Stage.SHADOW), before).latch is None
    assert settled(Change(KEY, Stage.SHADOW, latch=LATCH), None).latch is LATCH


def test_settings_can_be_taken_away_again() -> None:
    before = Flag(KEY, Stage.SHADOW, None, 20.0, "shop", (Rule("user", "ada", True),), ("GET /b",))
    after = settled(Change(KEY, Stage.SHADOW, mirror=None, group="", rules=(), requires=()), before)
    assert after == Flag(KEY, Stage.SHADOW)
    assert Change(KEY, Stage.SHADOW).mirror is KEEP
