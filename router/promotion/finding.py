"""One thing that a gate looked at."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """``holds``: it is as it must be. ``text``: a sentence with the figures."""

    holds: bool
    text: str
