"""Keeps the picture that requests are served from: polls the store's epoch, and swaps the whole picture on a change."""

import logging
import random
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from migration_flags import FlagError, FlagStore, Snapshot, StoreUnavailable
from migration_flags.snapshot import EMPTY
from router.decision import Decision, decide_all
from router.row import Row
from router.table import RouteTable

_chance = random.Random()  # noqa: S311  # spreads polls, guards nothing; its own, or applications that seed would feel it

logger = logging.getLogger(__name__)

STOP_WITHIN = 10.0
"""Seconds that `stop` waits for a read that is under way."""


@dataclass(frozen=True, slots=True)
class Picture:
    """The decision for every row under one snapshot. Immutable; a request reads it once."""

    snapshot: Snapshot
    decisions: Mapping[Row, Decision]


class Refresher:
    """``picture`` is the present picture; ``trouble`` says why it can't be renewed, or is None.

    A store that can't be read leaves the last picture in place; before the first one, every route is legacy. An epoch
    lower than the present one is refused, and reported as trouble.
    """

    def __init__(
        self,
        store: FlagStore,
        table: RouteTable,
        interval: float,
        jitter: Callable[[], float] = lambda: _chance.uniform(0.8, 1.0),
    ) -> None:
        self._store = store
        self._table = table
        self._interval = interval
        self._jitter = jitter
        self._stopped = threading.Event()
        self._refreshing = threading.Lock()
        self._thread: threading.Thread | None = None
        self.picture = self._picture(EMPTY)
        self.trouble: str | None = None
        self.running = False

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

    def _renew(self) -> None:
        present = self.picture.snapshot.epoch
        epoch = self._store.epoch()
        if epoch != present:
            snapshot = self._store.snapshot()
            if snapshot.epoch < present:
                self._report(f"The flag store went back from epoch {present} to {snapshot.epoch}; it is not followed.")
                return
            self.picture = self._picture(snapshot)
        self._report(None)

    def _picture(self, snapshot: Snapshot) -> Picture:
        return Picture(snapshot, decide_all(self._table, snapshot))

    def _report(self, trouble: str | None) -> None:
        """Once per change, not four times a second."""
        if trouble != self.trouble:
            logger.log(logging.INFO if trouble is None else logging.ERROR, trouble or "The flag store is back.")
        self.trouble = trouble

    def _poll(self) -> None:
        while not self._stopped.wait(self._interval * self._jitter()):
            try:
                self.refresh()
            except FlagError as error:
                self._report(str(error))
            except Exception as error:  # noqa: BLE001  # the thread's edge: a foreign store's error must not end it
                self._report(f"The flag store raised {error!r}.")
