"""What a client sent: the JSON body and the query, or the error that names what is wrong with them."""

import json
from collections.abc import Mapping
from typing import Any, NoReturn

from flask import request

from legacy_flask.errors import BadRequest, WrongContentType

_MOST_PARAMETERS = 1000


def json_body() -> Any:
    """The JSON value of the body. Raises WrongContentType, or BadRequest for text that is not JSON."""
    if not request.is_json:
        raise WrongContentType
    try:
        return json.loads(request.get_data(), parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise BadRequest("The body is not valid JSON") from None


def query() -> Mapping[str, str]:
    """The query by name; of repeated names the first counts."""
    if request.query_string.count(b"&") >= _MOST_PARAMETERS:
        raise BadRequest("The query has too many parameters")
    return request.args


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)
