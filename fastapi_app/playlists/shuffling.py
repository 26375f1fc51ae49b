"""A shuffled order that one number names: the same for everybody who says it, and through every change of the list.

Each video has its place by its own id and the seed, so that one that comes or goes moves no other. The whole numbers
stay below 2**63, where both databases and Python count alike.
"""

from typing import Any

MOST_SEED = 2**31 - 1
_PRIME = 2**31 - 1
_FACTOR, _SEED_FACTOR = 1_103_515_245, 1_812_433_253


def key(video_id: Any, seed: int) -> Any:
    """Where a video stands: by this number, then by its id. Of a column of ids it is the expression.

    A square, because whatever only multiplies and adds keeps neighbours in step for some seeds. Its factor doesn't come
    from the seed: some factors don't part neighbours either.
    """
    mixed = (video_id * _FACTOR + (seed + 1) * _SEED_FACTOR % _PRIME) % _PRIME
    return mixed * mixed % _PRIME
