"""A request that is only rehearsed hands nothing in: no row stays, no worker hears of it, nobody is told."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text

from fastapi_app.jobs.dispatch import Nobody
from legacy_flask.front_door import isolation
from legacy_flask.front_door.dry_run import TRIED
from legacy_flask.front_door.isolation import isolated
from migration_flags import Change, Stage
from tests.jobs.work_rows import Recording
from tests.legacy_flask.hybrid import Hybrid, started
from tests.parity.library import make_library
from tests.router.asking import ask

pytestmark = pytest.mark.anyio

READ = "GET /api/metube/health"


@pytest.fixture
async def hybrid(tmp_path: Path) -> AsyncIterator[Hybrid]:
    async with started(make_library(tmp_path / "library")) as made:
        yield made


def jobs(hybrid: Hybrid) -> int:
    with hybrid.engines()[0].connect() as connection:
        return int(connection.execute(text("SELECT count(*) FROM jobs")).scalar() or 0)


def spied(hybrid: Hybrid) -> Recording:
    """The real dispatcher replaced by one that remembers: rehearsals must never reach it."""
    told = Recording()
    hybrid.state["jobs"] = told
    return told


async def test_a_dry_run_hands_in_a_job_that_nobody_hears_of_and_that_is_taken_back(
    hybrid: Hybrid, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(isolation, "TURN", 20.0)  # a busy machine may keep it waiting
    told, before = spied(hybrid), await asyncio.to_thread(jobs, hybrid)
    headers = {"content-type": "application/json", "cookie": await hybrid.log_in("anna")}
    body = json.dumps({"kind": "info", "url": "http://films.example/one"}).encode()
    async with isolated({"state": hybrid.state.copy()}) as surroundings:
        assert isinstance(surroundings.state["jobs"], Nobody)
        modern = hybrid.router.modern
        answer = await ask(modern, "POST", "/api/jobs", headers=headers, body=body, state=surroundings.state)
        assert answer.status == 202, answer.body
    assert await asyncio.to_thread(jobs, hybrid) == before
    assert told.order == []
    real = await hybrid.ask("POST", "/api/jobs", headers=headers, body=body)
    assert (real.status, real.json["created"]) == (202, True), "the same request, in earnest"
    assert told.order != []


async def test_a_mirrored_request_hands_nothing_in(hybrid: Hybrid) -> None:
    told, before = spied(hybrid), await asyncio.to_thread(jobs, hybrid)
    change = Change(READ, Stage.SHADOW, mirror=100)
    await asyncio.to_thread(hybrid.router.flags.apply, [change], actor="the tests", reason="a mirror")
    await asyncio.to_thread(hybrid.router.refresh)
    mirror = hybrid.router.mirror
    assert mirror is not None
    headers = {"cookie": await hybrid.log_in("anna")}
    deadline = asyncio.get_running_loop().time() + 30
    while not mirror.summary(READ)["compared"]:  # a busy machine turns the mirror off for a while
        assert asyncio.get_running_loop().time() < deadline, "nothing was mirrored"
        answer = await hybrid.ask("GET", "/api/metube/health", headers=headers)
        assert answer.headers["x-served-by"] == "legacy"
        await asyncio.sleep(0.2)
    assert await asyncio.to_thread(jobs, hybrid) == before
    assert told.order == []


async def test_no_write_that_hands_work_in_is_tried(hybrid: Hybrid) -> None:
    """Only reading is mirrored; of writes, dry runs try those that change rows and nothing else."""
    words = ("/download", "/metube", "/trigger", "/jobs")
    handing_in = {row.key for row in hybrid.router.table if any(word in row.key for word in words)}
    assert handing_in
    assert not handing_in & TRIED
