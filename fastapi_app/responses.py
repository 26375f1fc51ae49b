"""Answers in the bytes that existing clients know."""

import html
import json
import math
from datetime import datetime
from typing import Any
from urllib.parse import quote

from starlette.responses import HTMLResponse, Response

_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


class JSON(Response):
    """JSON as Flask writes it: keys sorted, compact, escaped to ASCII, one newline at the end."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        try:
            text = _ENCODER.encode(content)
        except ValueError:  # an old JSON column may hold 1e999, which JSON can't say back
            text = _ENCODER.encode(_finite(content))
        return (text + "\n").encode("ascii")


def _finite(value: Any) -> Any:
    """The same content, with None for numbers that have no end."""
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def redirect(location: str, status: int = 302) -> HTMLResponse:
    """A redirect with a small page, as browsers of 0.9 knew it. Only what a header can't carry is quoted."""
    address = quote(location, safe=":/%#?=@[]!$&'()*+,;")
    link = html.escape(address)
    text = (
        f'<!doctype html>\n<html lang="en">\n<title>Redirecting</title>\n<p><a href="{link}">{link}</a></p>\n</html>\n'
    )
    return HTMLResponse(text, status_code=status, headers={"location": address})


def iso(moment: datetime | None) -> str | None:
    """A stored date as clients know it: naive, in whole seconds.

    None for MariaDB's zero date too, which the driver gives as text.
    """
    return moment.isoformat(timespec="seconds") if isinstance(moment, datetime) else None
