"""How much of a worker's time, memory and patience the mirror may have."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class StrainRules:
    """The mirror is off while the event loop lags by more than ``lag`` seconds, or legacy's queue waits over ``wait``.

    It comes back when both have stayed below half of that for ``calm`` seconds.
    """

    lag: float = 0.050
    wait: float = 0.100
    calm: float = 10.0


@dataclass(frozen=True)
class MirrorLimits:
    """Per worker. Bytes and seconds.

    ``rate`` requests a second, ``concurrency`` at once; ``queue`` wait, with ``queue_bytes`` of answers. ``answers``
    are recorded at the same time at most. A body of a request is copied up to ``request_bytes``. An answer is compared
    up to ``response_bytes``, by length and SHA-256 up to ``digest_bytes``, and beyond that not at all.

    The candidate has ``slower`` times as long as the primary took, within ``least_timeout`` and ``timeout``. ``noise``
    is the share of the mirrored requests for which legacy is asked twice. ``flush`` seconds lie between two looks of
    the store at what was found.
    """

    rate: float = 20.0
    concurrency: int = 2
    queue: int = 64
    queue_bytes: int = 8 * 1024 * 1024
    answers: int = 128
    request_bytes: int = 64 * 1024
    response_bytes: int = 256 * 1024
    digest_bytes: int = 16 * 1024 * 1024
    timeout: float = 5.0
    # Three times a primary of 2 ms is less than a garbage collection takes: that would find faults in anybody.
    least_timeout: float = 1.0
    slower: float = 3.0
    noise: float = 0.10
    flush: float = 10.0
    strain: StrainRules = field(default_factory=StrainRules)

    def patience(self, primary: float) -> float:
        """Seconds for the candidate, where the primary took ``primary``."""
        return min(self.timeout, max(self.least_timeout, self.slower * primary))
