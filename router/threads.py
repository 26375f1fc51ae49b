"""A few threads that run whole requests."""

import itertools
import threading
import time
from collections.abc import Callable
from queue import SimpleQueue

Job = Callable[[], object]


class Threads:
    """At most ``limit`` threads, started as they are first needed.

    They are daemons: a handler that never returns must not keep the process alive after its shutdown was bounded.
    Jobs must not raise.
    """

    def __init__(self, limit: int, name: str = "wsgi") -> None:
        self.limit = limit
        self._name = name
        self._jobs: SimpleQueue[Job | None] = SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._numbers = itertools.count(1)

    def __len__(self) -> int:
        return len(self._threads)

    def run(self, job: Job, running: int) -> None:
        """Hands over a job. ``running`` counts the jobs under way with this one: so many threads are needed."""
        if len(self._threads) < min(running, self.limit):
            name = f"{self._name}-{next(self._numbers)}"
            thread = threading.Thread(target=_work, args=(self._jobs,), name=name, daemon=True)
            thread.start()
            self._threads.append(thread)
        self._jobs.put(job)

    def stop(self, within: float) -> int:
        """Ends the threads when their jobs are done. Waits ``within`` seconds; returns how many still run."""
        deadline = time.monotonic() + within
        for _ in self._threads:
            self._jobs.put(None)
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        alive = sum(thread.is_alive() for thread in self._threads)
        self._threads.clear()
        self._jobs = SimpleQueue()  # a thread that still runs keeps the old one, and ends with it
        return alive


def _work(jobs: "SimpleQueue[Job | None]") -> None:
    while (job := jobs.get()) is not None:
        job()
        del job  # or it would hold the last request until the next one
