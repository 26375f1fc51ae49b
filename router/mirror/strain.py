"""Pure: whether this worker has time for a mirror."""

from dataclasses import dataclass, replace

from router.mirror.limits import StrainRules


@dataclass(frozen=True, slots=True)
class Strain:
    """``reason`` is empty while the mirror may run. ``calm_since`` is when the trouble seems to have ended."""

    reason: str = ""
    calm_since: float | None = None


CALM = Strain()


def felt(strain: Strain, lag: float, wait: float, now: float, rules: StrainRules) -> Strain:
    """The strain after one more look: the loop's lag and the longest wait for a legacy thread, in seconds."""
    if lag > rules.lag:
        return Strain(f"the event loop lagged {lag * 1000:.0f} ms")
    if wait > rules.wait:
        return Strain(f"a request waited {wait * 1000:.0f} ms for a legacy thread")
    if not strain.reason:
        return strain
    if lag > rules.lag / 2 or wait > rules.wait / 2:
        return replace(strain, calm_since=None)
    since = now if strain.calm_since is None else strain.calm_since
    return CALM if now - since >= rules.calm else replace(strain, calm_since=since)
