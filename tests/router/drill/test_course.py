"""The course of a drill, with a front that does as it is told."""

from collections.abc import Iterator
from itertools import count

import pytest

from migration_flags import Flag, Latch, Stage
from router.drill.course import Course, Told
from router.drill.diagnosis import diagnosis
from router.drill.errors import DrillIgnored
from router.drill.timeline import Timeline
from router.rollback.rate import RateRule
from router.rollback.rules import RollbackRules

pytestmark = pytest.mark.anyio
LATCH = Latch("rate", "2026-01-01T00:00:00+00:00", Stage.CANARY, 5.0, evidence={"modern": {"faults": 10}})


class Toy:
    """Modern fails from the first request, or never; the route is latched after ``trips`` of them, or never."""

    def __init__(self, *, fails: bool = True, trips: int | None = None) -> None:
        self._fails = fails
        self._trips = trips
        self._asked = 0

    async def ask(self) -> Told:
        self._asked += 1
        failed = self._fails and not self._is_latched
        return Told(200, "legacy" if self._fails else "modern", failed)

    async def flag(self) -> Flag | None:
        return Flag("GET /a", Stage.SHADOW, latch=LATCH if self._is_latched else None)

    @property
    def _is_latched(self) -> bool:
        return self._trips is not None and self._asked >= self._trips


def ticking() -> Iterator[float]:
    return (number * 0.25 for number in count())


async def run(toy: Toy, within: float = 30) -> Timeline:
    clock = ticking()
    return await Course(toy, Timeline("GET /a", "/a"), lambda: next(clock), pause=0, within=within).run()


async def test_a_rollback_is_told_with_its_rule_its_evidence_and_its_time() -> None:
    found = await run(Toy(trips=4))
    assert (found.trip, found.failed, found.asked) == ("rate", 3, 5)
    assert found.evidence == {"modern": {"faults": 10}}
    assert [event.what.split()[0] for event in found.events] == ["modern", "rolled", "legacy"]
    assert [event.at for event in found.events] == sorted(event.at for event in found.events)
    assert found.left == []


async def test_no_rollback_ends_in_time() -> None:
    found = await run(Toy(), within=5)
    assert not found.is_rolled_back
    assert found.failed == found.asked > 5


async def test_a_server_that_does_not_listen_is_told_from_one_that_holds() -> None:
    with pytest.raises(DrillIgnored, match="the last answer was modern's 200"):
        await run(Toy(fails=False))


@pytest.mark.parametrize(
    ("rules", "failed", "sentence"),
    [
        (None, 50, "Router(rollback=None): nothing is ever taken back."),
        (RollbackRules(rate=RateRule(requests=1000)), 50, "rate: it wants 1000 requests of modern within 60 s, and"),
        (RollbackRules(rate=RateRule(share=2)), 50, "rate: it is off"),
        (RollbackRules(), 50, "rate: less than 30% of modern's requests"),
        (RollbackRules(), 50, "burst: it wants 5 faults in a row of 2 visitors"),
    ],
)
async def test_the_rule_that_is_off_is_named(rules: RollbackRules | None, failed: int, sentence: str) -> None:
    assert sentence in " ".join(diagnosis(Timeline("GET /a", "/a", failed=failed), rules))
