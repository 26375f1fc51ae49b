"""Pure: why nothing was rolled back, rule by rule."""

from collections.abc import Iterator

from router.drill.timeline import Timeline
from router.rollback.rules import RollbackRules


def diagnosis(timeline: Timeline, rules: RollbackRules | None) -> Iterator[str]:
    """Sentences on the rules, and on what they saw of the drill. ``rules`` None: the router takes nothing back."""
    if rules is None:
        yield "Router(rollback=None): nothing is ever taken back. Give it RollbackRules()."
        return
    rate, burst, faults = rules.rate, rules.burst, timeline.failed
    if faults < rate.requests:
        yield (
            f"rate: it wants {rate.requests} requests of modern within {rate.window} s, and the drill made {faults}: "
            "answers were too slow, or RateRule(requests=…) is too high."
        )
    elif rate.share > 1:
        yield f"rate: it is off, for it wants {rate.share:.0%} of the requests to fail."
    else:
        yield (
            f"rate: less than {rate.share:.0%} of modern's requests within {rate.window} s failed, or legacy failed "
            f"{rate.shared:.0%} as often. {faults} of the drill's own did: the others were visitors' and went well."
        )
    yield (
        f"burst: it wants {burst.faults} faults in a row of {burst.units} visitors, and a drill is one visitor: "
        "it can only trip where BurstRule(units=1)."
    )
    yield f"sequential: it counts a visitor's faults once in {rules.sequential.once:g} s, and the drill is one visitor."
    yield "latency: it looks at durations, and the drill's requests have none."
