"""News as they happen: at once, to everybody who listens, and never in the way of a server that stops."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from migration_flags import Change, Stage
from migration_flags.stores.memory import MemoryStore
from migration_flags.stores.sql import SQLStore
from router.console import events
from tests.router.console.site import BOTH, Site, event, listening, opened
from tests.router.serving import LOOPS, PROTOCOLS, fetch, wait

ROOT = Path(__file__).parents[3]


def test_the_epoch_is_told_at_first_and_after_each_change(site: Site) -> None:
    with listening(site.port) as stream:
        assert stream.status == 200
        assert stream.headers["content-type"] == "text/event-stream; charset=utf-8"
        assert stream.headers["x-served-by"] == "router"
        assert event(stream, "epoch") == {"epoch": 0}
        started = time.monotonic()
        site.move(BOTH, "shadow")
        assert event(stream, "epoch") == {"epoch": 1}
        assert time.monotonic() - started < 1.0


def test_figures_and_comments_come_by_themselves(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "FIGURES", 0.2)
    monkeypatch.setattr(events, "COMMENT", 0.3)
    with listening(site.port) as stream:
        assert event(stream, "figures") == {}
        wait(lambda: stream.readline().startswith(b":"))


def test_a_client_that_leaves_is_forgotten(site: Site) -> None:
    with listening(site.port) as stream:
        event(stream, "epoch")
        assert site.router.console.events.open == 1
    wait(lambda: site.router.console.events.open == 0)


def test_a_stream_ends_so_that_rights_are_asked_for_again(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "LIFETIME", 0.3)
    with listening(site.port) as stream:
        assert b"retry: 1000" in stream.read()
    assert site.router.console.events.open == 0


def test_only_so_many_may_listen(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "MOST", 2)
    with ExitStack() as stack:
        for _ in range(2):
            assert event(stack.enter_context(listening(site.port)), "epoch") == {"epoch": 0}
        refused = stack.enter_context(listening(site.port))
        assert (refused.status, refused.headers["retry-after"]) == (503, "5")


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_no_stream_holds_up_a_server_that_stops(protocol: str) -> None:
    """Without a bound on how long uvicorn waits for answers: they must end by themselves."""
    options = {"http": protocol, "loop": LOOPS[protocol], "timeout_graceful_shutdown": None}
    site = opened(MemoryStore(), server=options)
    with ExitStack() as stack:
        with site as opened_site:
            streams = [stack.enter_context(listening(opened_site.port)) for _ in range(3)]
            for stream in streams:
                event(stream, "epoch")
            started = time.monotonic()
        assert time.monotonic() - started < 2
        for stream in streams:
            stream.read()


@contextmanager
def workers(url: str, log: Path, count: int = 2) -> Iterator[int]:
    """So many processes on one store and one port, ended at the end."""
    command = [sys.executable, "-m", "uvicorn", "--factory", "tests.router.console.toy:create_from_environment"]
    command += ["--port", "0", "--workers", str(count), "--no-access-log"]
    environment = {**os.environ, "TOY_STORE": url}
    with (
        log.open("wb") as output,
        subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=output) as process,
    ):
        try:
            wait(lambda: log.read_text().count("Application startup complete") == count, within=60)
            found = re.search(r"http://127\.0\.0\.1:(\d+)", log.read_text())
            assert found is not None
            yield int(found[1])
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(20)


def test_two_workers_tell_one_story(tmp_path: Path) -> None:
    """A change made through one is told by both within a second; their traffic is summed."""
    url = f"sqlite:///{tmp_path / 'flags.db'}"
    store = SQLStore(url)
    with workers(url, tmp_path / "log") as port, ExitStack() as stack:
        site = Site(port, None, store)  # type: ignore[arg-type]  # the routers are in other processes
        wait(lambda: len(site.state()["workers"]) == 2)
        streams = [stack.enter_context(listening(port)) for _ in range(8)]
        for stream in streams:
            event(stream, "epoch")
        started = time.monotonic()
        assert site.move(BOTH, "modern")[0] == 200
        for stream in streams:
            assert event(stream, "epoch") == {"epoch": 1}
        assert time.monotonic() - started < 1.0
        asked = 40
        for _ in range(asked):
            fetch(port, BOTH.partition(" ")[2])
        seen: dict[str, int] = {}

        def all_are_counted() -> bool:
            state = site.state()
            traffic = next(route for route in state["routes"] if route["key"] == BOTH)["traffic"]
            seen[state["here"]] = sum((traffic[side] or {"requests": 0})["requests"] for side in ("legacy", "modern"))
            return len(seen) == 2 and all(count == asked for count in seen.values())

        try:
            wait(all_are_counted, within=20)
        except AssertionError:
            raise AssertionError(f"Asked {asked}, the workers told {seen}.") from None
    store.close()


def test_a_change_by_command_line_is_told_too(tmp_path: Path) -> None:
    store = SQLStore(f"sqlite:///{tmp_path / 'flags.db'}")
    with opened(store) as site, listening(site.port) as stream:
        assert event(stream, "epoch") == {"epoch": 0}
        started = time.monotonic()
        other = SQLStore(f"sqlite:///{tmp_path / 'flags.db'}")
        other.apply([Change(BOTH, Stage.SHADOW)], actor="cli", reason="by hand")
        other.close()
        assert event(stream, "epoch") == {"epoch": 1}
        assert time.monotonic() - started < 1.0
    store.close()
