"""How much the visitors of a sampled request may be made to wait."""

from dataclasses import dataclass


@dataclass(frozen=True)
class DryRunLimits:
    """Per worker. Bytes and seconds.

    ``share`` of the requests, 0 to 1. A visitor waits ``deadline`` for the candidate at most, besides what taking back
    takes; ``concurrency`` of them at once. A body is copied up to ``request_bytes``, an answer compared up to
    ``response_bytes``. ``flush`` seconds lie between two looks of the store at what was found.
    """

    share: float = 0.01
    deadline: float = 2.0
    concurrency: int = 1
    request_bytes: int = 64 * 1024
    response_bytes: int = 256 * 1024
    flush: float = 10.0
