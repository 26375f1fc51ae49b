"""Dates as clients know them."""

from datetime import datetime


def iso(moment: datetime | None) -> str | None:
    """A stored date: naive, in whole seconds."""
    return None if moment is None else moment.isoformat(timespec="seconds")
