"""Requests about passwords, resets, and the second step of a login. They end with the passwords that there were."""

from collections.abc import Iterator

from tests.parity.ask import Ask, form, get, send
from tests.parity.library import PASSWORD
from tests.parity.values import VALUES

_CHANGE, _RESET, _VERIFY = "/auth/change-password", "/auth/reset-password", "/2fa/api/verify-login"
_NEW = "Another-Horse2!"


def reads() -> Iterator[Ask]:
    """The pages, and who may see the name of the single account."""
    for who in ("", "reader", "root"):
        yield get("/auth/credentials", who)
        yield get("/2fa/verify", who)
        yield get("/2fa/verify?user_id=1", who)
        yield get(f"{_RESET}?token=x&error=%3Cb%3E", who)
        for path in (_CHANGE, _RESET, _VERIFY, "/auth/credentials", "/api/api/users/2/reset-password"):
            yield Ask("OPTIONS", path, who=who)


def writes() -> Iterator[Ask]:
    """Everything that is refused, then a change."""
    for value in VALUES:
        yield send("POST", _CHANGE, {"current_password": value, "new_password": "short"}, "reader")
        yield send("POST", _CHANGE, {"current_password": PASSWORD, "new_password": value}, "reader")
        yield send("POST", "/auth/credentials", {"username": value, "password": _NEW}, "reader")
        yield send("POST", "/auth/credentials", {"username": "ab", "password": value}, "root")
        yield send("POST", _VERIFY, {"user_id": value, "token": "123456"})
        yield send("POST", _VERIFY, {"user_id": 1, "token": value})
        yield send("POST", _RESET, {"token": value, "new_password": "short"})
    for who in ("", "reader", "anna"):
        yield send("POST", "/auth/credentials/reset", {}, who)
        yield send("POST", "/api/api/users/2/reset-password", {}, who)
    for number in ("0", "999999", "x", "9" * 30):
        yield send("POST", f"/api/api/users/{number}/reset-password", {}, "root")
    yield send("POST", "/auth/credentials", {"username": "anna", "password": _NEW}, "root")
    yield send("POST", _RESET, {"token": "guess", "new_password": _NEW})
    yield form(_RESET, token="guess", new_password=_NEW)
    yield form(_RESET, token="", new_password="")
    yield form(_VERIFY, token="")
    yield form(_VERIFY, token="123456")
    yield send("POST", _CHANGE, {"current_password": "wrong", "new_password": _NEW}, "reader")
    for old, new in ((PASSWORD, _NEW), (_NEW, PASSWORD)):
        yield send("POST", _CHANGE, {"current_password": old, "new_password": new}, "reader")
    yield send("POST", "/api/api/users/2/reset-password", {}, "root")
    yield send("POST", "/auth/credentials/reset", {}, "root")
    yield send("POST", "/auth/credentials", {"username": "root", "password": PASSWORD}, "root")
