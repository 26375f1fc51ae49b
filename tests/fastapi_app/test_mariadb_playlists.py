"""Playlists looked at in the same moment, over a real MariaDB: its locks lose nothing and store once."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import anyio
import pytest
from sqlalchemy import select

from fastapi_app.config import Config
from fastapi_app.models import Artist, Job, Setting, Video
from tests.fastapi_app.conftest import NOBODY_OUTSIDE, Client
from tests.fastapi_app.library import artist
from tests.fastapi_app.test_mariadb import installed
from tests.fastapi_app.test_monitors import monitor
from tests.servers.mariadb import MariaDB
from tests.servers.youtube import KEY, FakeYouTube, fake_youtube, film

pytestmark = [pytest.mark.anyio, pytest.mark.mariadb]
Rows = Callable[..., None]

FILMS = 20


@pytest.fixture
def fake() -> Iterator[FakeYouTube]:
    with fake_youtube() as server:
        yield server


@pytest.fixture
def config(tmp_path: Path, mariadb: MariaDB, fake: FakeYouTube) -> Config:
    """A new installation on MariaDB."""
    made = installed(mariadb.create_database(f"test_{uuid4().hex}"), tmp_path)
    return made.model_copy(update={**NOBODY_OUTSIDE, "youtube_url": fake.url})


async def test_playlists_with_the_same_videos_store_each_once(
    open_client: Client, rows: Rows, fake: FakeYouTube
) -> None:
    """In opposite orders, which is what deadlocks are made of; one of two artists is known, by another spelling."""
    rows(Setting(id=9, key="youtube_api_key", value=KEY), artist(1, "BJORK"))
    rows(*(monitor(place, f"PL{place}", auto_download=True) for place in (1, 2, 3)))
    films = [film(f"{place:011}", f"{('Björk', 'Nova')[place % 2]} - {place}") for place in range(FILMS)]
    fake.playlists |= {"PL1": films, "PL2": films[::-1], "PL3": films[::2]}
    answers: list[Any] = []

    async def look(path: str) -> None:
        answers.append(await open_client.post(f"/api/youtube/playlists/{path}"))

    async with anyio.create_task_group() as group:
        for path in ("1/sync", "2/sync", "3/sync", "sync-all", "1/sync", "2/sync"):
            group.start_soon(look, path)
    assert [answer.text for answer in answers if answer.status_code != 200] == []
    async with open_client.state["database"].reading() as session:
        ids = sorted(map(str, await session.scalars(select(Video.youtube_id))))
        names = list(await session.scalars(select(Artist.name).order_by(Artist.id)))
        jobs = list(await session.scalars(select(Job.subject)))
    assert ids == [f"{place:011}" for place in range(FILMS)]
    assert (names, len(jobs), len(set(jobs))) == (["BJORK", "Nova"], FILMS, FILMS)
