"""Answers in the bytes that existing clients know."""

import html
import json
from datetime import datetime
from typing import Any
from urllib.parse import quote

from starlette.responses import HTMLResponse, Response

_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


class JSON(Response):
    """JSON as Flask writes it: keys sorted, compact, escaped to ASCII, one newline at the end."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        return (_ENCODER.encode(content) + "\n").encode("ascii")


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
