"""A fault that is injected at 5 % canary shows as a rollback with its evidence within five seconds."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from migration_flags.stores.memory import MemoryStore
from tests.router.console import toy
from tests.router.console.site import BOTH, Site, event, listening, opened
from tests.router.serving import fetch, wait

PATH = BOTH.partition(" ")[2]


@contextmanager
def visitors(site: Site, count: int = 4) -> Iterator[None]:
    """Somebody else each time, as fast as they are answered."""
    over = threading.Event()

    def ask(number: int) -> None:
        asked = 0
        while not over.is_set():
            asked += 1
            fetch(site.port, PATH, headers={"authorization": f"visitor {number}.{asked}"})

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()


@contextmanager
def broken(path: str) -> Iterator[None]:
    toy.FAULTS.add(path)
    try:
        yield
    finally:
        toy.FAULTS.discard(path)


def test_a_fault_shows_as_rollback_with_evidence_within_five_seconds() -> None:
    with opened(MemoryStore(), secret="a secret of the test") as site:
        site.move(BOTH, "canary", 5)
        with visitors(site), listening(site.port) as stream:
            wait(lambda: (site.seen(BOTH)["traffic"]["modern"] or {"requests": 0})["requests"] > 5, within=20)
            before = event(stream, "epoch")["epoch"]
            with broken(PATH):
                started = time.monotonic()
                wait(lambda: site.seen(BOTH)["latch"] is not None and site.seen(BOTH)["latch"]["at"], within=10)
                took = time.monotonic() - started
                assert event(stream, "epoch")["epoch"] > before
        assert took < 5
        route = site.route(BOTH)
        assert (route["latch"]["stage"], route["latch"]["percent"]) == ("canary", 5.0)
        assert route["latch"]["evidence"]
        assert [piece["kind"] for piece in route["evidence"]][:1] == ["rollback"]
        assert route["history"][0]["actor"] == "strangler"
        wait(lambda: (site.seen(BOTH)["traffic"]["modern"] or {"faults": 0})["faults"] > 0, within=8)
