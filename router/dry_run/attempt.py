"""One request that modern was asked before legacy."""

from dataclasses import dataclass

from router.comparison.mismatch import Mismatch
from router.dry_run.isolate import Recording
from router.dry_run.outcome import Outcome
from router.mirror.ticket import Ticket


@dataclass(slots=True)
class Attempt:
    """``candidate`` is what modern did, or how it failed.

    ``ticket`` records what legacy answers, ``recording`` what it writes.
    """

    ticket: Ticket
    candidate: Outcome | Mismatch
    recording: Recording | None = None
