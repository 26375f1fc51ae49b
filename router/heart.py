"""Tells the other workers, through the flag store, that this one lives, and which flags it serves from."""

import os
import platform
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace

from migration_flags import JSON, ChangeRefused, FlagStore, StoreUnavailable, Worker
from router.rollback.facts import LEFT
from router.traffic import NAME as TRAFFIC

BEAT = 2.0
"""Seconds between two beats."""


class Heart:
    """One worker's. ``facts`` are asked for at each beat. Beats are quiet about a store that can't be reached."""

    def __init__(
        self,
        store: FlagStore,
        facts: Callable[[], Mapping[str, JSON]] = dict,
        interval: float = BEAT,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.id = secrets.token_hex(8)
        self._store = store
        self._facts = facts
        self._interval = interval
        self._clock = clock
        self._next = clock()
        self._left = False
        self._beating = threading.Lock()

    def beat(self, epoch: int) -> bool:
        """Beats if it is time to. Whether it did, and the store took it."""
        with self._beating:
            now = self._clock()
            if now < self._next or self._left:
                return False
            self._next = now + self._interval
            return self._tell(epoch, dict(self._facts()))

    def start(self) -> None:
        """Beats again, after it left."""
        with self._beating:
            self._left = False

    def leave(self, epoch: int) -> None:
        """Says goodbye: this worker stops, and beats no more."""
        with self._beating:
            self._left = True
            self._tell(epoch, {**self._facts(), LEFT: True})

    def _tell(self, epoch: int, facts: dict[str, JSON]) -> bool:
        worker = Worker(self.id, platform.node() or "unnamed", os.getpid(), epoch, facts=facts)
        try:
            self._beat(worker)
        except StoreUnavailable:
            return False  # who polls the flags reports it
        return True

    def _beat(self, worker: Worker) -> None:
        """Where there are more facts than a store takes, the traffic goes first; that it lives matters most."""
        lesser = {name: fact for name, fact in worker.facts.items() if name != TRAFFIC}
        least: dict[str, JSON] = {LEFT: True} if LEFT in worker.facts else {}
        for facts in (worker.facts, lesser):
            with suppress(ChangeRefused):
                self._store.beat(replace(worker, facts=facts))
                return
        self._store.beat(replace(worker, facts=least))
