"""API keys of the legacy side: shown once, never more than their user, and never in a log."""

import io
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from fastapi_app.models import ApiKey, AuditEvent, User, UserRole, now
from legacy_flask import api_keys
from legacy_flask.logs import Redaction, redact
from tests.legacy_flask.library import Library, artist
from tests.legacy_flask.test_tokens import REFUSED, change, events


def bring(key: str) -> dict[str, str]:
    return {"X-Api-Key": key}


def created(client: FlaskClient, **members: Any) -> tuple[str, dict[str, Any]]:
    answer = client.post("/api/keys", json={"name": "a player", **members})
    assert answer.status_code == 201, answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    told = answer.get_json()
    return told["key"], told["api_key"]


def test_a_key_opens_what_its_role_may(library: Library) -> None:
    library.add(artist(1))
    library.close_gate()
    key, told = created(library.log_in(UserRole.MANAGER), role="USER")
    assert (told["prefix"], told["role"], told["username"]) == (key[:12], "USER", "manager")
    client = library.client()
    for query, headers in (("", bring(key)), (f"?apikey={key}", {})):
        assert client.put(f"/api/artists/1{query}", json={"keywords": []}, headers=headers).status_code == 200
        assert client.delete(f"/api/artists/1{query}", headers=headers).status_code == 403
        me = client.get(f"/auth/me{query}", headers=headers).get_json()
        assert (me["via"], me["user"]["role"], me["user"]["can_delete"]) == ("key", "USER", False)
    change(library, User, role=UserRole.READONLY)
    assert client.put("/api/artists/1", json={"keywords": []}, headers=bring(key)).status_code == 403


def test_an_administrator_s_key_administers_and_makes_no_keys(library: Library) -> None:
    key, told = created(library.log_in(UserRole.ADMIN), role="ADMIN")
    client, headers = library.client(), bring(key)
    assert client.get("/api/keys?user_id=all", headers=headers).get_json()["total"] == 1
    assert client.post("/api/keys", json={"name": "x"}, headers=headers).status_code == 403
    assert client.delete(f"/api/keys/{told['id']}", headers=headers).status_code == 403
    assert client.post("/auth/token", headers=headers).status_code == 403
    assert client.get("/auth/session", headers=headers).status_code == 404


@pytest.mark.parametrize(
    ("model", "values"),
    [
        (ApiKey, {"revoked_at": now()}),
        (ApiKey, {"expires_at": now() - timedelta(seconds=1)}),
        (User, {"is_active": False}),
    ],
    ids=["revoked", "expired", "inactive user"],
)
def test_a_key_that_ended_is_refused(library: Library, model: type[Any], values: dict[str, object]) -> None:
    library.add(artist(1))
    key, _told = created(library.log_in(UserRole.USER))
    change(library, model, **values)
    for query, headers in (("", bring(key)), (f"?apikey={key}", {})):
        answer = library.client().get(f"/api/artists/1{query}", headers=headers)
        assert (answer.status_code, answer.get_json()) == (401, REFUSED)
    assert events(library)[-2:] == ["api_key_created", "api_key_refused"]


@pytest.mark.parametrize("key", ["", "x", "mvk_" + "A" * 43, "mvk_" + "A" * 10_000, "' OR 1=1 --"], ids=ascii)
def test_a_wrong_key_is_refused_and_never_anonymous(library: Library, key: str) -> None:
    library.add(artist(1))
    answer = library.client().get("/api/artists/1", headers=bring(key))
    assert (answer.status_code, answer.get_json()) == (401, REFUSED)
    assert library.client().get("/videos", query_string={"apikey": key}).status_code == 401


def test_only_its_hash_is_kept(library: Library) -> None:
    client = library.log_in(UserRole.USER)
    key, told = created(client)
    with library.writing() as session:
        row = session.get_one(ApiKey, told["id"])
        trail = [str(vars(event)) for event in session.query(AuditEvent)]
        assert row.key_hash == api_keys.digest(key)
        kept = str(vars(row))
    listed = client.get("/api/keys")
    assert listed.get_json() == {"keys": [told], "total": 1}
    assert not any(key[12:] in text for text in (kept, listed.text, *trail))


def test_keys_are_one_s_own(library: Library) -> None:
    key, told = created(library.log_in(UserRole.USER))
    other = library.log_in(UserRole.MANAGER)
    assert other.get("/api/keys").get_json()["total"] == 0
    assert other.get("/api/keys?user_id=1").status_code == 403
    assert other.get("/api/keys?user_id=all").status_code == 403
    assert other.get("/api/keys?user_id=x").status_code == 400
    assert other.delete(f"/api/keys/{told['id']}").status_code == 404
    root = library.log_in(UserRole.ADMIN)
    assert root.get("/api/keys?user_id=1").get_json()["keys"][0]["username"] == "user"
    assert root.delete(f"/api/keys/{told['id']}").get_json()["success"] is True
    assert root.delete(f"/api/keys/{told['id']}").status_code == 404
    assert root.delete(f"/api/keys/{'9' * 40}").status_code == 404
    assert library.client().get("/auth/me", headers=bring(key)).status_code == 401


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": "  "},
        {"name": "x" * 81},
        {"name": "a\0b"},
        {"name": "a\nb"},
        {"name": "x", "role": "root"},
        {"name": "x", "expires_at": "soon"},
        {"name": "x", "expires_at": 5},
        {"name": "x", "expires_at": "2020-01-01T00:00:00"},
        {"name": "x", "expires_at": "0001-01-01T00:00:00+23:59"},
        [],
    ],
    ids=str,
)
def test_keys_that_can_not_be(library: Library, body: object) -> None:
    client = library.log_in(UserRole.USER)
    answer = client.post("/api/keys", data=json.dumps(body), content_type="application/json")
    assert answer.status_code == 400
    assert library.count(ApiKey) == 0


def test_the_use_of_a_key_is_noted_once_a_minute(library: Library) -> None:
    library.add(artist(1))
    key, _told = created(library.log_in(UserRole.USER))
    earlier = now() - timedelta(minutes=2)
    change(library, ApiKey, last_used_at=earlier)
    for _again in range(2):
        assert library.client().get("/auth/me", headers=bring(key)).status_code == 200
    row = library.one(ApiKey, 1)
    assert row.last_used_at > earlier
    assert row.last_used_ip == "127.0.0.1"
    recently = now() - timedelta(seconds=30)
    change(library, ApiKey, last_used_at=recently)
    assert library.client().get("/auth/me", headers=bring(key)).status_code == 200
    assert library.one(ApiKey, 1).last_used_at == recently


def test_nobody_has_keys_without_end(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("legacy_flask.api_keys.MOST", 1)
    client = library.log_in(UserRole.USER)
    created(client)
    assert client.post("/api/keys", json={"name": "x"}).status_code == 409


def test_an_open_gate_gives_nobody_keys(library: Library) -> None:
    for method, path in (("GET", "/api/keys"), ("POST", "/api/keys"), ("DELETE", "/api/keys/1")):
        assert library.client().open(path, method=method, json={"name": "x"}).status_code == 401


def test_no_redirect_takes_a_key_along(library: Library) -> None:
    library.close_gate()
    key, _told = created(library.log_in(UserRole.USER))
    answer = library.client().get(f"/api/artists?page=1&apikey={key}&per_page=2")
    assert (answer.status_code, answer.headers["Location"]) == (308, "http://localhost/api/artists/?page=1&per_page=2")
    assert key not in answer.text


@contextmanager
def written(logger: logging.Logger) -> Iterator[io.StringIO]:
    text = io.StringIO()
    handler = logging.StreamHandler(text)
    logger.addHandler(handler)
    level, disabled = logger.level, logger.disabled
    logger.setLevel(logging.DEBUG)  # not the attribute: what the logger remembers of its level must go
    logger.disabled = False
    try:
        yield text
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
        logger.disabled = disabled


def test_the_application_s_log_tells_no_key(library: Library) -> None:
    key, _told = created(library.log_in(UserRole.USER))
    with written(library.app.logger) as log:
        library.client().get(f"/api/artists/9?apikey={key}")
        library.client().get(f"/api/artists/9?apikey={key}x")
        library.app.logger.warning("odd: %s", f"/x?apikey={key}")
    assert "api_key_refused" in log.getvalue()
    assert key not in log.getvalue()


@pytest.mark.parametrize("name", ["werkzeug", "gunicorn.access", "uvicorn.access"])
def test_a_server_s_own_log_tells_no_key(name: str) -> None:
    logger = logging.getLogger(name)
    redact(logger)
    redact(logger)
    assert sum(isinstance(one, Redaction) for one in logger.filters) == 1
    with written(logger) as log:
        logger.info('%s - "%s" %d', "127.0.0.1", "GET /x?apikey=secret HTTP/1.1", 200)
        logger.info("%(r)s %(s)s", {"r": "GET /x?apikey=secret HTTP/1.1", "s": 200})
        logger.info("GET /x?apikey=secret HTTP/1.1")
    assert "secret" not in log.getvalue()
    assert log.getvalue().count("apikey=********") == 3
