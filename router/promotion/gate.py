"""Pure: whether a route may move up, and if not, what is missing."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from migration_flags import Evidence, Flag, Stage, Worker, alive, may_promote
from router.promotion.canary import counted, held, unaccused, unheld
from router.promotion.finding import Finding
from router.promotion.mirrored import mirrored
from router.promotion.recorded import RECORD, recorded
from router.promotion.rules import GateRules
from router.promotion.step import Step, step_after
from router.promotion.verdict import Verdict
from router.rollback.answer import MIRRORED
from router.rollback.facts import LEFT
from router.row import Owner, Row

RULES = GateRules()


def gate(
    row: Row,
    flag: Flag | None,
    evidences: Iterable[Evidence],
    workers: Sequence[Worker],
    now: datetime,
    *,
    to: Step | None = None,
    epoch: int | None = None,
    version: str = "",
    rules: GateRules = RULES,
    frozen: Iterable[str] = (),
    blockers: Iterable[str] = (),
) -> Verdict:
    """Whether ``row`` may go ``to`` a higher step; by default to the next one.

    ``flag`` None is a route at legacy. ``evidences`` are the route's, ``workers`` all that the store knows, ``now`` is
    the store's clock. ``epoch`` is what every live worker must serve from, by default that of the flag. ``version`` is
    that of the code which runs. ``frozen`` and ``blockers`` are reasons of the caller's own, in sentences: what delays
    any promotion, such as a partition, and what forbids this one, such as a laxer gate on the modern side.

    Going to shadow needs no evidence: nobody is served by modern there. Everything above needs either recorded
    evidence of the present code, which may skip steps, or the mirror's and, between two canary steps, the traffic's.
    A canary step lasts its time with either: what only time shows is in no recording.
    """
    pieces = tuple(evidences)
    present = flag or Flag(row.key, Stage.LEGACY)
    here = Step(present.stage, present.percent)
    target = to or step_after(here)
    if target is None:
        return Verdict(False, (f"{row.key} is at {here}: there is no step above.",))
    found = [
        *_always(row, present, here, target),
        *(Finding(False, why) for why in _waiting(workers, epoch or present.epoch, now, rules, frozen)),
    ]
    if target.stage is not Stage.SHADOW:
        found += (Finding(False, why) for why in blockers)
        found += _evidence(row, present, here, target, pieces, workers, now, version, rules)
    missing = tuple(one.text for one in found if not one.holds)
    return Verdict(not missing, missing, tuple(one.text for one in found if one.holds))


def _always(row: Row, flag: Flag, here: Step, target: Step) -> Iterator[Finding]:
    if row.owner is not Owner.BOTH:
        yield Finding(False, f"Only {row.owner.value} has {row.key}: there is nothing to move.")
    if target.stage is Stage.RETIRED:
        yield Finding(False, "Retiring removes legacy's handler: `strangler flags set` does that, not a promotion.")
    if target.height <= here.height:
        yield Finding(False, f"{target} is not above {here}: `strangler flags rollback` goes down.")
    if flag.latch is not None:
        yield Finding(
            False,
            f"The route took itself back on {flag.latch.at[:16]} ({flag.latch.trip}): "
            f"`strangler flags show '{flag.key}'` has the evidence, `strangler flags set` lifts the latch.",
        )


def _waiting(
    workers: Sequence[Worker], epoch: int, now: datetime, rules: GateRules, frozen: Iterable[str]
) -> tuple[str, ...]:
    """Why no route may be promoted now: workers that lag, or that fell silent and may serve on without the store."""
    return (*may_promote(workers, epoch, now, frozen), *_silent(workers, now, rules))


def _silent(workers: Sequence[Worker], now: datetime, rules: GateRules) -> Iterator[str]:
    living = alive(workers, now)
    for worker in workers:
        silence = _silence(worker, now)
        is_lost = worker not in living and LEFT not in worker.facts
        if is_lost and silence is not None and silence < rules.quiet:
            seconds, most = silence.total_seconds(), rules.quiet.total_seconds()
            yield (
                f"Worker {worker.id} on {worker.host} fell silent {seconds:.0f} s ago and may still serve: "
                f"wait until it is back, or for {most - seconds:.0f} s."
            )


def _silence(worker: Worker, now: datetime) -> timedelta | None:
    try:
        return now - datetime.fromisoformat(worker.seen_at)
    except (TypeError, ValueError):
        return None


def _evidence(
    row: Row,
    flag: Flag,
    here: Step,
    target: Step,
    pieces: Sequence[Evidence],
    workers: Sequence[Worker],
    now: datetime,
    version: str,
    rules: GateRules,
) -> Iterator[Finding]:
    living = alive(workers, now)
    on_record = recorded(pieces, version, now, rules)
    is_canary = here.stage is Stage.CANARY
    if is_canary:
        yield held(flag, now, rules)
        yield unaccused(flag, living, rules)
        yield from unheld(flag, pieces)
    if on_record.holds:
        yield on_record
        return
    if target != step_after(here):
        yield Finding(False, f"Only recorded evidence may skip steps from {here} to {target}: {RECORD}.")
    shown = mirrored(pieces, version, now, rules) if row.method in MIRRORED else ()
    if shown and all(one.holds for one in shown):
        yield from shown
    else:
        yield on_record
        yield from (one for one in shown if not one.holds)
    if is_canary:
        yield counted(flag, living, rules)
