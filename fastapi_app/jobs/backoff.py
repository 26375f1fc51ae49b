"""When a job that failed for now is tried again. Pure: chance is an argument."""

BASE = 5.0
LONGEST = 900.0
_SPREAD = 0.5


def delay(attempt: int, *, after: float = 0.0, chance: float = 0.0) -> float:
    """Seconds until the next attempt, once attempt number `attempt`, counted from 1, has failed.

    It doubles from ten seconds to a quarter of an hour. `chance`, from 0 to 1, adds up to half of that again, so that
    jobs which failed together don't return together; `after` is the least.
    """
    doubled = min(BASE * 2.0 ** min(attempt, 20), LONGEST)
    return max(after, min(doubled * (1 + _SPREAD * chance), LONGEST))
