"""Who a request belongs to: what keeps a visitor on one side."""

import hmac
import logging
import os
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from hashlib import blake2b
from typing import TypeVar

from migration_flags import ANYONE, Visitor
from router.request import Request
from router.types import Scope
from router.visitor_cookie import ID_BYTES, NAME, VisitorCookie, cookie_values, derived_key

Identify = Callable[[Scope], str | Visitor | None]

REMEMBERED = 10_000
"""Visitors kept in mind, by the digest of what they sent."""
FRESH = 60.0
"""Seconds that a visitor is known without asking again: a login may end."""

_USER = "user:"
_Key = TypeVar("_Key")
_Value = TypeVar("_Value")

logger = logging.getLogger(__name__)


class Identity:
    """Asks ``identify``, then the router's own cookie, then Authorization. Without a secret, only the first.

    No I/O. Who presents a credential is remembered by the digest of it: of Cookie, Authorization and X-Api-Key. Others
    are asked for each time: ``identify`` may go by something else. ``flips`` counts visitors who became somebody else
    for the buckets, as at a login; ``failures`` counts what ``identify`` raised.
    """

    def __init__(
        self,
        identify: Identify | None,
        clock: Callable[[], float] = time.monotonic,
        chance: Callable[[int], bytes] = os.urandom,
    ) -> None:
        self._identify = identify
        self._clock = clock
        self._chance = chance
        self._cookie: VisitorCookie | None = None
        self._key: bytes | None = None
        self._known: OrderedDict[bytes, tuple[Visitor, float]] = OrderedDict()
        self._last_units: OrderedDict[str, str] = OrderedDict()
        self.flips = 0
        self.failures = 0

    def trust(self, secret: str | bytes) -> None:
        """From now on visitors without a name get a cookie, and a client with Authorization is one visitor."""
        self._cookie = VisitorCookie(derived_key(secret, b"visitor"))
        self._key = derived_key(secret, b"authorization")

    def visitor(self, scope: Scope, request: Request) -> Visitor:
        """The visitor of a request, `ANYONE` where nothing is known."""
        if self._identify is None and self._cookie is None:
            return ANYONE
        credentials = request.credentials
        if not credentials:
            return self._find(scope, request)
        digest = blake2b(credentials, digest_size=16).digest()
        known, now = self._known.get(digest), self._clock()
        if known is not None and now < known[1]:
            return known[0]
        visitor = self._find(scope, request)
        _remember(self._known, digest, (visitor, now + FRESH))
        return visitor

    def introduction(self, scope: Scope) -> tuple[bytes, bytes] | None:
        """The Set-Cookie header for a visitor without a unit; None without a secret."""
        return None if self._cookie is None else self._cookie.header(self._chance(ID_BYTES), scope)

    def _find(self, scope: Scope, request: Request) -> Visitor:
        named = self._named(scope)
        cookie = self._own(request.cookie)
        if cookie is not None:
            self._note(cookie, named.unit or cookie)
        if named.unit is not None:
            return named
        return replace(named, unit=cookie or self._authorized(request.authorization))

    def _named(self, scope: Scope) -> Visitor:
        if self._identify is None:
            return ANYONE
        try:
            found = self._identify(scope)
        except Exception:  # the application's edge: a visitor that can't be told is nobody, and served by legacy
            self.failures += 1
            if self.failures == 1:
                logger.exception("identify raised; its visitors are nobody. Said once.")
            return ANYONE
        if found is None or isinstance(found, Visitor):
            return found or ANYONE
        return Visitor(unit=found, user=found.removeprefix(_USER) if found.startswith(_USER) else None)

    def _own(self, cookie: bytes) -> str | None:
        if self._cookie is None:
            return None
        ids = (self._cookie.read(value) for value in cookie_values(cookie, NAME))
        return next((f"visitor:{found}" for found in ids if found is not None), None)

    def _authorized(self, authorization: bytes) -> str | None:
        if self._key is None or not authorization:
            return None
        return "auth:" + hmac.digest(self._key, authorization, "sha256")[:16].hex()

    def _note(self, cookie: str, unit: str) -> None:
        if self._last_units.get(cookie, cookie) != unit:
            self.flips += 1
        _remember(self._last_units, cookie, unit)


def _remember(known: OrderedDict[_Key, _Value], key: _Key, value: _Value) -> None:
    known[key] = value
    known.move_to_end(key)
    if len(known) > REMEMBERED:
        known.popitem(last=False)
