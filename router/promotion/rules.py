"""The numbers of all gates in one value."""

from dataclasses import dataclass, field
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class GateRules:
    """What a step up asks for.

    ``held``: how long the present canary step must have lasted; ``held_at_half`` at 50 % and above. ``requests`` that
    modern answered at this step, over all workers. ``e_value``: what speaks against modern must be below it. One fault
    of modern alone comes to 8.6 at most, whatever the share, so a single one never blocks a route whose legacy side
    has none; two do. An e-value without any faults is exactly 1.

    ``compared``, ``watched`` and ``coverage`` are the mirror's: requests compared without a finding (none in 3,000
    means fewer than 1 in 1,000, at 95 %), for how long, and of which share of the shapes that requests had.
    ``age``: recorded evidence that is older does not count. ``quiet``: how long a worker that fell silent without
    saying goodbye freezes promotions; after that it serves canaries from legacy by itself.
    """

    held: timedelta = field(default=timedelta(minutes=15))
    held_at_half: timedelta = field(default=timedelta(hours=24))
    requests: int = 1000
    e_value: float = 10.0
    compared: int = 3000
    watched: timedelta = field(default=timedelta(hours=24))
    coverage: float = 0.9
    age: timedelta = field(default=timedelta(days=30))
    quiet: timedelta = field(default=timedelta(minutes=10))
