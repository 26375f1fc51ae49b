"""What a client sent: JSON bodies, forms and query values, or the error that names what is wrong with them."""

import json
import math
import re
from collections.abc import Mapping
from typing import Any, NoReturn
from urllib.parse import parse_qsl, quote

from fastapi import Request
from starlette.concurrency import run_in_threadpool

from fastapi_app.errors import BadRequest, WrongContentType

_LARGE = 64 * 1024
_MOST_PARAMETERS = 1000
_QUOTED_RUN = re.compile(rb"(?:%[0-9A-Fa-f]{2})+")


def is_json(content_type: str) -> bool:
    """Whether a content type names JSON, as Flask reads it."""
    name = content_type.partition(";")[0].strip().lower()
    return name == "application/json" or (name.startswith("application/") and name.endswith("+json"))


async def json_body(request: Request) -> Any:
    """The JSON value of the body. Raises WrongContentType, or BadRequest for text that is not JSON."""
    if not is_json(request.headers.get("content-type", "")):
        raise WrongContentType
    raw = await request.body()
    return await run_in_threadpool(parse_json, raw) if len(raw) > _LARGE else parse_json(raw)


def parse_json(raw: bytes) -> Any:
    """`raw` as JSON. Raises BadRequest, also for numbers that JSON does not have and for nesting without end."""
    try:
        return json.loads(raw, parse_constant=_refuse_constant, parse_float=_finite)
    except (ValueError, RecursionError):
        raise BadRequest("The body is not valid JSON") from None


def query_values(request: Request) -> Mapping[str, str]:
    """The query by name; of repeated names the first counts, as in Flask."""
    text = keep_undecodable(request.scope["query_string"]).decode("latin-1")
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=_MOST_PARAMETERS)
    except ValueError:
        raise BadRequest("The query has too many parameters") from None
    values: dict[str, str] = {}
    for name, value in pairs:
        values.setdefault(name, value)
    return values


def keep_undecodable(query_string: bytes) -> bytes:
    """The query string with those bytes quoted twice that are no UTF-8: they read as `%FF`, not as a blot."""

    def requote(run: re.Match[bytes]) -> bytes:
        raw = bytes.fromhex(run[0].replace(b"%", b"").decode("ascii"))
        text = raw.decode("utf-8", "surrogateescape")
        return "".join(
            f"%25{ord(char) - 0xDC00:02X}" if 0xDC80 <= ord(char) <= 0xDCFF else quote(char, safe="") for char in text
        ).encode("ascii")

    return _QUOTED_RUN.sub(requote, query_string)


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError(digits)
    return number


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)
