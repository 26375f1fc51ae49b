"""Carries baselines into the flag store while both sides answer, and back to a guard that never saw legacy answer."""

import logging
from collections import Counter
from collections.abc import Callable

from migration_flags import Flag, FlagError, FlagStore, Snapshot, Stage, StoreUnavailable
from router.rollback.baseline import piece, recalled
from router.rollback.guard import Guard

EVERY = 30.0
"""Seconds between two rounds."""
AGAIN = 300.0
"""Seconds until the baseline of a route is kept once more."""
ASKED = 50
"""Routes for which one round asks the store at most."""
LOOKED_AT = 20
"""Pieces of evidence that are looked at for a route, from the newest."""

logger = logging.getLogger(__name__)


class Archive:
    """One worker's. `pulse` is for a thread that may wait for the store; ``clock`` is monotonic, in seconds.

    A route that arrives at modern is asked for in the rounds 1, 2, 4, 8 and so on after that, until there is something:
    the worker that saw legacy answer may be slower to write than this one is to ask.
    """

    def __init__(
        self, store: FlagStore, guard: Guard, snapshot: Callable[[], Snapshot], version: str, clock: Callable[[], float]
    ) -> None:
        self._store = store
        self._guard = guard
        self._snapshot = snapshot
        self._version = version
        self._clock = clock
        self._due = clock()
        self._kept: dict[str, float] = {}
        self._arrived: Counter[tuple[str, int]] = Counter()

    def pulse(self) -> None:
        """A round, where one is due. What a store that is down missed is tried in the next."""
        now = self._clock()
        if now < self._due:
            return
        self._due = now + EVERY
        try:
            self._keep(now)
            self._recall()
        except StoreUnavailable:
            return  # who polls the flags reports it
        except FlagError as error:
            logger.warning("Baselines can't be kept: %s", error)

    def _keep(self, now: float) -> None:
        """Writes what is new: at canary now and then, at modern once, for there it changes no more."""
        for key, stage, baseline in self._guard.baselines():
            last = self._kept.get(key)
            if last is None or (stage is Stage.CANARY and now - last >= AGAIN):
                self._store.keep(piece(key, baseline, self._version, self._store.now()))
                self._kept[key] = now

    def _recall(self) -> None:
        lacking = [flag for flag in self._snapshot() if flag.stage is Stage.MODERN and self._guard.lacks(flag.key)]
        arrived = Counter({_arrival(flag): self._arrived[_arrival(flag)] + 1 for flag in lacking})
        asked = [flag for flag in lacking if _is_power_of_two(arrived[_arrival(flag)])]
        for flag in asked[ASKED:]:
            arrived[_arrival(flag)] -= 1  # there will be other rounds
        self._arrived = arrived
        for flag in asked[:ASKED]:
            pieces = self._store.evidence(flag.key, kind="canary", limit=LOOKED_AT)
            durations = recalled(pieces, self._version, self._store.now())
            if durations:
                self._guard.recall(flag.key, durations)
                self._kept[flag.key] = self._clock()


def _arrival(flag: Flag) -> tuple[str, int]:
    return flag.key, flag.epoch


def _is_power_of_two(number: int) -> bool:
    return number & (number - 1) == 0
