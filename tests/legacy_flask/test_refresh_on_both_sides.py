"""A family of tokens belongs to no side: whichever serves the refresh, each token counts once."""

from typing import Any

import pytest

from migration_flags import Stage
from tests.legacy_flask.hybrid import Hybrid, started
from tests.parity.library import PASSWORD, Library, make_library
from tests.router.asking import Answer

pytestmark = pytest.mark.anyio

JSON = {"content-type": "application/json", "user-agent": "a player"}
GRANT = f'{{"username": "anna", "password": "{PASSWORD}", "grant_type": "password"}}'.encode()


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    return make_library(tmp_path_factory.mktemp("tokens") / "library", gate="true")


@pytest.fixture
async def hybrid(library: Library) -> Any:
    async with started(library) as made:
        yield made


async def refresh(hybrid: Hybrid, stage: Stage, token: str, agent: str = "a player") -> Answer:
    await hybrid.move(stage)
    body = f'{{"refresh_token": "{token}"}}'.encode()
    answer = await hybrid.ask("POST", "/auth/refresh", headers={**JSON, "user-agent": agent}, body=body)
    assert answer.headers["x-served-by"] == stage.value
    return answer


@pytest.mark.parametrize(("here", "there"), [(Stage.LEGACY, Stage.MODERN), (Stage.MODERN, Stage.LEGACY)])
async def test_rotation_and_replay_across_the_sides(hybrid: Hybrid, here: Stage, there: Stage) -> None:
    await hybrid.move(here)
    first = (await hybrid.ask("POST", "/auth/login", headers=JSON, body=GRANT)).json
    second = (await refresh(hybrid, there, first["refresh_token"])).json
    again = await refresh(hybrid, here, first["refresh_token"])
    assert again.status == 409
    third = (await refresh(hybrid, here, second["refresh_token"])).json
    headers = {**JSON, "authorization": f"Bearer {third['access_token']}"}
    assert (await hybrid.ask("GET", "/auth/me", headers=headers)).json["user"]["username"] == "anna"
    assert (await refresh(hybrid, there, second["refresh_token"], "a thief")).status == 401
    for stage in (here, there):
        await hybrid.move(stage)
        assert (await hybrid.ask("GET", "/auth/me", headers=headers)).status == 401
        assert (await refresh(hybrid, stage, third["refresh_token"])).status == 401
