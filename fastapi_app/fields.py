"""One value of a body or a query as the type that its column keeps. Pure; every refusal names the field."""

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from fastapi_app.errors import BadField
from fastapi_app.models import INTEGER_MAX, INTEGER_MIN

_TRUE_WORDS = frozenset({"true", "1", "yes"})
_LONGEST_NUMBER = 64
_MOST_LEVELS = 100


def text(value: Any, field: str, limit: int) -> str:
    """`value` as text of at most `limit` characters. Numbers and booleans become text, as MariaDB stored them."""
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, int | float):
        return _limited(_number_text(value, field), field, limit)
    if not isinstance(value, str):
        raise BadField(field, "text")
    return _limited(plain(value, field), field, limit)


def text_or_none(value: Any, field: str, limit: int) -> str | None:
    return None if value is None else text(value, field, limit)


def plain(value: str, field: str) -> str:
    """`value`, when a database can keep it: no NUL, no half of a surrogate pair."""
    if "\0" in value or any("\ud800" <= char <= "\udfff" for char in value):
        raise BadField(field, "text without NUL characters and lone surrogates")
    return value


def storable(value: Any, field: str, levels: int = _MOST_LEVELS) -> Any:
    """A JSON value, when every text in it can be stored and it is not nested without end."""
    if levels == 0:
        raise BadField(field, f"JSON of at most {_MOST_LEVELS} levels")
    if isinstance(value, str):
        plain(value, field)
    elif isinstance(value, list):
        for item in value:
            storable(item, field, levels - 1)
    elif isinstance(value, dict):
        for key, item in value.items():
            plain(key, field)
            storable(item, field, levels - 1)
    return value


def integer_or_none(value: Any, field: str) -> int | None:
    """A whole number or None, rounded and read from text as MariaDB did it."""
    if value is None:
        return None
    if not isinstance(value, int | float | str):
        raise BadField(field, "a whole number")
    try:
        number = int(Decimal(str(value)[:_LONGEST_NUMBER].strip()).quantize(Decimal(1), ROUND_HALF_UP))
    except (InvalidOperation, ValueError, OverflowError):
        if isinstance(value, bool):
            return int(value)
        raise BadField(field, f"a whole number between {INTEGER_MIN} and {INTEGER_MAX}") from None
    return in_range(number, field)


def in_range(number: int, field: str) -> int:
    if not INTEGER_MIN <= number <= INTEGER_MAX:
        raise BadField(field, f"a whole number between {INTEGER_MIN} and {INTEGER_MAX}")
    return number


def boolean(value: Any, field: str, default: bool) -> bool:
    """A JSON truth value, or the default for null. 0 and 1 count, other values don't."""
    if value is None:
        return default
    if value in (0, 1) and isinstance(value, int | float):
        return bool(value)
    raise BadField(field, "true or false")


def query_flag(value: str | None) -> bool | None:
    """True for true, 1 and yes, False for any other text, None where the query does not say."""
    return None if value is None else value.lower() in _TRUE_WORDS


def query_integer(value: str, field: str, *, least: int) -> int:
    """A number of the query, as Python's `int` reads it (` 2`, `+2`, `1_0` and other scripts' digits count)."""
    try:
        number = int(value)
    except ValueError:
        raise BadField(field, "a whole number") from None
    if not least <= number <= INTEGER_MAX:
        raise BadField(field, f"a whole number between {least} and {INTEGER_MAX}")
    return number


def lenient_integer(value: str | None, default: int) -> int:
    """A number of the query, or the default for anything that is none."""
    try:
        return default if value is None else int(value)
    except ValueError:
        return default


def _number_text(value: float, field: str) -> str:
    try:
        return str(value)
    except ValueError:  # an integer of thousands of digits
        raise BadField(field, "text") from None


def _limited(value: str, field: str, limit: int) -> str:
    if len(value) > limit:
        raise BadField(field, f"text of at most {limit} characters")
    return value
