"""What the login routes read from a browser, and what they leave in its cookie."""

from fastapi import Request

from fastapi_app.audit.record import origin_of
from fastapi_app.auth.cookies import PERMANENT, BrowserSession
from fastapi_app.auth.outcome import Client, Login
from fastapi_app.auth.pending import PendingLogin, read, written
from fastapi_app.auth.sessions import TOKEN_KEY, USER_KEY
from fastapi_app.models import now


def browser_of(request: Request) -> BrowserSession:
    session: BrowserSession = request.scope["session"]
    return session


def client_of(request: Request) -> Client:
    """Where the request comes from, and the login that the browser had before."""
    token = browser_of(request).get(TOKEN_KEY)
    origin = origin_of(request)
    return Client(origin.ip, origin.agent, token if isinstance(token, str) else "", origin.request_id)


def keep_login(request: Request, login: Login, *, permanent: bool) -> None:
    """The cookie of a new login; nothing from before survives it. A permanent one lasts a day from its last use."""
    content = {TOKEN_KEY: login.token, USER_KEY: login.user.id}
    browser_of(request).replace({PERMANENT: True, **content} if permanent else content)


def keep_pending(request: Request, pending: PendingLogin) -> None:
    """The note that the password was right. It proves no login."""
    browser_of(request).replace(written(pending, now()))


def pending_of(request: Request) -> PendingLogin | None:
    return read(browser_of(request).get, now())
