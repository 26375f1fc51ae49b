"""Pure: how many requests a side had, and how many of them failed."""

from dataclasses import dataclass


@dataclass(slots=True)
class Tally:
    """Counts of one side over one stretch of time."""

    requests: int = 0
    faults: int = 0

    @property
    def rate(self) -> float:
        """Faults per request, 0 to 1; 0 without requests."""
        return self.faults / self.requests if self.requests else 0.0

    def add(self, fault: bool) -> None:
        self.requests += 1
        self.faults += fault


CONTROL_REQUESTS = 5
"""Requests of the control below which it says nothing about an outage."""


def is_shared(control: Tally, candidate: Tally, part: float) -> bool:
    """Whether both sides fail: the control had five requests or more, and at least ``part`` of the candidate's rate.

    Then something below both of them is broken, and going back to a control that fails as well helps nobody.
    """
    return control.requests >= CONTROL_REQUESTS and 0 < part * candidate.rate <= control.rate
