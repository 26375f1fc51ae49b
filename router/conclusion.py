"""What becomes of a request that is over: it is counted, and told to those who want to know."""

import logging
from collections.abc import Callable, Sequence

from migration_flags import ANYONE
from router.decision import Prospect, Selection
from router.delivery import Errand
from router.identity import Identity
from router.metrics import Metrics
from router.mirror.mirror import Mirror
from router.observation import CLIENT_LEFT, Observation, Observer
from router.oversight import Oversight
from router.reply import Reply
from router.row import Side

_MODERN = Side.MODERN

logger = logging.getLogger(__name__)


class Conclusion:
    """Called once per request, whatever happened to it. Never raises for what an observer did."""

    def __init__(
        self,
        metrics: Metrics,
        observers: Sequence[Observer],
        oversight: Oversight,
        mirror: Mirror | None,
        identity: Identity,
        clock: Callable[[], float],
    ) -> None:
        self._metrics = metrics
        self._observers = observers
        self._guard = oversight.guard
        self._mirror = mirror
        self._identity = identity
        self._clock = clock

    def __call__(self, errand: Errand, selection: Selection, reply: Reply) -> None:
        prospect = errand.prospect
        if errand.ticket is not None and self._mirror is not None:
            self._mirror.offer(errand.ticket)
        if self.briefly(prospect, selection.decision.epoch, reply, errand.started):
            return
        duration = self._clock() - errand.started
        self._metrics.count(prospect.row.key, reply.served_by, reply.status or CLIENT_LEFT, duration)
        observation = self._observed(errand, selection, reply, duration)
        if self._guard is not None and prospect.watched:
            self._guard.observe(observation)
        for observer in self._observers:
            try:
                observer(observation)
            except Exception:  # the observer's edge: counted, and the request is whole
                self._metrics.observer_errors += 1
                logger.exception("An observer raised.")

    def briefly(self, prospect: Prospect, epoch: int, reply: Reply, started: float) -> bool:
        """The same where it is enough to count: nobody wants to know more. Whether it was."""
        if self._observers:
            return False
        duration, key = self._clock() - started, prospect.row.key
        if self._guard is not None and prospect.watched:
            good = reply.served_by is _MODERN and 0 < reply.status < 400 and not reply.failed
            if not good or not self._guard.good(key, epoch, duration):
                return False
        self._metrics.count(key, reply.served_by, reply.status or CLIENT_LEFT, duration)
        return True

    def _observed(self, errand: Errand, selection: Selection, reply: Reply, duration: float) -> Observation:
        """Who had a fault is always found out: a rollback wants to know whether it was more than one."""
        decision, visitor = selection.decision, selection.visitor
        fault = reply.failed or (reply.status >= 500 and reply.served_by is decision.side)
        if fault and errand.prospect.watched and visitor is ANYONE:
            visitor = self._identity.visitor(errand.scope, errand.request)
        return Observation(
            errand.prospect.row.key,
            errand.scope["method"],
            decision.side,
            reply.served_by,
            reply.status or CLIENT_LEFT,
            duration,
            decision.epoch,
            errand.request.request_id.decode(),
            decision.stage,
            fault,
            reply.fell_back,
            None if visitor.unit is None else hash(visitor.unit),
        )
