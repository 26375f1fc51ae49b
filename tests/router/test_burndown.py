"""How far the move has come: the numbers that a person and the check in CI go by."""

from migration_flags import Flag, Snapshot, Stage
from router.burndown import BurnDown, burn_down
from router.row import UNMATCHED_KEY, Owner, Relation, Row


def row(key: str, owner: Owner = Owner.BOTH) -> Row:
    return Row(key, "GET", "/", owner, Relation.EQUAL)


def test_what_is_left_are_routes_of_legacy_that_modern_does_not_answer() -> None:
    rows = [row(UNMATCHED_KEY), row("a"), row("b"), row("c"), row("d", Owner.LEGACY), row("e", Owner.MODERN)]
    snapshot = Snapshot([Flag("a", Stage.MODERN), Flag("b", Stage.RETIRED), Flag("d", Stage.MODERN)], 7)
    stages = {"legacy": 1, "shadow": 0, "canary": 0, "modern": 1, "retired": 1}
    found = burn_down(rows, snapshot)
    assert found == BurnDown(7, routes=4, remaining=2, unported=1, modern_only=1, stages=stages)
    assert found.percent_moved == 50.0


def test_a_third_is_told_to_one_place_and_nothing_to_do_is_done() -> None:
    assert burn_down([row("a"), row("b"), row("c")], Snapshot([Flag("a", Stage.MODERN)])).percent_moved == 33.3
    assert burn_down([row("e", Owner.MODERN)], Snapshot()).percent_moved == 100.0
