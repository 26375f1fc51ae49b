"""How well a row fits, in steps: the same steps in the same order on both databases.

A page is filled from the best tier on, so that a search for what nearly every row has is as quick as any other.
"""

from enum import IntEnum


class Tier(IntEnum):
    """From the best. Within the first by title, so that the very title comes first; within others the newest first."""

    BEGINS = 0
    """The title begins with the text."""
    IN_TITLE = 1
    """All words are in the title."""
    BEGUN_IN_TITLE = 2
    """The same, where the last word is the start of one."""
    IN_NAMES = 3
    """All are in title or artist, the last perhaps begun."""
    ANYWHERE = 4
    """All are in title, artist or description, the last perhaps begun."""


COLUMNS = {
    Tier.IN_TITLE: ("title",),
    Tier.BEGUN_IN_TITLE: ("title",),
    Tier.IN_NAMES: ("title", "credit"),
    Tier.ANYWHERE: ("title", "credit", "body"),
}


def is_begun(tier: Tier) -> bool:
    """Whether the last word may be the start of one."""
    return tier is not Tier.IN_TITLE


def better(tier: Tier) -> tuple[Tier, ...]:
    """The tiers of words whose rows a tier repeats. Each has all rows of those before it, but for the first."""
    return (Tier(tier - 1),) if tier > Tier.IN_TITLE else ()
