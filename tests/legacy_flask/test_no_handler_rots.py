"""No handler rots untested behind its twin: every route that both sides have is answered well by each of them."""

from collections.abc import Iterable
from pathlib import Path

import pytest

from migration_flags import Stage
from router import Owner
from tests.legacy_flask.hybrid import Hybrid, started
from tests.parity import gated, playlists, reads, writes
from tests.parity.ask import Ask
from tests.parity.library import Library, make_library

pytestmark = pytest.mark.anyio
OF_THE_PROCESS = ("/admin/system/status/service", "/admin/system/logs/recent")
"""What each side tells of itself, which no parity test compares."""


def movable(hybrid: Hybrid) -> set[str]:
    return {row.key for row in hybrid.router.table if row.owner is Owner.BOTH and not row.unmatched}


async def answered_well(hybrid: Hybrid, stage: Stage, asks: Iterable[Ask], waiting: set[str]) -> set[str]:
    """Those of the waiting routes that a request of the corpus made answer well."""
    found: set[str] = set()
    cookies: dict[str, str] = {"": ""}
    for one in asks:
        key = hybrid.router.table.match(one.method, one.target.partition("?")[0]).key
        if key not in waiting - found or one.method in {"HEAD", "OPTIONS"}:
            continue
        if one.who not in cookies:
            cookies[one.who] = await hybrid.log_in(one.who)
        answer = await hybrid.play(one, cookies[one.who])
        assert answer.side == stage.value, key
        if answer.status < 400:
            found.add(key)
    return found


@pytest.mark.parametrize("stage", [Stage.LEGACY, Stage.MODERN])
@pytest.mark.long
async def test_every_route_of_two_owners_answers_well_on_each_side(stage: Stage, tmp_path: Path) -> None:
    """What the parity tests ask, with the gate as they have it: behind a closed one few handlers run."""
    async with started(make_library(tmp_path / "open"), watched=False) as hybrid:
        await hybrid.move(stage)
        waiting = movable(hybrid)
        waiting -= await answered_well(hybrid, stage, [*reads.reads(), *writes.writes()], waiting)
    async with started(make_library(tmp_path / "closed", gate="true"), watched=False) as hybrid:
        await hybrid.move(stage)
        alone = [Ask("GET", target, None, (), "root") for target in OF_THE_PROCESS]
        waiting -= await answered_well(hybrid, stage, [*gated.gated(), *alone], waiting)
    with playlists.answering() as youtube:
        library = make_library(tmp_path / "playlists")
        playlists.give_key(library.config)
        config = library.config.model_copy(update={"youtube_url": youtube.url})
        async with started(Library(config, library.environment), watched=False) as hybrid:
            await hybrid.move(stage)
            waiting -= await answered_well(hybrid, stage, playlists.asks(), waiting)
    assert waiting == set()
