"""The queries about jobs over a real MariaDB."""

from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest

from fastapi_app.config import Config
from fastapi_app.jobs.states import Queue, State
from fastapi_app.models import UserRole, now
from tests.fastapi_app.conftest import Client
from tests.fastapi_app.library import log_in, user
from tests.fastapi_app.test_mariadb import installed
from tests.jobs.work_rows import Recording, job
from tests.servers.mariadb import MariaDB

pytestmark = [pytest.mark.anyio, pytest.mark.mariadb]
Rows = Callable[..., None]

JOBS = "/api/jobs"


@pytest.fixture
def config(tmp_path: Path, mariadb: MariaDB) -> Config:
    """A new installation on MariaDB."""
    return installed(mariadb.create_database(f"test_{uuid4().hex}"), tmp_path)


async def test_everything_that_is_asked_and_done(client: Client, rows: Rows) -> None:
    rows(
        user(1, "boss", UserRole.ADMIN),
        *(job(number) for number in (1, 2, 3)),
        job(4, State.FAILED, user_id=1),
        job(5, State.COMPLETED, kind="info", queue=Queue.METADATA, finished_at=now(), result={"title": "ü🪩"}),
    )
    client.state["jobs"] = Recording()
    await log_in(client, "boss")

    async def listed(query: str) -> list[int]:
        return [found["job_id"] for found in (await client.get(f"{JOBS}?{query}")).json()["jobs"]]

    assert await listed("state=active&limit=2") == [3, 2]
    assert await listed("before=3&queue=downloads&kind=download") == [2, 1]
    assert await listed("mine=true") == [4]
    assert (await client.get(f"{JOBS}/5/result")).json()["result"] == {"title": "ü🪩"}
    stats = (await client.get(f"{JOBS}/stats")).json()
    assert (stats["total"], stats["active"], stats["last_day"]["success_rate"]) == (5, 3, 1.0)
    since = (await client.get(f"{JOBS}/changes")).json()["since"]
    assert (await client.post(f"{JOBS}/reorder", json={"job_ids": [2, 1]})).status_code == 200
    assert (await client.put(f"{JOBS}/3/priority", json={"priority": 1})).status_code == 200
    assert (await client.post(f"{JOBS}/retry-all")).json()["retried"] == 1
    assert (await client.post(f"{JOBS}/1/pause")).json()["job"]["state"] == "paused"
    changed = (await client.get(f"{JOBS}/changes", params={"since": since})).json()["jobs"]
    assert sorted(found["job_id"] for found in changed) == [1, 2, 3, 4]
    assert (await client.post(f"{JOBS}/queues/media/pause", json={"reason": "ü"})).status_code == 200
    queues = {found["queue"]: found for found in (await client.get(f"{JOBS}/queues")).json()["queues"]}
    assert (queues["media"]["reason"], queues["downloads"]["waiting"], queues["images"]["waiting"]) == ("ü", 3, 0)
    assert (await client.post(f"{JOBS}/queues/media/resume")).json()["paused"] is False
    health = (await client.get(f"{JOBS}/health")).json()
    assert [finding["code"] for finding in health["findings"]] == ["redis-not-configured"]
    assert 'mvidarr_jobs{queue="downloads",state="paused"} 1.0' in (await client.get("/metrics")).text
    assert (await client.post(f"{JOBS}/queues/downloads/clear")).json()["cancelled"] == 4
    assert (await client.delete(f"{JOBS}/history?state=cancelled")).json()["removed"] == 4
    assert await listed("") == [5]
