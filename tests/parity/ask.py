"""One request of the parity corpus."""

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import pyotp

from tests.golden.wire import Sent

JSON = "application/json"
CODE = "{code}"
"""In a body: the present code of the library's second factor."""
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Ask:
    """What is sent. `who` is a user that logs in first, empty for nobody.

    `tied` names the key of a list whose equal rows may come in any order: the legacy side has no second sort key.
    """

    method: str
    target: str
    body: bytes | None = None
    headers: tuple[tuple[str, str], ...] = ()
    who: str = ""
    tied: str = ""

    @property
    def name(self) -> str:
        """What a failure is told by."""
        body = "" if self.body is None else f" {self.body[:80]!r}"
        extra = "".join(f" {name}={value[:40]}" for name, value in self.headers if value != JSON)
        return f"{self.method} {self.target[:120]}{body}{extra} {self.who}".strip()

    def sent(self, cookie: str) -> Sent:
        cookies = (("Cookie", cookie),) if cookie else ()
        return Sent(self.method, self.target, (*self.headers, *cookies), self.body)


def timely(ask: Ask, secret: str) -> Ask:
    """`ask` with the code that an authenticator shows now."""
    if ask.body is None or CODE.encode() not in ask.body:
        return ask
    return replace(ask, body=ask.body.replace(CODE.encode(), pyotp.TOTP(secret).at(datetime.now(UTC)).encode()))


def get(target: str, who: str = "", tied: str = "", **headers: str) -> Ask:
    """A GET; headers as `if_range="…"`."""
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Ask("GET", target, None, named, who, tied)


def send(method: str, target: str, content: Any, who: str = "") -> Ask:
    """A request with a JSON body."""
    return Ask(method, target, json.dumps(content).encode(), (("Content-Type", JSON),), who)


def raw(method: str, target: str, content: bytes, content_type: str = JSON) -> Ask:
    headers = (("Content-Type", content_type),) if content_type else ()
    return Ask(method, target, content, headers)


def form(target: str, **values: str) -> Ask:
    return raw("POST", target, urlencode(values).encode(), FORM)
