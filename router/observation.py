"""What is known about a request when it is over."""

from collections.abc import Callable
from typing import NamedTuple

from migration_flags import Stage
from router.row import Side

CLIENT_LEFT = 499
"""The status of a request whose client left before it had an answer."""


class Observation(NamedTuple):
    """One finished request. ``duration`` is in seconds, from the first look to the last byte handed to the server.

    ``side`` is who was chosen, ``served_by`` who answered: the router itself when the side could not, or legacy with
    ``fallback``. ``epoch`` and ``stage`` are of the snapshot that chose. ``fault``: ``side`` raised, gave a 5xx or took
    too long; a client that leaves is none. ``unit_hash`` tells visitors apart; None where nothing is known of them, or
    nobody had to ask: then the side did not depend on it, and there was no fault.
    """

    key: str
    method: str
    side: Side
    served_by: Side
    status: int
    duration: float
    epoch: int
    request_id: str
    stage: Stage = Stage.LEGACY
    fault: bool = False
    fallback: bool = False
    unit_hash: int | None = None


Observer = Callable[[Observation], None]
