"""Pure: the same visitor in the same bucket for ever. Integers only, so that every machine agrees."""

import math
from functools import lru_cache
from hashlib import blake2b

BUCKETS = 100_000
"""Buckets of a group: a percentage in steps of 0.001."""


REMEMBERED = 10_000
"""Visitors whose bucket is not worked out again: who asks once mostly asks more often."""


def bucket(salt: str, unit: str) -> int:
    """0 to 99,999. Raising a percentage only adds visitors; lowering it takes away those that came last."""
    return bucket_of(salted(salt), unit)


def salted(salt: str) -> bytes:
    """What stands before every unit of a group; made once, used for each request."""
    return salt.encode("utf-8", "surrogatepass") + b"\x1f"


@lru_cache(REMEMBERED)
def bucket_of(prefix: bytes, unit: str) -> int:
    """As `bucket`, with the salt already prepared."""
    digest = blake2b(prefix + unit.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return (int.from_bytes(digest, "big") * BUCKETS) >> 64


def threshold(percent: float | None) -> int:
    """How many buckets a percentage takes, from the lowest on. What is no percentage takes none."""
    if percent is None or math.isnan(percent):
        return 0
    return round(min(max(percent, 0.0), 100.0) * 1000)
