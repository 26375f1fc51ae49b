"""A shuffled order that one number names: the same for everybody who says it, and through every change of the list.

Each video has its place by its own id and the seed, so that one that comes or goes moves no other. Said twice, in
Python and as SQL, with whole numbers below 2**63 that both databases and Python count alike.
"""

from typing import Any

from sqlalchemy import ColumnElement, Integer, literal

MOST_SEED = 2**31 - 1
_FIRST, _SECOND = 2_147_483_647, 2_147_483_629
"""Primes."""
_FACTOR, _SEED_FACTOR = 1_103_515_245, 1_812_433_253


def key(video_id: int, seed: int) -> int:
    """Where a video stands: by this number, then by its id.

    Squares, because whatever only multiplies and adds keeps neighbours in step for some seeds.
    """
    shift = _shift(seed)
    spread = (video_id * _FACTOR + shift) % _FIRST
    mixed = (spread * spread + shift) % _SECOND
    return (mixed * mixed + spread) % _FIRST


def key_column(video_id: Any, seed: int) -> ColumnElement[int]:
    """The same of a column."""
    shift = literal(_shift(seed), Integer)
    spread = (video_id * _FACTOR + shift) % _FIRST
    mixed = (spread * spread + shift) % _SECOND
    found: ColumnElement[int] = (mixed * mixed + spread) % _FIRST
    return found


def _shift(seed: int) -> int:
    return (seed + 1) * _SEED_FACTOR % _FIRST
