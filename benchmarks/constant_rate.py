"""Calls at a constant rate, each charged from the moment when it was due."""

import threading
import time
from collections.abc import Callable

_WATCHED = 0.001
"""Seconds before a call is due at which sleeping becomes watching the clock."""


def offered(ask: Callable[[int], None], number: int, rate: float, clients: int) -> tuple[float, ...]:
    """Calls `ask` for each number, `rate` times a second, from so many threads; seconds since each was due.

    Raises what `ask` raised last.
    """
    latencies: list[float] = []
    errors: list[Exception] = []
    begun = time.perf_counter() + 0.1

    def work(first: int) -> None:
        try:
            for one in range(first, number, clients):
                due = begun + one / rate
                _sleep_until(due)
                ask(one)
                latencies.append(time.perf_counter() - due)
        except Exception as error:  # noqa: BLE001  # a thread's edge: raised again below
            errors.append(error)

    threads = [threading.Thread(target=work, args=(first,)) for first in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[-1]
    return tuple(latencies)


def _sleep_until(due: float) -> None:
    left = due - time.perf_counter() - _WATCHED
    if left > 0:
        time.sleep(left)
    while time.perf_counter() < due:
        pass
