"""One value of a body or a query as the type that its column keeps. Pure; every refusal names the field.

Text and numbers are read as MariaDB read them for 0.9: numbers become text, text
becomes numbers, fractions are rounded.
"""

import decimal
from typing import Any

from fastapi_app.models import INTEGER_MAX, INTEGER_MIN
from legacy_flask.errors import BadField

_LONGEST_NUMBER = 64
_NUMBER = f"a whole number between {INTEGER_MIN} and {INTEGER_MAX}"


def text(value: Any, field: str, limit: int) -> str:
    """`value` as text of at most `limit` characters."""
    if isinstance(value, bool):
        value = int(value)
    if isinstance(value, int | float):
        try:
            value = str(value)
        except ValueError:  # an integer of thousands of digits
            raise BadField(field, "text") from None
    if not isinstance(value, str):
        raise BadField(field, "text")
    refuse_unstorable(value, field)
    if len(value) > limit:
        raise BadField(field, f"text of at most {limit} characters")
    return value


def optional_text(value: Any, field: str, limit: int) -> str | None:
    return None if value is None else text(value, field, limit)


def any_json(value: Any, field: str) -> Any:
    """A JSON value, when every text in it can be stored."""
    if isinstance(value, str):
        refuse_unstorable(value, field)
    elif isinstance(value, dict):
        for key, member in value.items():
            refuse_unstorable(key, field)
            any_json(member, field)
    elif isinstance(value, list):
        for member in value:
            any_json(member, field)
    return value


def optional_integer(value: Any, field: str) -> int | None:
    """A whole number or None."""
    if value is None:
        return None
    if isinstance(value, bool):
        return int(value)
    if not isinstance(value, int | float | str):
        raise BadField(field, "a whole number")
    try:
        read = decimal.Decimal(str(value)[:_LONGEST_NUMBER].strip())
        number = int(read.quantize(decimal.Decimal(1), decimal.ROUND_HALF_UP))
    except (decimal.InvalidOperation, ValueError, OverflowError):
        raise BadField(field, _NUMBER) from None
    if not INTEGER_MIN <= number <= INTEGER_MAX:
        raise BadField(field, _NUMBER)
    return number


def truth(value: Any, field: str, *, default: bool) -> bool:
    """A JSON truth value, or the default for null. 0 and 1 count, other values don't."""
    if value is None:
        return default
    if isinstance(value, int | float) and value in (0, 1):
        return bool(value)
    raise BadField(field, "true or false")


def query_flag(value: str | None) -> bool | None:
    """True for true, 1 and yes, False for any other text, None where the query does not say."""
    return None if value is None else value.lower() in ("true", "1", "yes")


def query_number(value: str, field: str) -> int:
    """A number of the query from 1 on, as Python's `int` reads it."""
    try:
        number = int(value)
    except ValueError:
        raise BadField(field, "a whole number") from None
    if not 1 <= number <= INTEGER_MAX:
        raise BadField(field, f"a whole number between 1 and {INTEGER_MAX}")
    return number


def tolerant_number(value: str | None) -> int | None:
    """A number of the query, None for anything that is none."""
    try:
        return None if value is None else int(value)
    except ValueError:
        return None


def not_negative(number: int, field: str) -> int:
    if number < 0:
        raise BadField(field, "0 or more")
    if number > INTEGER_MAX:
        raise BadField(field, _NUMBER)
    return number


def refuse_unstorable(value: str, field: str) -> None:
    """Raises BadField for text that a database can't keep."""
    if "\0" in value or any("\ud800" <= char <= "\udfff" for char in value):
        raise BadField(field, "text without NUL characters and lone surrogates")
