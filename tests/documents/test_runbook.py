"""docs/runbook.md: what happens really happens here, and every command says what the page promises."""

import os
import re
import shutil
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from migration_flags.stores.redis import RedisStore
from router.cli import cli
from tests.documents.reader import Reader, blocks, steps
from tests.router.serving import fetch, wait
from tests.servers.redis import Redis, start_redis
from tests.servers.web import PROJECT

SHOP = PROJECT / "docs" / "examples" / "shop"
PAGE = (PROJECT / "docs" / "runbook.md").read_text("utf-8")
KEY = "GET /api/orders/{order_id}"
MISTAKE = (
    "    async def order(order_id: int):\n",
    '    async def order(order_id: int):\n        raise RuntimeError("a mistake")\n',
)


class Incidents:
    """What the page says that happens, done to a shop in ``folder``."""

    def __init__(self, folder: Path, redis: Redis) -> None:
        self.folder = folder
        self.redis = redis
        self.reader: Reader | None = None

    def mistake(self) -> None:
        """Visitors come until the route has gone back."""
        self._deploy(*MISTAKE)
        reader = self._reader

        def asked() -> bool:
            status, headers, _ = fetch(reader.port, "/api/orders/7")
            assert status == 200
            return headers["x-served-by"] == "legacy" and self._is_latched()

        wait(asked, within=30)

    def mended(self) -> None:
        self._deploy(*reversed(MISTAKE))

    def worker_killed(self) -> None:
        store = RedisStore(self.redis.url)
        living = [worker for worker in store.workers() if "left" not in worker.facts and _lives(worker.pid)]
        store.close()
        assert len(living) == 2
        os.kill(living[0].pid, signal.SIGKILL)

    def store_gone(self) -> None:
        self.redis.process.send_signal(signal.SIGSTOP)

    def store_back(self) -> None:
        self.redis.process.send_signal(signal.SIGCONT)

    @property
    def _reader(self) -> Reader:
        assert self.reader is not None
        return self.reader

    def _deploy(self, old: str, new: str) -> None:
        file = self.folder / "modern.py"
        text = file.read_text("utf-8")
        assert old in text
        file.write_text(text.replace(old, new), "utf-8")
        self._reader.serve(["asgi:app", "--port", "8000", "--workers", "2"])

    def _is_latched(self) -> bool:
        store = RedisStore(self.redis.url)
        found = store.snapshot().get(KEY)
        store.close()
        return found is not None and found.latch is not None


def _lives(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[Redis]:
    with start_redis(tmp_path / "redis") as started:
        try:
            yield started
        finally:
            started.process.send_signal(signal.SIGCONT)


@pytest.mark.long
def test_every_incident_goes_as_the_page_says(tmp_path: Path, redis: Redis) -> None:
    folder = tmp_path / "shop"
    shutil.copytree(SHOP, folder, ignore=shutil.ignore_patterns("__pycache__", "*.db", ".venv"))
    incidents = Incidents(folder, redis)
    happenings = {
        "modern is deployed with a mistake": incidents.mistake,
        "modern is mended": incidents.mended,
        "a worker is killed": incidents.worker_killed,
        "the store is gone": incidents.store_gone,
        "the store is back": incidents.store_back,
    }
    with ExitStack() as servers:
        reader = incidents.reader = Reader(folder, servers, happenings=happenings, variables={"SHOP_FLAGS": redis.url})
        for kind, block in blocks(PAGE):
            reader.follow(kind, block)
    assert reader.taken.count("strangler") >= 20


def test_every_heading_that_is_named_is_there() -> None:
    headings = {_anchor(line) for line in _headings(PAGE)}
    named = set(re.findall(r"\]\(#([a-z-]+)\)", PAGE))
    assert len(named) >= 6
    assert named <= headings
    for link, _, heading in (found.partition("#") for found in re.findall(r"\]\(([^)#][^)]*)\)", PAGE)):
        page = PROJECT / "docs" / link
        assert page.exists()
        assert not heading or heading in {_anchor(line) for line in _headings(page.read_text("utf-8"))}


def test_every_verb_that_is_named_exists() -> None:
    known = {command.name or command.callback.__name__ for command in cli.registered_commands if command.callback}
    named = {
        step.command.split()[1] for _, block in blocks(PAGE) for step in steps(block) if step.command.startswith("str")
    }
    assert named - {"flags"} <= known


def _headings(page: str) -> list[str]:
    return re.findall(r"^#+ (.*)$", page, re.MULTILINE)


def _anchor(heading: str) -> str:
    return re.sub(r"[^a-z0-9 -]", "", heading.lower()).strip().replace(" ", "-")
