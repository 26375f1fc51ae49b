"""How much of the traffic is recorded, and what of it."""

from dataclasses import dataclass

# fmt: off
HEADERS = frozenset({
    "accept", "accept-language", "content-type", "hx-request", "if-modified-since", "range", "x-requested-with",
})
# fmt: on
"""What is kept of a request's head, unless rules say otherwise. All else stays out, whatever it is called."""


@dataclass(frozen=True)
class RecordingRules:
    """``rate`` is in requests a second of this worker, ``share`` of 1; ``size`` are bytes of the file, for all workers.

    ``routes`` are keys; None: every route that both sides have. GET and HEAD are recorded, and of the writes those
    whose keys are in ``writes``. ``alike``: so many requests of a route with the same form, role and status. A body is
    kept up to ``body`` bytes. ``queue`` lines wait for the disk at most.

    ``headers`` are the only ones kept. ``secret_names`` and ``secret_shapes`` are secrets beside the usual ones: words
    of names, and patterns of values. ``plain`` are names of parameters and members that hold no secret, though they are
    named or look like one, such as ``key`` or an id that is a UUID.
    """

    share: float = 1.0
    rate: float = 5.0
    size: int = 16 * 1024 * 1024
    routes: frozenset[str] | None = None
    writes: frozenset[str] = frozenset()
    alike: int = 3
    body: int = 16 * 1024
    queue: int = 256
    headers: frozenset[str] = HEADERS
    secret_names: tuple[str, ...] = ()
    secret_shapes: tuple[str, ...] = ()
    plain: frozenset[str] = frozenset()
