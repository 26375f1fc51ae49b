"""What counts as found lately, whether anything can be found, and what a client wants found. Pure."""

from datetime import datetime, timedelta
from typing import Any

from fastapi_app.models import INTEGER_MAX
from legacy_flask.errors import BadField, BadRequest

IMVDB_KEY = "imvdb_api_key"


def a_week_before(moment: datetime) -> datetime:
    """From when on a video counts as found lately."""
    return moment - timedelta(days=7)


def can_discover(key: str | None) -> bool:
    """Whether videos can be looked for: IMVDb answers nobody without a key."""
    return key is not None and key.strip() != ""


def needs_discovery(last: Any, moment: datetime) -> bool:
    """Whether the last discovery is a day ago. MariaDB's zero date, a text to the driver, means never."""
    return not isinstance(last, datetime) or last <= moment - timedelta(hours=24)


def read_limit(body: Any, field: str, default: int) -> int:
    """How many videos of an artist to find. Raises BadRequest."""
    if not body:
        return default
    if not isinstance(body, dict):
        raise BadRequest("The body must be a JSON object")
    limit = body.get(field)
    if limit is None:
        return default
    if type(limit) is not int or limit < 0 or limit > INTEGER_MAX:
        raise BadField(field, f"a whole number between 0 and {INTEGER_MAX}")
    return limit
