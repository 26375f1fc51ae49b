"""The short way of a request that modern answers whoever asks, and that wants nothing of the router itself.

Once a migration is far, most requests are such. They are named, held back, watched and counted as all others are; left
out is what only other requests need. Where anything goes wrong, the rest of the way is everybody's.
"""

from operator import itemgetter

from router.conclusion import Conclusion
from router.decision import Prospect
from router.delivery import Delivery, Errand
from router.fallback import EXCEPTIONS
from router.held_body import HeldBody
from router.held_reply import HeldReply
from router.request import READ, WANTS, Request
from router.request_id import HEADER as REQUEST_ID
from router.request_id import new_request_id
from router.row import Side
from router.selection import Selector
from router.types import Headers, Receive, Scope, Send

_NAME = itemgetter(0)
"""Of a header. With `map` it asks for many without a step of Python for each."""
_WHOLE = frozenset({"1.0", "1.1"})
"""Versions of HTTP in which a request that tells neither a length nor a transfer encoding has no body."""
_MODERN = Side.MODERN


class Lane:
    """Ask `takes` first."""

    def __init__(self, delivery: Delivery, selector: Selector, conclude: Conclusion) -> None:
        self._delivery = delivery
        self._selector = selector
        self._conclude = conclude

    def takes(self, scope: Scope, prospect: Prospect) -> bool:
        """Whether this request may go this way."""
        return (
            prospect.decision.side is _MODERN
            and not prospect.asks
            and prospect.watched
            and scope["method"] in self._delivery.retried[prospect.row]
            and scope["http_version"] in _WHOLE
            and (READ.isdisjoint(map(_NAME, scope["headers"])) or self._wants_nothing(scope["headers"], prospect))
        )

    def _wants_nothing(self, headers: Headers, prospect: Prospect) -> bool:
        """Of a request with a cookie, which is seldom for the router."""
        return WANTS.isdisjoint(map(_NAME, headers)) and (prospect.settled or not self._selector.is_claimed(headers))

    async def carry(
        self, scope: Scope, receive: Receive, send: Send, path: str, prospect: Prospect, started: float
    ) -> None:
        """To modern, and back. ``path`` is below the mount point; ``started`` is by the router's clock.

        As `Delivery` tries it, with as few calls as that takes: each of them shows in what the front door costs.
        """
        name = (REQUEST_ID, new_request_id())
        headers = [*scope["headers"], name]
        delivery = self._delivery
        reply = HeldReply(send, [name], delivery.rules.held)
        body = HeldBody(receive, delivery.rules.max_body)
        errand: Errand | None = None
        failure: Exception | None = None
        try:
            delivery.budget.under_way += 1
            extensions = {**(scope.get("extensions") or {}), EXCEPTIONS: {}}
            inner = {**scope, "headers": headers, "extensions": extensions}
            try:
                reply.bodiless = delivery.entrances[prospect.row].open(inner, path)
                await delivery.modern(inner, body, reply)
            except Exception as error:  # noqa: BLE001  # the modern side's edge: answered by legacy, or raised again
                failure = error
            finally:
                delivery.budget.under_way -= 1
            if failure is not None or not reply.status:
                errand = _errand(scope, receive, path, prospect, headers, started)
                await delivery.answer(reply, errand, delivery.settle(reply, body, errand, failure))
        finally:
            failure = None  # its traceback leads to this frame
            if not self._conclude.briefly(prospect, prospect.decision.epoch, reply, started):
                errand = errand or _errand(scope, receive, path, prospect, headers, started)
                self._conclude(errand, prospect.selection, reply)


def _errand(scope: Scope, receive: Receive, path: str, prospect: Prospect, headers: Headers, started: float) -> Errand:
    return Errand(scope, receive, path, prospect, Request(headers, headers[-1][1], False, 0), None, started)
