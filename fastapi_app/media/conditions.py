"""What the conditional headers of a request decide, as Werkzeug decides it. Pure."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_TAG = re.compile(r'(?:W/)?"([^"]*)"|([^\s,]+)')


def precondition(headers: Mapping[str, str], etag: str, modified: datetime) -> int:
    """The status of a request without a usable Range: 200, 304 when the client has this very file, 412 when it
    insists on another. `etag` is unquoted, `modified` is in UTC and whole seconds.
    """
    since = parse_date(headers.get("if-modified-since", ""))
    unmodified = since is not None and modified <= since
    tags = parse_tags(headers.get("if-none-match", ""))
    if tags:
        unmodified = "*" in tags or etag in tags
    required = parse_tags(headers.get("if-match", ""))
    if required:
        unmodified = "*" not in required and etag not in required
    if not unmodified:
        return 200
    return 412 if required else 304


def range_applies(if_range: str, etag: str, modified: datetime) -> bool:
    """Whether a Range still means the same file, by its If-Range header (empty for none)."""
    if not if_range:
        return True
    date = parse_date(if_range)
    if date is not None:
        return modified <= date
    return etag in parse_tags(if_range)


def parse_date(text: str) -> datetime | None:
    """An HTTP date in UTC, None for anything else."""
    try:
        found = parsedate_to_datetime(text)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def parse_tags(text: str) -> frozenset[str]:
    """The entity tags of a header, without quotes and weakness."""
    return frozenset(quoted or bare for quoted, bare in _TAG.findall(text))
