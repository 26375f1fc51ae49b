"""The login cookie: Flask's own, marked Secure where the request came over https."""

from collections.abc import Callable, Sequence
from datetime import timedelta

from flask import Flask, request
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import URLSafeTimedSerializer

NAME = "mvidarr_session"
ACCESS_COOKIE = "mvidarr_token"
REFRESH_COOKIE = "mvidarr_refresh"
LIFETIME = timedelta(hours=24)


class LoginCookie(SecureCookieSessionInterface):
    """Flask's signed cookie. The keys are asked for when the first one is read or written."""

    def __init__(self, secret_keys: Callable[[], Sequence[str]]) -> None:
        self._secret_keys = secret_keys

    def get_cookie_secure(self, app: Flask) -> bool:
        del app
        return request.is_secure

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        if not app.secret_key:
            *older, newest = self._secret_keys()
            app.config["SECRET_KEY_FALLBACKS"] = older[::-1]
            app.config["SECRET_KEY"] = newest
        return super().get_signing_serializer(app)


def install(app: Flask, secret_keys: Callable[[], Sequence[str]]) -> None:
    """`secret_keys` gives them from the oldest to the newest, which signs."""
    app.session_interface = LoginCookie(secret_keys)
    app.config.update(
        SESSION_COOKIE_NAME=NAME,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=LIFETIME,
    )
