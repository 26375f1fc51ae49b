"""Chooses a side where the visitor matters, or says itself which side it wants."""

import logging
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import replace

from migration_flags import ANYONE, Reason
from router.decision import Prospect, Selection, decide
from router.identity import Identity
from router.override import COOKIE, Claim, from_cookie, read_claim
from router.request import Request
from router.row import Side
from router.types import Headers, Scope
from router.visitor_cookie import cookie_values, derived_key

_COOKIE_NAME = COOKIE.encode() + b"="

logger = logging.getLogger(__name__)


class Selector:
    """``may(scope, action)`` says who is trusted; ``now`` is the time of day, in seconds since 1970.

    ``claims`` counts what became of overrides. Without a secret none can be signed.
    """

    def __init__(
        self,
        identity: Identity,
        may: Callable[[Scope, str], Awaitable[bool]],
        now: Callable[[], float] = time.time,
    ) -> None:
        self.identity = identity
        self.claims: Counter[Claim] = Counter()
        self._may = may
        self._now = now
        self._key: bytes | None = None
        self._told = False

    def trust(self, secret: str | bytes) -> None:
        """From now on overrides may be signed with it, and visitors get a cookie."""
        self.identity.trust(secret)
        self._key = derived_key(secret, b"override")

    def matters(self, prospect: Prospect, request: Request) -> bool:
        """Whether the side may be another than the prospect's own."""
        if prospect.asks or request.claim is not None:
            return True
        return self._key is not None and _COOKIE_NAME in request.cookie

    def is_claimed(self, headers: Headers) -> bool:
        """Whether a cookie says which side it wants, or seems to."""
        return self._key is not None and any(name == b"cookie" and _COOKIE_NAME in value for name, value in headers)

    async def select(self, scope: Scope, prospect: Prospect, request: Request) -> Selection:
        """The side for this request. Never raises for what a client sent."""
        claim, cookies = request.claim, request.cookie
        header = None if claim is None else await self._header(scope, claim)
        cookie = self._cookie(cookies) if _COOKIE_NAME in cookies else None
        if prospect.settled:
            return prospect.selection
        visitor = self.identity.visitor(scope, request) if prospect.asks else ANYONE
        private = prospect.asks
        if header is not None or cookie is not None:
            visitor, private = replace(visitor, header=header, cookie=cookie), True
        decision = decide(prospect.row, prospect.plan.evaluate(visitor))
        introduction = None
        if decision.reason == Reason.NO_UNIT:
            introduction = self.identity.introduction(scope)
            self._tell(introduction is None)
        return Selection(decision, visitor, private, introduction)

    async def _header(self, scope: Scope, text: bytes) -> bool | None:
        claim, side = read_claim(self._key, text.decode("latin-1"), self._now())
        if claim is Claim.UNSIGNED:
            claim = Claim.HONOURED if await self._may(scope, "override") else Claim.REFUSED
        self.claims[claim] += 1
        return side is Side.MODERN if claim is Claim.HONOURED else None

    def _cookie(self, cookie: bytes) -> bool | None:
        """Of several, the first that counts."""
        if self._key is None:
            return None
        for value in cookie_values(cookie, COOKIE):
            claim, side = read_claim(self._key, from_cookie(value), self._now())
            self.claims[Claim.FORGED if claim is Claim.UNSIGNED else claim] += 1
            if claim is Claim.HONOURED:
                return side is Side.MODERN
        return None

    def _tell(self, unknown: bool) -> None:
        if unknown and not self._told:
            self._told = True
            logger.warning(
                "A canary has visitors of whom nothing is known: they stay with legacy. "
                "Router(…, secret=…) lets the router give them a cookie. Said once."
            )
