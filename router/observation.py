"""What is known about a request when it is over."""

from collections.abc import Callable
from dataclasses import dataclass

from router.row import Side

CLIENT_LEFT = 499
"""The status of a request whose client left before it had an answer."""


@dataclass(frozen=True, slots=True)
class Observation:
    """One finished request. ``duration`` is in seconds, from the first look to the last byte handed to the server.

    ``side`` is who was chosen, ``served_by`` who answered: the router itself, when the side could not.
    ``epoch`` is that of the snapshot that chose.
    """

    key: str
    method: str
    side: Side
    served_by: Side
    status: int
    duration: float
    epoch: int
    request_id: str


Observer = Callable[[Observation], None]
