"""What of an answer must be the same on both sides. Pure."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from fastapi_app.models.collation import sort_key
from router.comparison.rules import Tied
from router.comparison.settling import ties_sorted
from tests.golden.comparison import cookie_shape
from tests.golden.wire import Answer

_HEADERS = (
    "content-type",
    "location",
    "content-range",
    "cache-control",
    "accept-ranges",
    "allow",
    "content-disposition",
    "content-length",
    "etag",
    "last-modified",
    "retry-after",
    "x-content-type-options",
    "x-frame-options",
    "x-xss-protection",
    "referrer-policy",
    "permissions-policy",
    "content-security-policy",
)
_TITLE = re.compile(rb"<title>(.*?)</title>", re.DOTALL)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T +]\d\d:\d\d:\d\d(\.\d+)?")
_NEAR = timedelta(days=8)
_FRESH = timedelta(hours=1)
_UPLOAD = re.compile(r"_\d{8}_\d{6}_[0-9a-f]{8}_")
"""The moment and the token in the names of uploaded pictures."""
_CREDENTIAL = re.compile(r"\b(mvk_|eyJ)[\w.\-]+", re.ASCII)
"""API keys, what lists show of them, and tokens."""
_TOKENS = (
    "token",
    "upload_id",
    "qr_code",
    "manual_entry_key",
    "backup_codes",
    "request_id",
    "reset_token",
    "reset_url",
    "password",
)
_FOLDERS = ("thumbnails_directory",)
"""Folders of the server, each side's its own: only what they are called is compared."""


@dataclass(frozen=True)
class Shape:
    """Status, headers that matter, and the body without what differs from one moment to the next."""

    status: int
    headers: Mapping[str, Any]
    body: Any


def shape(answer: Answer, host: str, at: datetime, tied: str = "") -> Shape:
    """`host` is the server's own; moments near `at` (naive UTC) count as the present."""
    headers: dict[str, Any] = {name: answer.header(name) for name in _HEADERS}
    headers["set-cookie"] = sorted(map(cookie_shape, answer.all("set-cookie")))
    headers["allow"] = sorted((headers["allow"] or "").split(", "))
    headers["retry-after"] = bool(headers["retry-after"])  # counts down from one side to the other
    headers["content-disposition"] = settle(headers["content-disposition"], at)
    if _is_fresh(headers["last-modified"], at):
        headers["etag"] = headers["last-modified"] = "{now}"
    headers["location"] = settle((headers["location"] or "").replace(host, "{host}"), at)
    if headers["content-length"] == "0":
        headers["content-length"] = None
    kind = headers["content-type"] or ""
    body: Any = answer.body
    if kind.startswith("application/json"):
        body = _settled(answer, at, tied)
        headers["content-length"] = bool(headers["content-length"])
    elif kind.startswith("text/html"):
        found = _TITLE.search(answer.body)
        body = found[1] if found and answer.status == 200 else b""
        headers["content-length"] = None
    elif kind.startswith("multipart/byteranges"):
        boundary = kind.partition("boundary=")[2]
        headers["content-type"] = "multipart/byteranges"
        body = answer.body.replace(boundary.encode(), b"{boundary}")
    elif kind == "video/mp4" and headers["content-length"] is None:
        body = len(answer.body) > 0
    if isinstance(body, bytes) and len(body) > 400:
        body = hashlib.sha256(body).hexdigest()
    return Shape(answer.status, headers, body)


def _is_fresh(modified: str | None, at: datetime) -> bool:
    """Whether a file was written a moment ago: its time, and with it its entity tag, differ from run to run."""
    written = parsedate_to_datetime(modified).replace(tzinfo=None) if modified else None
    return written is not None and abs(written - at) < _FRESH


def _settled(answer: Answer, at: datetime, tied: str) -> Any:
    """The JSON, canonical where its bytes are Flask's; ties sorted, fresh values masked."""
    if not answer.body:
        return b""
    content = answer.json()
    flask = json.dumps(content, sort_keys=True, separators=(",", ":")) + "\n"
    settled = settle(content, at)
    if tied and answer.status == 200:
        name, _, key = tied.partition(":")
        total = settled.get("total", settled.get("pagination", {}).get("total"))
        is_whole = total is not None and total == settled["count"]
        settled[name] = ties_sorted(settled[name], Tied(f"$.{name}", (key,), "" if is_whole else "se"), sort_key)
    return {"bytes as Flask's": answer.body == flask.encode(), "content": settled}


def settle(content: Any, at: datetime) -> Any:
    """`content` with tokens and present moments masked."""
    if isinstance(content, dict):
        return {key: _masked(key, value, at) for key, value in content.items()}
    if isinstance(content, list):
        return [settle(item, at) for item in content]
    if isinstance(content, str):
        lasting = _CREDENTIAL.sub("{credential}", _UPLOAD.sub("_{upload}_", content))
        return _MOMENT.sub(lambda match: _moment(match[0], at), lasting)
    return content


def _masked(key: str, value: Any, at: datetime) -> Any:
    if key in _FOLDERS and isinstance(value, str):
        return value.rpartition("/")[2]
    return "{token}" if key in _TOKENS else settle(value, at)


def _moment(text: str, at: datetime) -> str:
    try:
        moment = datetime.fromisoformat(text.replace("+", " "))
    except ValueError:
        return text
    return "{now}" if abs(moment - at) < _NEAR else text
