"""A drill of a running server: the rollback is real, and undone whatever happens."""

import json
import os
import signal
import sys
import threading
from pathlib import Path

import pytest

from migration_flags import AuditRow, Change, Flag, Latch, Stage
from migration_flags.stores.memory import MemoryStore
from migration_flags.stores.sql import SQLStore
from router.drill.there import put_back
from router.types import Receive, Scope, Send
from tests.router.commanding import Command
from tests.router.drill.drilled import create_lax_router, create_router
from tests.router.serving import fetch, serving, wait
from tests.servers.web import free_port, running

MODULE = "tests.router.drill.drilled"
KEY = "GET /api/one/{id}"


@pytest.fixture
def strangler(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    found = Command(tmp_path, monkeypatch, capsys)
    monkeypatch.setenv("TOY_STORE", found.url)
    return found


def flag(url: str) -> Flag | None:
    store = SQLStore(url)
    found = store.snapshot().get(KEY)
    store.close()
    return found


def drill(base: str, factory: str = "create_router") -> list[str]:
    return ["drill", KEY, "--url", base, "--yes", "--app", f"{MODULE}:{factory}", "--actor", "ada"]


def test_a_running_server_takes_the_route_back_and_gets_its_stage_again(strangler: Command) -> None:
    with serving(create_router()) as server:
        base = f"http://127.0.0.1:{server.port}"
        told = strangler.json(*drill(base))
        assert (told["trip"], told["rolled_back"], told["left"]) == (
            "rate",
            True,
            [f"{KEY} is at legacy, as it was before."],
        )
        assert told["seconds"] < 10
        assert "1 of 1 live workers follow" in [event["what"] for event in told["events"]]
        rows = strangler.json("history", KEY, "--store", strangler.url)
        assert [(row["actor"], row["after_stage"], row["after_percent"]) for row in rows] == [
            ("drill by ada", "legacy", None),
            ("strangler", "shadow", None),
            ("drill by ada", "canary", 0),
        ]
        assert {row["reason"] for row in rows if row["actor"] == "drill by ada"} == {"drill"}
        status, headers, body = fetch(server.port, "/api/one/1")
        assert (status, headers["x-served-by"], json.loads(body)["side"]) == (200, "legacy", "legacy")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_drill_that_is_interrupted_puts_the_stage_back(strangler: Command, number: signal.Signals) -> None:
    asked = threading.Event()
    router = create_lax_router()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            asked.set()
        await router(scope, receive, send)

    def interrupt() -> None:
        assert asked.wait(30)
        os.kill(os.getpid(), number)

    with serving(app) as server:
        impatience = threading.Thread(target=interrupt)
        impatience.start()
        done = strangler(*drill(f"http://127.0.0.1:{server.port}", "create_lax_router"))
        impatience.join()
    assert done.returncode == 130
    found = flag(strangler.url)
    assert found is not None
    assert (found.stage, found.reason) == (Stage.LEGACY, "drill")


class Late(MemoryStore):
    """A worker stores its rollback just after the drill has looked."""

    looks = 0

    def history(self, key: str | None = None, *, limit: int | None = None) -> tuple[AuditRow, ...]:
        found = super().history(key, limit=limit)
        self.looks += 1
        if self.looks == 1:
            latch = Latch("rate", "2026-01-01T00:00:00+00:00", Stage.CANARY, 5.0)
            self.apply([Change(KEY, Stage.SHADOW, latch=latch)], actor="strangler", reason="rolled back")
        return found


def test_a_rollback_that_comes_late_is_undone_too() -> None:
    store = Late()
    store.apply([Change(KEY, Stage.CANARY, 5)], actor="ada", reason="five")
    before = store.snapshot()
    assert put_back(KEY, before, store, "drill") == [f"{KEY} is at canary 5 %, as it was before."]
    found = store.snapshot().get(KEY)
    assert found is not None
    assert (found.stage, found.percent, found.latch) == (Stage.CANARY, 5.0, None)


def test_a_server_with_another_secret_fails_for_nobody(strangler: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("router.drill.course.HEARD_WITHIN", 2.0)
    with serving(create_router()) as server:
        done = strangler(*drill(f"http://127.0.0.1:{server.port}", "create_stranger_router"))
    assert done.returncode == 1
    assert "Does the server run this code, with the secret" in done.stderr
    found = flag(strangler.url)
    assert found is not None
    assert found.stage is Stage.LEGACY


def test_a_header_that_nobody_signed_fails_nothing(strangler: Command) -> None:
    strangler("flags", "set", KEY, "modern", "--reason", "x", "--app", f"{MODULE}:create_router")
    with serving(create_router()) as server:
        told = {"X-Strangler-Drill": "GET%20/api/one/{id}; until=1; nonce=0; sig=0"}
        status, headers, body = fetch(server.port, "/api/one/1", headers=told)
        assert (status, headers["x-served-by"], json.loads(body)["side"]) == (200, "modern", "modern")
        assert "x-strangler-drill" not in headers


@pytest.mark.long
def test_both_workers_of_a_server_follow(strangler: Command) -> None:
    store = SQLStore(strangler.url)
    store.apply([Change(KEY, Stage.CANARY, 5, group="g")], actor="ada", reason="five")
    port = free_port()
    argv = [sys.executable, "-m", "uvicorn", f"{MODULE}:create_router", "--factory", "--port", str(port)]
    told = {"TOY_STORE": strangler.url}
    with running([*argv, "--workers", "2"], port, told, strangler.folder, ready="/api/two") as web:
        wait(lambda: len(store.workers()) == 2)
        found = strangler.json(*drill(web.base))
        assert "2 of 2 live workers follow" in [event["what"] for event in found["events"]]
        assert found["left"] == [f"{KEY} is at canary 5 %, as it was before."]
        after = store.snapshot().get(KEY)
        assert after is not None
        assert (after.stage, after.percent, after.group, after.latch) == (Stage.CANARY, 5.0, "g", None)
    store.close()
