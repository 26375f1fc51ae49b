"""Requests about tokens, API keys, and who it is that asks."""

import hmac
import json
from collections.abc import Iterator
from datetime import UTC
from hashlib import sha256
from pathlib import Path
from typing import Any

from jose import jwt

from tests.parity.ask import FORM, JSON, Ask, form, get, raw, send
from tests.parity.library import CREATED, PASSWORD, REFRESH_ID, REFRESHED, SECRET
from tests.parity.values import VALUES

_BAD: list[dict[str, Any]] = [
    case
    for case in json.loads((Path(__file__).parents[1] / "vectors/tokens.json").read_text("utf-8"))["cases"]
    if case["claims"] is None and case["token"].isascii()
]
_KEY = "mvk_" + "A" * 43
_WHO = ("", "reader", "anna", "root")


def reads() -> Iterator[Ask]:
    """Nothing of this changes the library, but that bad credentials are noted once."""
    for who in _WHO:
        for path in ("/auth/me", "/auth/status", "/auth/session", "/auth/check", "/api/keys"):
            yield get(path, who)
            yield get(path, who, content_type="application/json")
            yield Ask("HEAD", path, who=who)
        for query in ("?user_id=1", "?user_id=all", "?user_id=x", "?user_id=0", "?user_id=999"):
            yield get(f"/api/keys{query}", who)
    for target in ("/auth/me/", "/auth/session/", "/api/keys/", "/api/keys/1", "/auth/token", "/auth/refresh"):
        yield get(target)
        yield Ask("OPTIONS", target)
    yield from _bad_credentials()


def writes() -> Iterator[Ask]:
    """Keys made and revoked, tokens issued, and what is no body for either."""
    for who in _WHO:
        yield Ask("POST", "/auth/token", None, (), who)
        yield send("POST", "/auth/token", {"cookie": True}, who)
        for role in ("ADMIN", "user", "READONLY", None):
            yield send("POST", "/api/keys", {"name": f"{who}'s", "role": role}, who)
    for name in ("name", "role", "expires_at"):
        for value in VALUES:
            yield send("POST", "/api/keys", {"name": "player", name: value}, "anna")
    for moment in ("2099-01-01", "2099-01-01T00:00:00Z", "2099-01-01T00:00:00.5+05:30", "1999-01-01", "20990101"):
        yield send("POST", "/api/keys", {"name": "player", "expires_at": moment}, "anna")
    for value in VALUES:
        yield send("POST", "/auth/token", {"cookie": value}, "anna")
        yield send("POST", "/auth/refresh", {"cookie": value})
    yield get("/api/keys", "anna")
    yield get("/api/keys?user_id=all", "root")
    for who, target in (("anna", "1"), ("root", "1"), ("anna", "3"), ("anna", "999"), ("anna", "9" * 30), ("", "2")):
        yield Ask("DELETE", f"/api/keys/{target}", who=who)
    grant = {"username": "anna", "password": PASSWORD, "grant_type": "password"}
    yield send("POST", "/auth/login", grant)
    yield form("/auth/login", **grant)
    yield form("/auth/login", **{**grant, "password": ""})
    yield form("/simple-login", **grant)
    for agent in ("a player", "a player", "a thief"):
        headers = (("Content-Type", JSON), ("User-Agent", agent))
        yield Ask("POST", "/auth/refresh", json.dumps({"refresh_token": refresh_token()}).encode(), headers)
    before = (("Content-Type", JSON), ("Cookie", "mvidarr_token=of; mvidarr_refresh=another"))
    yield Ask("POST", "/auth/login", json.dumps({**grant, "grant_type": ""}).encode(), before)
    yield from _bad_refreshes()


def refresh_token() -> str:
    """The one that the library knows. It lasts, so that it is the same on both sides."""
    key = hmac.digest(SECRET.encode(), b"mvidarr access token", "sha256")
    issued = int(CREATED.replace(tzinfo=UTC).timestamp())
    content = {"iss": "mvidarr", "aud": "mvidarr", "typ": "refresh", "sub": "3", "sid": REFRESHED, "jti": REFRESH_ID}
    moments = {"iat": issued, "nbf": issued, "exp": issued + 10**9}
    return jwt.encode({**content, **moments}, key, headers={"kid": sha256(key).hexdigest()[:16]})


def _bad_credentials() -> Iterator[Ask]:
    """One after the other, because the audit trail notes the first within a minute."""
    for token in ("", "x", *(case["token"] for case in _BAD)):
        yield get("/api/artists/1", authorization=f"Bearer {token}")
    for path in ("/auth/me", "/auth/check", "/auth/status", "/simple-login", "/videos", "/nope", "/api/artists"):
        yield get(path, authorization="bearer x")
        yield get(path, x_api_key=_KEY)
        yield get(f"{path}?apikey={_KEY}&page=1")
    for key in ("", "x", "mvk_"):
        yield get("/api/artists/1", x_api_key=key)
        yield get(f"/api/artists/1?apikey={key}")
    yield get("/auth/me", "anna", authorization="Basic cHJveHk6eA==")
    yield get("/auth/me", "anna", authorization="Bearer x")
    yield get("/auth/me?apikey=x", "anna")


def _bad_refreshes() -> Iterator[Ask]:
    """One after the other, for the same reason."""
    for value in (*VALUES, "x", *(case["token"] for case in _BAD if case["kind"] == "refresh")):
        yield send("POST", "/auth/refresh", {"refresh_token": value})
    yield raw("POST", "/auth/refresh", b"refresh_token=x&cookie=true", FORM)
    yield raw("POST", "/auth/refresh", b"", "")
    yield Ask("POST", "/auth/refresh", None, (("Cookie", "mvidarr_refresh=x.y.z"),))
    yield Ask("POST", "/auth/logout", None, (("Cookie", "mvidarr_refresh=x; mvidarr_token=y"),))
