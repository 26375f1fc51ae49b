"""What a gate says."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a route may move up. ``missing``: why not, in sentences with figures and, where one helps, the command.

    ``used``: the evidence that allowed it, in sentences, for the history.
    """

    allowed: bool
    missing: tuple[str, ...] = ()
    used: tuple[str, ...] = ()
