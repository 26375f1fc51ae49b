"""docs/examples/shop: a newcomer moves a route with nothing but its page."""

import json
import shutil
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from migration_flags import Stage
from migration_flags.stores.sql import SQLStore
from tests.documents.reader import Reader, Step, blocks
from tests.router.serving import fetch, wait
from tests.servers.web import PROJECT

SHOP = PROJECT / "docs" / "examples" / "shop"
PAGE = (SHOP / "README.md").read_text("utf-8")
KEY = "GET /api/orders/{order_id}"
TEN_MINUTES = 600.0


@pytest.mark.long
def test_a_newcomer_moves_a_route_by_command_line_in_ten_minutes(tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    shutil.copytree(SHOP, folder, ignore=shutil.ignore_patterns("__pycache__", "*.db", ".venv"))
    began = time.monotonic()
    with ExitStack() as servers:
        reader = Reader(folder, servers)
        for kind, block in blocks(PAGE.partition("## In the console")[0]):
            reader.follow(kind, block)
    assert time.monotonic() - began < TEN_MINUTES
    store = SQLStore(f"sqlite:///{folder / 'flags.db'}")
    went = [row.after_stage for row in reversed(store.history(KEY)) if not row.actor.startswith(("drill", "strangler"))]
    store.close()
    assert went == [Stage.SHADOW, Stage.CANARY, Stage.MODERN, Stage.LEGACY]
    assert (reader.taken.count("strangler"), reader.taken.count("curl")) == (14, 5)


@pytest.mark.long
def test_the_same_route_moves_in_the_console(tmp_path: Path) -> None:
    """The steps of the page, through what the page's buttons call."""
    folder = tmp_path / "shop"
    shutil.copytree(SHOP, folder, ignore=shutil.ignore_patterns("__pycache__", "*.db", ".venv"))
    with ExitStack() as servers:
        reader = Reader(folder, servers)
        reader.take(Step("uvicorn asgi:app --port 8000", ()))
        reader.take(Step("strangler parity --record", ()))
        status, headers, page = fetch(reader.port, "/_strangler/", headers={"Accept": "text/html"})
        assert (status, headers["x-served-by"], b"<html" in page) == (200, "router", True)
        console = Console(reader.port)
        for stage, percent, gated in (("shadow", None, True), ("canary", 1, True), ("modern", None, False)):
            console.move(stage, percent, gated=gated)
            assert console.stage() == (stage, percent)
        console.send("rollbacks", {"keys": [KEY], "stage": "legacy", "percent": None, "reason": "and back"})
        assert console.stage() == ("legacy", None)
        (told,) = [row for row in console.history() if row["after_stage"] == "modern"]
        assert (told["actor"], told["gated"], told["reason"]) == ("you", False, "by console")


class Console:
    """What the console's page does, by hand."""

    def __init__(self, port: int) -> None:
        self._port = port

    def send(self, what: str, content: dict[str, Any]) -> tuple[int, Any]:
        headers = {"Content-Type": "application/json", "X-Strangler-Console": "1"}
        body = json.dumps(content).encode()
        status, _, answer = fetch(self._port, f"/_strangler/api/{what}", "POST", body, headers)
        return status, json.loads(answer)

    def move(self, stage: str, percent: float | None, *, gated: bool) -> None:
        """Tried until the server's beat has told which flags it has."""

        def moved() -> bool:
            wanted = {"keys": [KEY], "stage": stage, "percent": percent, "reason": "by console", "gated": gated}
            status, answer = self.send("moves", {**wanted, "epoch": self._read("state")["epoch"]})
            assert status in {200, 409}, answer
            return status == 200

        wait(moved, within=20)

    def stage(self) -> tuple[str, float | None]:
        (route,) = [route for route in self._read("state")["routes"] if route["key"] == KEY]
        return route["stage"], route["percent"]

    def history(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self._read("history")["rows"]
        return rows

    def _read(self, what: str) -> Any:
        status, _, answer = fetch(self._port, f"/_strangler/api/{what}")
        assert status == 200, answer
        return json.loads(answer)
