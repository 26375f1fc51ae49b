"""Pure: how modern did at the present canary step, as all live workers tell."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from migration_flags import Evidence, Flag, Worker
from router.promotion.finding import Finding
from router.promotion.mirrored import hours
from router.promotion.rules import GateRules
from router.rollback.facts import read, total
from router.rollback.likelihood import product, value

HALF = 50.0


def held(flag: Flag, now: datetime, rules: GateRules) -> Finding:
    """Whether the step has lasted long enough."""
    since = now - datetime.fromisoformat(flag.updated_at) if flag.updated_at else timedelta()
    needed = rules.held_at_half if (flag.percent or 0.0) >= HALF else rules.held
    return Finding(since >= needed, f"The step {flag.percent:g} % has lasted {hours(since)} of {hours(needed)}: wait.")


def counted(flag: Flag, workers: Iterable[Worker], rules: GateRules) -> Finding:
    """Whether modern answered enough requests at this step."""
    facts = [fact for worker in workers if (fact := read(worker.facts, flag.key)) is not None]
    requests = total(facts, flag.epoch)[0][0]
    return Finding(
        requests >= rules.requests,
        f"Modern answered {requests} of {rules.requests} requests at this step: wait, or `strangler parity --record`.",
    )


def unaccused(flag: Flag, workers: Iterable[Worker], rules: GateRules) -> Finding:
    """Whether nothing speaks against modern: the e-value over all workers."""
    facts = [fact for worker in workers if (fact := read(worker.facts, flag.key)) is not None]
    found = value(product(fact.faults for fact in facts if fact.epoch == flag.epoch))
    candidate, control = total(facts, flag.epoch)
    return Finding(
        found < rules.e_value,
        f"Modern had {candidate[1]} faults in {candidate[0]} requests, legacy {control[1]} in {control[0]}: "
        f"the e-value is {found:.3g}, and must be below {rules.e_value:g}.",
    )


def unheld(flag: Flag, pieces: Iterable[Evidence]) -> Iterator[Finding]:
    """Whether modern refuses no more than legacy: a hold recorded at this step stays until the flag changes."""
    for piece in pieces:
        if piece.kind == "canary" and piece.epoch >= flag.epoch and piece.summary.get("held"):
            yield Finding(
                False,
                f"Modern answers 4xx more often than legacy (found {piece.at[:16]}): compare the contracts, then go on "
                "by `strangler flags set`.",
            )
            return
