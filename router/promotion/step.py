"""Pure: the steps of a promotion, in order."""

from dataclasses import dataclass

from migration_flags import Stage

PERCENTAGES = (1.0, 5.0, 10.0, 25.0, 50.0)
"""The shares of visitors on modern, one canary step each. After the last comes modern for all."""


@dataclass(frozen=True, slots=True)
class Step:
    """A stage, and at canary the share of visitors on modern."""

    stage: Stage
    percent: float | None = None

    def __str__(self) -> str:
        return self.stage.value if self.percent is None else f"{self.stage.value} {self.percent:g} %"

    @property
    def height(self) -> tuple[int, float]:
        """What steps are ordered by."""
        return self.stage.rank, self.percent or 0.0


FIRST = Step(Stage.CANARY, PERCENTAGES[0])


def step_after(step: Step) -> Step | None:
    """The next step up. None at modern: what is left is to delete legacy's handler, and that is not traffic."""
    if step.stage is Stage.LEGACY:
        return Step(Stage.SHADOW)
    if step.stage is Stage.SHADOW:
        return FIRST
    if step.stage is Stage.CANARY:
        higher = [one for one in PERCENTAGES if one > (step.percent or 0.0)]
        return Step(Stage.CANARY, higher[0]) if higher else Step(Stage.MODERN)
    return None


def step_before(step: Step) -> Step:
    """The canary step below one of a candidate with traffic: half for modern. The first, or less than it, stays."""
    if step.stage is not Stage.CANARY:
        return Step(Stage.CANARY, PERCENTAGES[-1])
    percent = step.percent or 0.0
    return Step(Stage.CANARY, max((one for one in PERCENTAGES if one < percent), default=percent))
