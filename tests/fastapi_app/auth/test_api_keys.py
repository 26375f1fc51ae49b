"""API keys: shown once, never more than their user, and never in a log."""

import io
import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import structlog
from sqlalchemy import select

from fastapi_app.auth.keys import rules
from fastapi_app.logs import Redaction, configure_logs
from fastapi_app.models import ApiKey, AuditEvent, User, UserRole, now
from tests.fastapi_app.auth.test_tokens import REFUSED, bearer, change, events, granted
from tests.fastapi_app.conftest import Client, as_json
from tests.fastapi_app.library import artist, log_in, user

pytestmark = pytest.mark.anyio
Rows = Callable[..., None]


def bring(key: str) -> dict[str, str]:
    return {"x-api-key": key}


def both_ways(key: str) -> list[dict[str, Any]]:
    return [{"headers": bring(key)}, {"params": {"apikey": key}}]


async def created(client: Client, **members: Any) -> tuple[str, dict[str, Any]]:
    """A new key of whoever is logged in, and its row as the answer tells it."""
    answer = await client.post("/api/keys", json={"name": "a player", **members})
    assert answer.status_code == 201, answer.text
    return answer.json()["key"], answer.json()["api_key"]


async def test_a_key_opens_what_its_role_may(client: Client, rows: Rows) -> None:
    rows(user(role=UserRole.MANAGER), artist())
    await log_in(client)
    key, told = await created(client, role="USER")
    assert told["prefix"] == key[:12]
    assert (told["role"], told["last_used_at"], told["expires_at"]) == ("USER", None, None)
    client.cookies.clear()
    for options in both_ways(key):
        assert (await client.put("/api/artists/1", json={"keywords": []}, **options)).status_code == 200
        assert (await client.delete("/api/artists/1", **options)).status_code == 403
        me = (await client.get("/auth/me", **options)).json()
        assert (me["via"], me["user"]["role"], me["user"]["can_delete"]) == ("key", "USER", False)
    assert (await client.get("/api/artists/1", params={"APIKEY": key})).status_code == 401


async def test_a_key_is_never_more_than_its_user(client: Client, rows: Rows) -> None:
    rows(user(role=UserRole.MANAGER))
    await log_in(client)
    key, _told = await created(client, role="MANAGER")
    assert (await client.post("/api/keys", json={"name": "x", "role": "ADMIN"})).status_code == 403
    client.cookies.clear()
    assert (await client.delete("/api/artists/9", headers=bring(key))).status_code == 404
    await change(client, User, role=UserRole.READONLY)
    assert (await client.delete("/api/artists/9", headers=bring(key))).status_code == 403


async def test_an_administrator_s_key_administers_and_makes_no_keys(client: Client, rows: Rows) -> None:
    rows(user(role=UserRole.ADMIN), user(2, "otto"))
    await log_in(client)
    key, told = await created(client, role="ADMIN")
    client.cookies.clear()
    assert (await client.get("/api/keys?user_id=all", headers=bring(key))).json()["total"] == 1
    assert (await client.post("/api/keys", json={"name": "x"}, headers=bring(key))).status_code == 403
    assert (await client.delete(f"/api/keys/{told['id']}", headers=bring(key))).status_code == 403
    assert (await client.post("/auth/token", headers=bring(key))).status_code == 403
    assert (await client.get("/auth/session", headers=bring(key))).status_code == 404


@pytest.mark.parametrize(
    ("model", "values"),
    [
        (ApiKey, {"revoked_at": now()}),
        (ApiKey, {"expires_at": now() - timedelta(seconds=1)}),
        (ApiKey, {"key_hash": "0" * 64}),
        (User, {"is_active": False}),
    ],
    ids=["revoked", "expired", "another key", "inactive user"],
)
async def test_a_key_that_ended_is_refused(
    open_client: Client, rows: Rows, model: type[Any], values: dict[str, object]
) -> None:
    rows(user(), artist())
    await log_in(open_client)
    key, _told = await created(open_client)
    open_client.cookies.clear()
    await change(open_client, model, **values)
    for options in both_ways(key):
        answer = await open_client.get("/api/artists/1", **options)
        assert (answer.status_code, answer.json()) == (401, REFUSED)
    assert (await events(open_client))[-2:] == ["api_key_created", "api_key_refused"]


@pytest.mark.parametrize(
    "key", ["", "x", "mvk_", "mvk_" + "A" * 43, "mvk_" + "A" * 10_000, "' OR 1=1 --", "é"], ids=ascii
)
async def test_a_wrong_key_is_refused_and_never_anonymous(open_client: Client, rows: Rows, key: str) -> None:
    rows(artist())
    answer = await open_client.get("/api/artists/1", headers=[(b"x-api-key", key.encode("latin-1"))])
    assert (answer.status_code, answer.json()) == (401, REFUSED)
    assert (await open_client.get("/videos", params={"apikey": key})).status_code == 401
    assert (await open_client.get("/api/artists/1")).status_code == 200


async def test_only_its_hash_is_kept(client: Client, rows: Rows) -> None:
    rows(user())
    await log_in(client)
    key, told = await created(client)
    async with client.state["database"].reading() as session:
        row = await session.get_one(ApiKey, told["id"])
        trail = list(await session.scalars(select(AuditEvent)))
    assert row.key_hash == rules.hashed(key)
    listed = await client.get("/api/keys")
    assert listed.json() == {"keys": [told], "total": 1}
    for text in (listed.text, str(vars(row)), *(str(vars(event)) for event in trail)):
        assert key not in text
        assert key[12:] not in text
    assert row.key_hash not in listed.text


async def test_keys_are_one_s_own(client: Client, rows: Rows) -> None:
    rows(user(), user(2, "otto"), user(3, "root", UserRole.ADMIN))
    await log_in(client)
    key, told = await created(client)
    await log_in(client, "otto")
    assert (await client.get("/api/keys")).json()["total"] == 0
    assert (await client.get("/api/keys?user_id=2")).json()["total"] == 0
    assert (await client.get("/api/keys?user_id=1")).status_code == 403
    assert (await client.get("/api/keys?user_id=all")).status_code == 403
    assert (await client.get("/api/keys?user_id=x")).status_code == 400
    assert (await client.delete(f"/api/keys/{told['id']}")).status_code == 404
    await log_in(client, "root")
    assert (await client.get("/api/keys?user_id=all")).json()["keys"][0]["username"] == "anna"
    assert (await client.get("/api/keys?user_id=1")).json()["total"] == 1
    assert (await client.delete(f"/api/keys/{told['id']}")).json()["success"] is True
    assert (await client.delete(f"/api/keys/{told['id']}")).status_code == 404
    assert (await client.delete(f"/api/keys/{'9' * 40}")).status_code == 404
    assert (await client.get("/api/keys?user_id=all")).json()["total"] == 0
    client.cookies.clear()
    assert (await client.get("/auth/me", headers=bring(key))).status_code == 401


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": ""},
        {"name": "  "},
        {"name": "x" * 81},
        {"name": "a\0b"},
        {"name": "a\nb"},
        {"name": ["x"]},
        {"name": "x", "role": "root"},
        {"name": "x", "role": 5},
        {"name": "x", "expires_at": "soon"},
        {"name": "x", "expires_at": 5},
        {"name": "x", "expires_at": "2020-01-01T00:00:00"},
        {"name": "x", "expires_at": "0001-01-01T00:00:00+23:59"},
        [],
        None,
    ],
    ids=str,
)
async def test_keys_that_can_not_be(client: Client, rows: Rows, body: object) -> None:
    rows(user())
    await log_in(client)
    assert (await client.post("/api/keys", **as_json(body))).status_code == 400
    assert (await client.get("/api/keys")).json()["total"] == 0


async def test_a_key_may_end_by_itself(client: Client, rows: Rows) -> None:
    rows(user())
    await log_in(client)
    _key, told = await created(client, expires_at="2099-01-01T01:00:00+01:00", role="readonly")
    assert (told["expires_at"], told["role"]) == ("2099-01-01T00:00:00", "READONLY")


async def test_the_use_of_a_key_is_noted_once_a_minute(client: Client, rows: Rows) -> None:
    rows(user(), artist())
    await log_in(client)
    key, _told = await created(client, role="USER")
    client.cookies.clear()
    for method in ("GET", "PUT"):
        await change(client, ApiKey, last_used_at=now() - timedelta(minutes=2), last_used_ip=None)
        client.queries.clear()
        for _again in range(3):
            answer = await client.request(method, "/api/artists/1", headers=bring(key), json={"keywords": []})
            assert answer.status_code == 200
        assert sum(query.startswith("UPDATE api_keys") for query in client.queries) == 1, client.queries
    async with client.state["database"].reading() as session:
        row = (await session.scalars(select(ApiKey))).one()
    assert row.last_used_at is not None
    assert now() - row.last_used_at < timedelta(minutes=1)
    assert row.last_used_ip == "127.0.0.1"


async def test_nobody_has_keys_without_end(client: Client, rows: Rows, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fastapi_app.auth.keys.rules.MOST_KEYS", 2)
    rows(user())
    await log_in(client)
    _key, first = await created(client)
    await created(client)
    assert (await client.post("/api/keys", json={"name": "x"})).status_code == 409
    await client.delete(f"/api/keys/{first['id']}")
    await created(client)


async def test_a_token_may_make_keys(client: Client, rows: Rows) -> None:
    rows(user())
    headers = bearer((await granted(client))["access_token"])
    assert (await client.post("/api/keys", json={"name": "x"}, headers=headers)).status_code == 201


async def test_an_open_gate_gives_nobody_keys(open_client: Client) -> None:
    for method, path in (("GET", "/api/keys"), ("POST", "/api/keys"), ("DELETE", "/api/keys/1")):
        assert (await open_client.request(method, path, json={"name": "x"})).status_code == 401


async def test_no_redirect_takes_a_key_along(client: Client, rows: Rows) -> None:
    rows(user())
    await log_in(client)
    key, _told = await created(client)
    client.cookies.clear()
    answer = await client.get(f"/api/artists?page=1&apikey={key}&per_page=2")
    assert (answer.status_code, answer.headers["location"]) == (
        308,
        "http://music.example.org/api/artists/?page=1&per_page=2",
    )
    assert key not in answer.text
    answer = await client.get(f"/auth/login?next=/videos&apikey={key}")
    assert answer.headers["location"] == "/videos"


async def test_no_log_and_no_metric_tells_a_key(client: Client, rows: Rows, capsys: pytest.CaptureFixture[str]) -> None:
    rows(user())
    await log_in(client)
    key, _told = await created(client)
    client.cookies.clear()
    configure_logs("DEBUG")
    for path in (f"/api/artists/1?apikey={key}", f"/nope?apikey={key}x", f"/api/artists?apikey={key}"):
        answer = await client.get(path)
        assert key not in answer.text
    structlog.get_logger("x").warning("odd", address=f"/x?apikey={key}", header=f"Bearer {key}")
    assert "api_key_refused" in (written := capsys.readouterr().err)
    configure_logs("ERROR")
    assert key not in written
    assert key not in (await client.get("/metrics")).text


@pytest.mark.parametrize("name", ["uvicorn.access", "gunicorn.access"])
def test_a_server_s_own_log_tells_no_key(name: str) -> None:
    configure_logs("INFO")
    configure_logs("INFO")
    logger, written = logging.getLogger(name), io.StringIO()
    assert sum(isinstance(one, Redaction) for one in logger.filters) == 1
    handler = logging.StreamHandler(written)
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        line = "GET /x?apikey=secret HTTP/1.1"
        logger.info('%s - "%s %s" %d', "127.0.0.1", "GET", "/x?a=1&apikey=secret", 200)
        logger.info("%(r)s %(s)s", {"r": line, "s": 200})
        logger.info(line)
    finally:
        logger.removeHandler(handler)
        logger.setLevel(logging.NOTSET)
        configure_logs("ERROR")
    assert "secret" not in written.getvalue()
    assert written.getvalue().count("apikey=********") == 3


def test_a_new_key_is_random_and_long() -> None:
    key = rules.new_key(lambda count: "A" * 43 if count == 32 else "")
    assert rules.is_key(key)
