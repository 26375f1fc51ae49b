"""Moving the routes of a running server from one side to the other."""

import time
from collections.abc import Iterable

import httpx2

from legacy_flask.front_door import build, create_store
from migration_flags import Change, Stage
from router import Owner
from tests.parity.library import Library
from tests.servers.web import Web

WITHIN_SECONDS = 20.0
PROBE = "GET /auth/check"


def move(library: Library, web: Web, stage: Stage, keys: Iterable[str] = ()) -> None:
    """Moves these routes, or every one that both sides have, and waits until the server knows."""
    chosen = set(keys) or {row.key for row in build(library.config).table if row.owner is Owner.BOTH}
    store = create_store(library.config)
    changes = [Change(key, stage) for key in sorted(chosen | {PROBE})]
    store.apply(changes, actor="a test", reason="one side at a time")
    store.close()
    deadline = time.monotonic() + WITHIN_SECONDS
    while httpx2.get(f"{web.base}/auth/check", timeout=WITHIN_SECONDS).headers["x-served-by"] != stage:
        assert time.monotonic() < deadline, f"The flags did not reach the server: {stage}"
        time.sleep(0.02)
