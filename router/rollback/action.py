"""Takes a tripped route back for all workers, and tries it again once."""

import logging
import random
import threading
from collections import Counter
from collections.abc import Callable

from migration_flags import ChangeRefused, EpochMoved, FlagError, FlagStore, Snapshot, StoreUnavailable
from router.rollback.answer import back, earlier_trips, piece, present, reason, told
from router.rollback.probe import ProbeRule, due
from router.rollback.trip import Trip

ACTOR = "strangler"
EVERY = 1.0
"""Seconds between two looks at what is due."""
FIRST_PAUSE, LONGEST_PAUSE = 0.25, 30.0
"""Seconds between two attempts to reach a store that is down: doubled from the first to the longest."""
STOP_WITHIN = 5.0
EARLIER = 20
"""Trips before this one that are read."""

_chance = random.Random()  # noqa: S311  # spreads attempts, guards nothing; its own, or applications that seed would feel it

logger = logging.getLogger(__name__)


class Rollback:
    """The ``act`` of a `Guard`: latches the route in this worker at once, then in the store from a thread of its own.

    A store that is down is asked again until the trip is stored, or somebody has changed the flag since: then theirs
    stands. ``latch`` gets the key of each route that goes back, on the thread that saw it trip; it must not wait.
    ``snapshot`` gives the flags in use, without I/O. ``worker`` is this process's name. ``trips`` counts by route and
    kind.
    """

    def __init__(
        self,
        store: FlagStore,
        latch: Callable[[str], object],
        snapshot: Callable[[], Snapshot],
        worker: str,
        rule: ProbeRule = ProbeRule(),  # noqa: B008  # frozen
        jitter: Callable[[], float] = lambda: _chance.uniform(0.8, 1.0),
    ) -> None:
        self._store = store
        self._latch = latch
        self._snapshot = snapshot
        self._worker = worker
        self._rule = rule
        self._jitter = jitter
        self._pending: list[Trip] = []
        self._lock = threading.Lock()
        self._woken = threading.Event()
        self._stopped = False
        self._thread: threading.Thread | None = None
        self._pause = FIRST_PAUSE
        self._refused: set[tuple[str, int]] = set()
        self.trips: Counter[tuple[str, str]] = Counter()

    def __call__(self, trip: Trip) -> None:
        self.trips[trip.key, trip.kind.value] += 1
        if trip.kind.rolls_back:
            self._latch(trip.key)
        logger.error("%s tripped (%s): %s", trip.key, trip.kind, dict(trip.evidence))
        with self._lock:
            self._pending.append(trip)
        self._woken.set()

    def start(self) -> None:
        if self._thread is None:
            self._stopped = False
            self._thread = threading.Thread(target=self._run, name="strangler-rollback", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Tries once more to store what is pending, and ends."""
        self._stopped = True
        self._woken.set()
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.join(STOP_WITHIN)

    @property
    def pending(self) -> int:
        """Trips that the store does not have yet."""
        return len(self._pending)

    def store_pending(self) -> bool:
        """Writes what is pending. Whether all of it is settled; False: the store is down."""
        with self._lock:
            trips = list(self._pending)
        for trip in trips:
            try:
                self._settle(trip)
            except StoreUnavailable as error:
                logger.warning("%s is latched in this worker alone: %s", trip.key, error)
                return False
            except FlagError:
                logger.exception("%s can't be rolled back in the store.", trip.key)
            with self._lock:
                self._pending.remove(trip)
        return True

    def probe(self) -> None:
        """Tries again what is due, if no other worker has. Raises `StoreUnavailable`."""
        snapshot = self._snapshot()
        waiting = [flag for flag in snapshot if flag.latch is not None and flag.latch.probe_at is not None]
        waiting = [flag for flag in waiting if (flag.key, flag.epoch) not in self._refused]
        if snapshot.killed or not waiting:
            return
        now = self._store.now()
        for flag in waiting:
            change = due(flag, now)
            if change is None:
                continue
            why = f"Tried again by itself at {change.percent:g} %, once."
            try:
                self._store.apply([change], actor=ACTOR, reason=why, if_epoch=snapshot.epoch)
            except EpochMoved:
                return  # somebody was quicker: the next snapshot tells what is left
            except ChangeRefused:
                self._refused.add((flag.key, flag.epoch))
                logger.exception("%s can't be tried again.", flag.key)
            else:
                return  # the epoch has moved by this very change

    def _settle(self, trip: Trip) -> None:
        """Writes one trip. Raises `FlagError`."""
        while True:
            snapshot = self._store.snapshot()
            flag = present(trip, snapshot)
            if flag is None:
                return
            now = self._store.now()
            earlier = earlier_trips(self._store.evidence(trip.key, kind="rollback", limit=EARLIER), flag)
            self._store.keep(piece(trip, flag, now, self._worker))
            if not trip.kind.rolls_back:
                return
            change = back(trip, flag, now, earlier, self._rule)
            try:
                self._store.apply(
                    [change],
                    actor=ACTOR,
                    reason=reason(trip, flag),
                    evidence=told(trip, self._worker),
                    if_epoch=snapshot.epoch,
                )
            except EpochMoved:
                continue
            return

    def _run(self) -> None:
        last = False
        while not last:
            self._woken.wait(self._wait())
            self._woken.clear()
            last = self._stopped  # read before the round: what is pending when `stop` is called gets a whole one
            try:
                self._round()
            except FlagError as error:
                logger.warning("%s", error)
            except Exception:  # the thread's edge: a foreign store's error must not end it
                logger.exception("The rollback thread failed.")

    def _wait(self) -> float:
        return EVERY if not self._pending else self._pause * self._jitter()

    def _round(self) -> None:
        if self.store_pending():
            self._pause = FIRST_PAUSE
            self.probe()
        else:
            self._pause = min(LONGEST_PAUSE, 2 * self._pause)
