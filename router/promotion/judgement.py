"""Whether routes may move up, judged from what a store knows: for the command line and for the console alike."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from migration_flags import JSON, Change, Flag, FlagStore, Snapshot, Stage
from router.comparison.field_waiver import PLACE, applied_to_evidence, read_field_waivers
from router.decision import refuse_stage
from router.promotion.forbidden import Forbidding
from router.promotion.gate import gate
from router.promotion.step import Step, step_after
from router.promotion.verdict import Verdict
from router.row import Row

TOLD = 50
"""Routes of one promotion whose evidence is told in the history."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What the gate says of one route on its way to ``target``."""

    row: Row
    target: Step
    verdict: Verdict

    def change(self) -> Change:
        """Raises `OwnershipRefused`."""
        refuse_stage(self.row, self.target.stage)
        return Change(self.row.key, self.target.stage, self.target.percent)


@dataclass(frozen=True)
class Judge:
    """``version`` is that of the code that runs; ``forbidding`` says what forbids a promotion besides, and ``frozen``
    why none may be made now. Every method blocks, and raises the store's `FlagError`s.
    """

    store: FlagStore
    version: str
    forbidding: Forbidding = lambda _key, _pieces: ()
    frozen: Sequence[str] = field(default=())

    def judge(self, rows: Iterable[Row], snapshot: Snapshot, target: Step | None = None) -> tuple[Judged, ...]:
        """Each route by itself, under the flags of ``snapshot``. Without ``target`` each goes to its next step."""
        workers, now = self.store.workers(), self.store.now()
        waivers = read_field_waivers(self.store.evidence(PLACE, kind="waiver"))
        found = []
        for row in rows:
            flag = snapshot.get(row.key)
            pieces = applied_to_evidence(self.store.evidence(row.key), waivers, now.date())
            to = target or next_of(flag)
            verdict = gate(
                row,
                flag,
                pieces,
                workers,
                now,
                to=to,
                epoch=snapshot.epoch,
                version=self.version,
                frozen=self.frozen,
                blockers=self.forbidding(row.key, pieces),
            )
            found.append(Judged(row, to, verdict))
        return tuple(found)


def here(flag: Flag | None) -> Step:
    """Where a route stands."""
    return Step(Stage.LEGACY) if flag is None else Step(flag.stage, flag.percent)


def next_of(flag: Flag | None) -> Step:
    """The next step up; where there is none, the present one."""
    return step_after(here(flag)) or here(flag)


def used(judged: Sequence[Judged]) -> JSON:
    """What allowed it, for the history: of one route its sentences, of some by route, of many their number alone."""
    if len(judged) == 1:
        return list(judged[0].verdict.used)
    if len(judged) > TOLD:
        return [f"The gate allowed each of {len(judged)} routes."]
    return {one.row.key: list(one.verdict.used) for one in judged}


def is_down(flag: Flag | None, target: Step) -> bool:
    """Whether a step is a way back for a route: below where it stands, or where it holds itself already."""
    return flag is not None and (target.height < here(flag).height or flag.latch is not None)
