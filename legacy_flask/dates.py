"""Dates as clients know them."""

from datetime import datetime


def iso(moment: datetime | None) -> str | None:
    """A stored date: naive, in whole seconds. MariaDB's zero date, which the driver gives as text, is none."""
    return moment.isoformat(timespec="seconds") if isinstance(moment, datetime) else None
