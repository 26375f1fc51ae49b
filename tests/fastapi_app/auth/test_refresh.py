"""Refreshing: each token counts once, and whoever uses one again ends the login. Bad tokens fill no table."""

from collections.abc import Callable
from datetime import datetime, timedelta

import anyio
import httpx2
import pytest
from sqlalchemy import select

from fastapi_app.auth.refresh import Use, use
from fastapi_app.auth.refusals import Refusals
from fastapi_app.auth.tokens import Claims, TokenKind
from fastapi_app.models import (
    RefreshToken,
    SessionStatus,
    now,
)
from tests.fastapi_app.auth.test_tokens import REFUSED, bearer, change, events, granted, login_row, refresh, sent
from tests.fastapi_app.conftest import Client, as_json
from tests.fastapi_app.library import log_in, user

pytestmark = pytest.mark.anyio
Rows = Callable[..., None]


@pytest.mark.parametrize("as_form", [False, True])
async def test_a_refresh_token_counts_once(client: Client, rows: Rows, as_form: bool) -> None:
    rows(user())
    first = await granted(client)
    body = {"refresh_token": first["refresh_token"], "grant_type": "refresh_token"}
    answer = await client.post("/auth/refresh", **sent(body, as_form=as_form))
    second = answer.json()
    assert answer.headers["cache-control"] == "no-store"
    assert second["refresh_token"] != first["refresh_token"]
    for token in (first["access_token"], second["access_token"]):
        assert (await client.get("/auth/me", headers=bearer(token))).status_code == 200
    third = (await refresh(client, second["refresh_token"])).json()
    assert (await client.get("/auth/me", headers=bearer(third["access_token"]))).status_code == 200


async def test_a_replay_ends_the_family(client: Client, rows: Rows) -> None:
    rows(user())
    first = await granted(client)
    second = (await refresh(client, first["refresh_token"])).json()
    await change(client, RefreshToken, used_at=now() - timedelta(seconds=11))
    answer = await refresh(client, first["refresh_token"])
    assert (answer.status_code, answer.json()) == (401, REFUSED)
    assert (await login_row(client)).status is SessionStatus.REVOKED
    assert (await client.get("/auth/me", headers=bearer(second["access_token"]))).status_code == 401
    assert (await refresh(client, second["refresh_token"])).status_code == 401
    assert await events(client) == ["login", "tokens_issued", "token_replayed", "token_refused"]


async def test_a_thief_is_not_taken_for_the_client_that_sends_twice(client: Client, rows: Rows) -> None:
    rows(user())
    first = await granted(client)
    assert (await refresh(client, first["refresh_token"])).status_code == 200
    again = await refresh(client, first["refresh_token"])
    assert (again.status_code, "error" in again.json()) == (409, True)
    assert (await login_row(client)).status is SessionStatus.ACTIVE
    client.headers["user-agent"] = "somebody else"
    assert (await refresh(client, first["refresh_token"])).status_code == 401
    assert (await login_row(client)).status is SessionStatus.REVOKED


async def test_of_refreshes_at_once_one_wins_and_nobody_is_logged_out(client: Client, rows: Rows) -> None:
    rows(user())
    token = (await granted(client))["refresh_token"]
    answers: list[httpx2.Response] = []

    async def once() -> None:
        answers.append(await refresh(client, token))

    async with anyio.create_task_group() as group:
        for _client in range(6):
            group.start_soon(once)
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409, 409, 409]
    won = next(answer.json() for answer in answers if answer.status_code == 200)
    assert (await refresh(client, won["refresh_token"])).status_code == 200


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 401),
        ({"refresh_token": ""}, 401),
        ({"refresh_token": None}, 401),
        ({"refresh_token": "x"}, 401),
        ({"refresh_token": "x\0"}, 401),
        ({"refresh_token": 5}, 400),
        ({"refresh_token": ["x"]}, 400),
        ({"refresh_token": "x", "cookie": "yes"}, 401),
        ({"refresh_token": "x", "cookie": 7}, 400),
        ([], 400),
        (None, 400),
    ],
    ids=str,
)
async def test_refreshing_with_nothing_of_use(client: Client, body: object, status: int) -> None:
    answer = await client.post("/auth/refresh", **as_json(body))
    assert (answer.status_code, "error" in answer.json()) == (status, True)


async def test_a_refresh_token_whose_row_is_gone_or_expired_is_refused(client: Client, rows: Rows) -> None:
    rows(user())
    told = await granted(client)
    await change(client, RefreshToken, expires_at=now())
    assert (await refresh(client, told["refresh_token"])).status_code == 401
    signer = client.state["tokens"]
    unknown = signer.write(TokenKind.REFRESH, Claims(1, (await login_row(client)).id, "never issued"), now())
    assert (await refresh(client, unknown)).status_code == 401
    assert (await login_row(client)).status is SessionStatus.ACTIVE


async def test_ended_refresh_tokens_are_swept(client: Client, rows: Rows) -> None:
    rows(user())
    await log_in(client)
    await client.post("/auth/token")
    await change(client, RefreshToken, expires_at=now() - timedelta(seconds=1))
    await client.post("/auth/token")
    async with client.state["database"].reading() as session:
        assert len(list(await session.scalars(select(RefreshToken)))) == 1


async def test_a_flood_of_bad_tokens_fills_no_table(client: Client, rows: Rows) -> None:
    for _again in range(30):
        assert (await client.get("/api/artists/", headers=bearer("x"))).status_code == 401
    assert await events(client) == ["token_refused"]
    client.queries.clear()
    await client.get("/api/artists/", headers=bearer("x"))
    assert client.queries == []
    client.state["refusals"] = Refusals()  # another process
    await client.get("/api/artists/", headers=bearer("x"))
    assert await events(client) == ["token_refused"]


def test_refusals_are_remembered_for_a_minute_and_not_for_ever() -> None:
    refusals, at = Refusals(most=3), now()
    assert refusals.is_new("e", "192.0.2.1", at)
    assert not refusals.is_new("e", "192.0.2.1", at + timedelta(seconds=59))
    assert refusals.is_new("e", "192.0.2.1", at + timedelta(seconds=60))
    assert refusals.is_new("f", "192.0.2.1", at)
    assert refusals.is_new("e", "2001:db8::1", at)
    assert not refusals.is_new("e", "2001:db8::ffff", at)
    for number in range(9):
        assert refusals.is_new("e", f"198.51.100.{number}", at)
    assert refusals.is_new("e", "", at)
    assert len(refusals._recorded) == 3


@pytest.mark.parametrize(
    ("used_ago", "same", "found"),
    [
        (None, True, Use.ROTATED),
        (None, False, Use.ROTATED),
        (0, True, Use.DOUBLED),
        (10, True, Use.DOUBLED),
        (10.1, True, Use.REPLAYED),
        (0, False, Use.REPLAYED),
    ],
)
def test_what_a_used_token_comes_to(used_ago: float | None, same: bool, found: Use) -> None:
    at = now()
    used: datetime | None = None if used_ago is None else at - timedelta(seconds=used_ago)
    assert use(used, at, same_client=same) is found
