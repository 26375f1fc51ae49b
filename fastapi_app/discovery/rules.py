"""What counts as found lately, whether anything can be found, and whose turn it is. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from fastapi_app.discovery.findings import Finding
from fastapi_app.errors import BadField, BadRequest
from fastapi_app.models import INTEGER_MAX

RECENT = timedelta(days=7)
REST = timedelta(hours=24)
"""How long an artist is left alone by the discovery of all."""
KEY = "imvdb_api_key"
NOBODY = "No monitored artists found"


@dataclass(frozen=True)
class Discovered:
    """What came of one artist."""

    artist_name: str
    found: Sequence[Finding] = ()
    stored: int = 0

    def shown(self) -> dict[str, Any]:
        return {
            "success": True,
            "artist_name": self.artist_name,
            "discovered_count": len(self.found),
            "stored_count": self.stored,
            "videos": [finding.shown() for finding in self.found],
        }


def recent_since(now: datetime) -> datetime:
    """From when on a video counts as found lately."""
    return now - RECENT


def is_enabled(key: str | None) -> bool:
    """Whether videos can be looked for: IMVDb answers nobody without a key."""
    return bool((key or "").strip())


def is_due(last_discovery: Any, now: datetime) -> bool:
    """Whether an artist was not looked for lately. MariaDB's zero date, which the driver gives as text, is never."""
    return not isinstance(last_discovery, datetime) or now - last_discovery >= REST


def limit(body: Any, field: str, default: int) -> int:
    """How many videos of an artist to find. Raises BadRequest."""
    if body and not isinstance(body, dict):
        raise BadRequest("The body must be a JSON object")
    value = (body or {}).get(field)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= INTEGER_MAX:
        raise BadField(field, f"a whole number between 0 and {INTEGER_MAX}")
    return value


def overview(monitored: int, results: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The answer about all artists, from what came of each."""
    good = [one["result"] for one in results if one["result"]["success"]]
    return {
        "success": True,
        "total_artists": monitored,
        "processed_artists": len(results),
        "failed_artists": len(results) - len(good),
        "total_discovered": sum(one["discovered_count"] for one in good),
        "total_stored": sum(one["stored_count"] for one in good),
        "results": list(results),
    }
