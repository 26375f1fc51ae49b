"""Keeps the picture that requests are served from: polls the store's epoch, and swaps the whole picture on a change."""

import logging
import random
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from migration_flags import Flag, FlagError, FlagStore, Reason, Snapshot, Stage, StoreUnavailable
from migration_flags.snapshot import EMPTY
from router.decision import Prospect, prospect, prospects
from router.partition import OUT_OF_REACH, is_frozen, withdrawn
from router.row import Row
from router.table import RouteTable

_chance = random.Random()  # noqa: S311  # spreads polls, guards nothing; its own, or applications that seed would feel it

logger = logging.getLogger(__name__)

STOP_WITHIN = 10.0
"""Seconds that `stop` waits for a read that is under way."""


@dataclass(frozen=True, slots=True)
class Picture:
    """What one snapshot says of every row. Immutable; a request reads it once.

    ``withheld``: keys that this worker keeps on legacy whatever the snapshot says, and why.
    """

    snapshot: Snapshot
    withheld: Mapping[str, str]
    prospects: Mapping[Row, Prospect]


class Refresher:
    """``picture`` is the present picture; ``trouble`` says why it can't be renewed, or is None.

    A store that can't be read leaves the last picture in place; before the first one, every route is legacy. An epoch
    lower than the present one is refused, and reported as trouble. ``pulse`` is called after every poll, in its thread.
    """

    def __init__(
        self,
        store: FlagStore,
        table: RouteTable,
        interval: float,
        jitter: Callable[[], float] = lambda: _chance.uniform(0.8, 1.0),
        clock: Callable[[], float] = time.monotonic,
        pulse: Callable[[], None] = lambda: None,
    ) -> None:
        self._store = store
        self._table = table
        self._interval = interval
        self._jitter = jitter
        self._clock = clock
        self._pulse = pulse
        self._stopped = threading.Event()
        self._refreshing = threading.Lock()
        self._swapping = threading.Lock()
        self._thread: threading.Thread | None = None
        self._latches: dict[str, int] = {}
        self._contact = clock()
        self.picture = Picture(EMPTY, {}, prospects(table.matched, EMPTY))
        self.trouble: str | None = None
        self.running = False

    def flag(self, key: str) -> Flag | None:
        """The present flag of a route."""
        return self.picture.snapshot.get(key)

    @property
    def silence(self) -> float:
        """Seconds since the store last answered."""
        return max(0.0, self._clock() - self._contact)

    @property
    def is_frozen(self) -> bool:
        """Whether the store has been silent for so long that nothing may be promoted."""
        return is_frozen(self.silence)

    def start(self) -> None:
        """Reads the flags once and keeps reading them. Raises what no waiting will cure, such as `SchemaTooNew`."""
        self.refresh()
        if self._thread is None:
            self._stopped.clear()
            self._thread = threading.Thread(target=self._poll, name="strangler-flags", daemon=True)
            self._thread.start()
        self.running = True

    def stop(self) -> None:
        """Ends the polling and lets go of the store's connections."""
        self.running = False
        self._stopped.set()
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.join(STOP_WITHIN)
        self._store.close()

    def refresh(self) -> None:
        """Reads the flags now if their epoch moved. Raises `FlagError`s other than `StoreUnavailable`."""
        with self._refreshing:
            try:
                self._renew()
            except StoreUnavailable as error:
                self._report(str(error))
            self._withdraw()

    def latch(self, key: str) -> None:
        """Sends a row to legacy at once, until its flag is written anew. For who saw it fail, before the store knows.

        Waits for no I/O: may be called from the event loop.
        """
        with self._swapping:
            picture = self.picture
            flag = picture.snapshot.get(key)
            self._latches = {**self._latches, key: picture.snapshot.epoch if flag is None else flag.epoch}
            row = self._table[key]
            withheld = {**picture.withheld, key: Reason.LATCHED.value}
            changed = {**picture.prospects, row: prospect(row, picture.snapshot, Reason.LATCHED.value)}
            self.picture = Picture(picture.snapshot, withheld, changed)

    def _renew(self) -> None:
        present = self.picture.snapshot.epoch
        epoch = self._store.epoch()
        if epoch != present:
            snapshot = self._store.snapshot()
            if snapshot.epoch < present:
                self._report(f"The flag store went back from epoch {present} to {snapshot.epoch}; it is not followed.")
                return
            self._show(snapshot, frozenset())
        self._contact = self._clock()
        self._report(None)

    def _withdraw(self) -> None:
        picture = self.picture
        keys = withdrawn(picture.snapshot, self.silence)
        if keys != {key for key, why in picture.withheld.items() if why == OUT_OF_REACH}:
            self._show(picture.snapshot, keys)

    def _show(self, snapshot: Snapshot, out_of_reach: frozenset[str]) -> None:
        """Swaps the picture. It is painted without the lock, for who latches must not wait; if one came, once more."""
        while True:
            known = self._latches
            latches = {key: epoch for key, epoch in known.items() if not _is_newer(snapshot, key, epoch)}
            withheld = dict.fromkeys(out_of_reach, OUT_OF_REACH) | dict.fromkeys(latches, Reason.LATCHED.value)
            picture = Picture(snapshot, withheld, prospects(self._table.matched, snapshot, withheld))
            with self._swapping:
                if self._latches is known:
                    self._latches, self.picture = latches, picture
                    return

    def _report(self, trouble: str | None) -> None:
        """Once per change, not four times a second."""
        if trouble != self.trouble:
            logger.log(logging.INFO if trouble is None else logging.ERROR, trouble or "The flag store is back.")
        self.trouble = trouble

    def _poll(self) -> None:
        while not self._stopped.wait(self._interval * self._jitter()):
            try:
                self.refresh()
                self._pulse()
            except FlagError as error:
                self._report(str(error))
            except Exception as error:  # noqa: BLE001  # the thread's edge: a foreign store's error must not end it
                self._report(f"The flag store raised {error!r}.")


def _is_newer(snapshot: Snapshot, key: str, epoch: int) -> bool:
    """Whether the flag was written after a latch of this worker: by itself, or by somebody who decided otherwise."""
    flag = snapshot.get(key)
    return flag is not None and (flag.epoch > epoch or flag.stage is Stage.RETIRED)
