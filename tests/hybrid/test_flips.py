"""Routes move back and forth under load, and no client notices."""

import asyncio
import re
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from legacy_flask.front_door import create_store
from migration_flags import Change, FlagStore, Stage
from tests.hybrid.library import Library, make_library
from tests.hybrid.traffic import MIX, Seen, capacity, offered, unexpected
from tests.servers.web import serving

pytestmark = pytest.mark.anyio

FLIPS = 50
SECONDS = 60.0
SHARE_OF_CAPACITY = 0.6
PROPAGATION_SECONDS = 1.0
KEYS = tuple(dict.fromkeys(ask.key for ask in MIX))


@dataclass(frozen=True)
class Flip:
    """Every flag was set to `stage`: at some moment between the two times."""

    began: float
    ended: float
    stage: Stage


def flip(store: FlagStore, stage: Stage) -> Flip:
    began = time.monotonic()
    store.apply([Change(key, stage) for key in KEYS], actor="a test", reason="back and forth")
    return Flip(began, time.monotonic(), stage)


def allowed(flips: list[Flip], one: Seen) -> set[str]:
    """The sides that may answer a request: what the flag named while it ran, or a second before."""
    since = one.began - PROPAGATION_SECONDS
    sides = {flip.stage.value for flip in flips if flip.began <= one.ended and flip.ended >= since}
    before = [flip for flip in flips if flip.ended < since]
    return sides | ({before[-1].stage.value} if before else set())


def counted(base: str) -> int:
    """Requests on the keys of the mix, as the server counts them."""
    with urllib.request.urlopen(f"{base}/metrics", timeout=10) as answer:
        text = answer.read().decode()
    lines = re.findall(r"^strangler_requests_total\{(.*)\} (\S+)$", text, re.MULTILINE)
    return sum(int(float(value)) for labels, value in lines if any(f'route="{key}"' in labels for key in KEYS))


@pytest.mark.long
async def test_fifty_flips_in_a_minute_of_traffic_lose_no_request(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    library: Library = make_library(tmp_path)
    store = create_store(library.config)
    flips = [flip(store, Stage.LEGACY)]
    with serving("legacy_flask.asgi:app", library.environment, tmp_path) as web:
        rate = SHARE_OF_CAPACITY * await capacity(web.base, 4.0)
        counted_before = counted(web.base)

        async def back_and_forth() -> None:
            for number in range(FLIPS):
                await asyncio.sleep(SECONDS / FLIPS)
                stage = Stage.LEGACY if number % 2 else Stage.MODERN
                flips.append(await asyncio.to_thread(flip, store, stage))

        seen = await offered(web.base, rate, SECONDS, back_and_forth())
        counted_after = counted(web.base)
    store.close()

    assert unexpected(seen) == []
    assert [one for one in seen if one.side not in allowed(flips, one)] == []
    assert {one.side for one in seen} == {"legacy", "modern"}
    assert counted_after - counted_before == len(seen)
    assert len(flips) == FLIPS + 1
    record_property("flips", FLIPS)
    record_property("requests, none lost", len(seen))
