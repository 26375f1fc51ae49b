"""Many hand in the same at one moment: one row, on both databases."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import anyio
import pytest

from fastapi_app.config import Config
from fastapi_app.jobs.states import State
from fastapi_app.models import Download, Job
from tests.fastapi_app.conftest import Client
from tests.fastapi_app.library import artist, log_in, user, video
from tests.fastapi_app.stored import everything
from tests.fastapi_app.test_mariadb import installed
from tests.jobs.work_rows import Recording, job
from tests.servers.mariadb import MariaDB

pytestmark = pytest.mark.anyio
Rows = Callable[..., None]

JOBS = "/api/jobs"
FILM_OF_A_VIDEO: dict[str, object] = {"kind": "download", "video_id": 1}
INFORMATION: dict[str, object] = {"kind": "info", "url": "https://films.example.org/1"}


@pytest.fixture(params=["sqlite", pytest.param("mariadb", marks=pytest.mark.mariadb)])
def config(request: pytest.FixtureRequest, tmp_path: Path, config: Config) -> Config:
    """A new installation on each database."""
    if request.param == "sqlite":
        return config
    server: MariaDB = request.getfixturevalue("mariadb")
    return installed(server.create_database(f"test_{uuid4().hex}"), tmp_path)


@pytest.fixture
async def anna(client: Client, rows: Rows) -> Client:
    rows(user(1, "anna"), artist(), video(1))
    client.state["jobs"] = Recording()
    await log_in(client, "anna")
    return client


async def statuses(client: Client, body: object) -> Counter[int]:
    """What six equal requests at one moment are answered."""
    found: list[int] = []

    async def ask() -> None:
        found.append((await client.post(JOBS, json=body)).status_code)

    async with anyio.create_task_group() as group:
        for _ in range(6):
            group.start_soon(ask)
    return Counter(found)


@pytest.mark.parametrize("body", [FILM_OF_A_VIDEO, INFORMATION], ids=["video", "address"])
async def test_one_subject_handed_in_at_once_is_one_row(anna: Client, body: dict[str, object]) -> None:
    found = await statuses(anna, body)
    assert found[202] == 1, found
    assert set(found) <= {200, 202, 409}
    assert len(await everything(anna, Job)) == 1
    assert len(await everything(anna, Download)) <= 1
    assert len([told for told in anna.state["jobs"].order if told.startswith("ticket")]) == 1


async def test_one_of_two_failed_jobs_of_a_subject_is_retried(anna: Client, rows: Rows) -> None:
    rows(job(1, State.FAILED, subject="video 1"), job(2, State.FAILED, subject="video 1"))
    answer = (await anna.post(f"{JOBS}/retry-all")).json()
    assert answer == {"success": True, "retried": 1, "skipped": 1, "left": 0}
    assert (await anna.get(f"{JOBS}/2")).json()["state"] == "queued"
    again = await anna.post(f"{JOBS}/1/retry")
    assert (again.status_code, again.json()["state"]) == (409, "failed")


async def test_cancelling_and_retrying_at_once_ends_in_a_state_that_both_may_believe(anna: Client, rows: Rows) -> None:
    rows(job(1, State.CANCELLED))
    found: list[int] = []

    async def ask(verb: str) -> None:
        found.append((await anna.post(f"{JOBS}/1/{verb}")).status_code)

    async with anyio.create_task_group() as group:
        for verb in ("retry", "cancel", "retry", "cancel"):
            group.start_soon(ask, verb)
    assert set(found) <= {200, 409}, found
    assert (await anna.get(f"{JOBS}/1")).json()["state"] in {"queued", "cancelled"}
