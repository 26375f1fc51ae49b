"""Ids as bodies name them: numbers, or texts that MariaDB read as numbers for 0.9. Pure."""

import re
from typing import Any

from fastapi_app.models import INTEGER_MAX

_WHOLE = re.compile(r"\s*\+?([0-9]{1,20})(?:\.0*)?\s*")


def row_id(value: Any) -> int | None:
    """The id that `value` names, None for whatever can name no row: words, fractions, booleans, numbers too large."""
    if isinstance(value, bool):
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    elif isinstance(value, str):
        found = _WHOLE.fullmatch(value)
        value = int(found[1]) if found else None
    return value if isinstance(value, int) and 0 < value <= INTEGER_MAX else None
