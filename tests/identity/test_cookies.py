"""Cookies that are not ours, not any more, or not whole: nobody, on both sides, and never an error."""

import base64
import hashlib
import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import Signer, TimestampSigner

from fastapi_app.auth.cookies import CookieSigner
from fastapi_app.secret_key import PUBLISHED
from migration_flags import Stage
from tests.identity.people import sent
from tests.legacy_flask.hybrid import Hybrid, started
from tests.parity.library import SECRET, Library

pytestmark = pytest.mark.anyio

NAME = "mvidarr_session"
FALLBACK = "an older key that still counts 123"
DROPPED = "a key that was dropped long ago 123"
BOTH = pytest.mark.parametrize("stage", [Stage.LEGACY, Stage.MODERN])


@pytest.fixture
async def rotated(library: Library) -> AsyncIterator[Hybrid]:
    """An installation that changed its key and still takes the one before."""
    config = library.config.model_copy(update={"secret_key_fallbacks": (_secret(FALLBACK),)})
    async with started(Library(config, library.environment)) as hybrid:
        yield hybrid


def _secret(text: str) -> Any:
    return type("Secret", (), {"get_secret_value": lambda _self: text})()


async def content(hybrid: Hybrid) -> tuple[str, dict[str, Any]]:
    """A fresh login: its cookie, and what is in it."""
    value = (await hybrid.log_in("anna")).partition("=")[2]
    return value, CookieSigner([SECRET]).read(value)


async def is_known(hybrid: Hybrid, value: str, name: str = NAME) -> bool:
    """Whether this cookie is somebody. It must be an orderly answer in any case."""
    answer = await sent(hybrid, "GET", "/auth/check", {"cookie": f"{name}={value}"})
    assert answer.status == 200
    guarded = await sent(hybrid, "GET", "/api/artists/", {"cookie": f"{name}={value}"})
    assert guarded.status == (200 if answer.json["authenticated"] else 401)
    return bool(answer.json["authenticated"])


@BOTH
async def test_every_change_of_a_character_voids_it(hybrid: Hybrid, stage: Stage) -> None:
    await hybrid.move(stage)
    value, _ = await content(hybrid)
    assert await is_known(hybrid, value)
    for place in range(0, len(value) - 1, 7):
        other = "A" if value[place] != "A" else "B"
        assert not await is_known(hybrid, value[:place] + other + value[place + 1 :]), place


@BOTH
async def test_parts_and_monsters_are_nobody(hybrid: Hybrid, stage: Stage) -> None:
    await hybrid.move(stage)
    value, _ = await content(hybrid)
    head, stamp, signature = value.rsplit(".", 2)
    broken = [
        *(value[:length] for length in (0, 1, len(head), len(value) - 1)),
        f"{head}..{signature}",
        f"{head}.{stamp}.",
        f".{stamp}.{signature}",
        f"{head}.{stamp}.{signature}.{signature}",
        value.lower(),
        value + "x" * 60_000,
        "x" * 60_000,
        "." * 5_000,
        "é\x00\x7f",
        "%00%0d%0a",
        json.dumps({"user_id": 1}),
        base64.urlsafe_b64encode(json.dumps({"user_id": 1}).encode()).decode(),
    ]
    for one in broken:
        assert not await is_known(hybrid, one), one[:80]


@BOTH
async def test_another_cookies_name_is_no_login(hybrid: Hybrid, stage: Stage) -> None:
    await hybrid.move(stage)
    value, _ = await content(hybrid)
    for name in ("session", "sessionid", "Mvidarr_Session", "mvidarr_session2", "mvidarr_token", "mvidarr_refresh"):
        assert not await is_known(hybrid, value, name)


@BOTH
async def test_a_key_before_counts_until_it_is_dropped(rotated: Hybrid, stage: Stage) -> None:
    await rotated.move(stage)
    value, inside = await content(rotated)
    assert await is_known(rotated, value)
    assert await is_known(rotated, CookieSigner([FALLBACK]).write(inside))
    for key in (DROPPED, "", "secret", *PUBLISHED):
        assert not await is_known(rotated, CookieSigner([key]).write(inside))


@BOTH
async def test_cookies_of_other_programs_are_not_ours(hybrid: Hybrid, stage: Stage) -> None:
    """Even when they share our key and carry the content of a login."""
    await hybrid.move(stage)
    _, inside = await content(hybrid)
    for name, value in foreign(inside).items():
        assert not await is_known(hybrid, value), name


def foreign(inside: Mapping[str, Any]) -> dict[str, str]:
    text = json.dumps(inside, separators=(",", ":")).encode()
    packed = base64.b64encode(text)
    plain = base64.urlsafe_b64encode(text).rstrip(b"=")
    django = Signer(
        SECRET, salt="django.contrib.sessions.backends.signed_cookies", sep=":", digest_method=hashlib.sha256
    )
    return {
        "Starlette": TimestampSigner(SECRET).sign(packed).decode(),
        "Django": django.sign(plain + b":1abcde").decode(),
        "Flask with another salt": _flask_with_salt("another-salt", inside),
        "Flask with another digest": CookieSignerOfSHA256().write(inside),
        "itsdangerous alone": Signer(SECRET).sign(plain).decode(),
        "no signature": plain.decode(),
        "a token": f"{plain.decode()}.{plain.decode()}.{plain.decode()}",
    }


def _flask_with_salt(salt: str, inside: Mapping[str, Any]) -> str:
    app = Flask("another")
    app.secret_key = SECRET
    interface = SecureCookieSessionInterface()
    interface.salt = salt
    serializer = interface.get_signing_serializer(app)
    assert serializer is not None
    return str(serializer.dumps(dict(inside)))


class CookieSignerOfSHA256(SecureCookieSessionInterface):
    """Flask's own cookie, were its digest another."""

    digest_method = staticmethod(hashlib.sha256)

    def write(self, inside: Mapping[str, Any]) -> str:
        app = Flask("another")
        app.secret_key = SECRET
        serializer = self.get_signing_serializer(app)
        assert serializer is not None
        return str(serializer.dumps(dict(inside)))


@BOTH
async def test_a_signed_cookie_without_a_live_login_is_nobody(hybrid: Hybrid, stage: Stage) -> None:
    """Our key alone opens nothing: the login is a row. 0.9's own single-user cookie is none either."""
    await hybrid.move(stage)
    signer = CookieSigner([SECRET])
    contents: list[dict[str, Any]] = [
        {"user_id": 1},
        {"authenticated": True, "username": "root", "role": "ADMIN"},
        {"session_token": "x" * 43, "user_id": 1},
        {"session_token": ["x"], "user_id": 1},
        {"session_token": "%", "user_id": 1},
        {"session_token": True},
        {"session_token": {"a": 1}},
        {"session_token": "x" * 4000},
    ]
    for one in contents:
        assert not await is_known(hybrid, signer.write(one)), one


@BOTH
async def test_nothing_from_before_a_login_survives_it(hybrid: Hybrid, stage: Stage) -> None:
    await hybrid.move(stage)
    planted = CookieSigner([SECRET]).write({"note": "planted", "user_id": 1, "session_token": "x" * 43})
    for door in ("/auth/login", "/simple-login"):
        body = {"username": "anna", "password": "Correct-Horse1!"}
        answer = await sent(hybrid, "POST", door, {"cookie": f"{NAME}={planted}"}, body)
        kept = CookieSigner([SECRET]).read(answer.headers["set-cookie"].partition(";")[0].partition("=")[2])
        assert set(kept) <= {"session_token", "user_id", "_permanent"}
        assert kept["session_token"] != "x" * 43
