"""Which role asks: remembered for a while, so that an application that must look it up is seldom asked."""

import asyncio
import hashlib
import inspect
import re
import secrets
from collections import OrderedDict
from collections.abc import Awaitable, Callable

from router.parity.recording import NOBODY
from router.types import Scope

Who = Callable[[Scope], str | Awaitable[str | None] | None]
"""The role that asks, as the logins of the rehearsal are called; None: nobody who logged in. It may be async."""

SOMEBODY = "user"
WITHIN = 1.0
"""Seconds for an answer: the visitor's next request on the connection may wait for it."""
FRESH = 60.0
"""Seconds that an answer holds."""
_REMEMBERED = 1000
_CREDENTIALS = frozenset({b"cookie", b"authorization", b"x-api-key"})
_LABEL = re.compile(r"[a-z][a-z0-9_-]{0,31}")


def somebody(scope: Scope) -> str | None:
    """Whether anybody: that is all that can be told without knowing the application."""
    return SOMEBODY if _presented(scope) else None


class Roles:
    """Keeps no credential: a keyed digest of it. Raises what ``who`` raises, and TimeoutError."""

    def __init__(self, who: Who, clock: Callable[[], float]) -> None:
        self._who = who
        self._clock = clock
        self._key = secrets.token_bytes(32)
        self._known: OrderedDict[bytes, tuple[str, float]] = OrderedDict()

    async def role(self, scope: Scope) -> str:
        presented = _presented(scope)
        if not presented:
            return await self._asked(scope)
        digest = hashlib.blake2b(presented, key=self._key, digest_size=16).digest()
        known = self._known.get(digest)
        if known is not None and self._clock() - known[1] < FRESH:
            return known[0]
        role = await self._asked(scope)
        self._known[digest] = (role, self._clock())
        if len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
        return role

    async def _asked(self, scope: Scope) -> str:
        told = self._who(scope)
        if inspect.isawaitable(told):
            async with asyncio.timeout(WITHIN):
                told = await told
        return label(told)


def label(told: str | None) -> str:
    """What may be written down. Anything but a short word is no label: it might name a person."""
    if told is None:
        return NOBODY
    return told if _LABEL.fullmatch(told) else SOMEBODY


def _presented(scope: Scope) -> bytes:
    return b"\x00".join(value for name, value in scope["headers"] if name in _CREDENTIALS)
