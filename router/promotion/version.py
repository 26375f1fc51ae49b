"""Pure: what code a piece of evidence was about."""

import hashlib
from collections.abc import Iterable

from router.row import Row


def code_version(rows: Iterable[Row], code: str = "") -> str:
    """The version of what is compared: a digest of the route table, behind the application's own version.

    The digest changes when a route is added, removed or declared otherwise on either side. It can't tell that a handler
    was rewritten: ``code``, such as a commit, can.
    """
    lines = sorted(_line(row) for row in rows)
    digest = hashlib.blake2b("\n".join(lines).encode(), digest_size=6).hexdigest()
    return f"{code}+{digest}" if code else digest


def _line(row: Row) -> str:
    declared = [f"{one.method} {one.template.full_text}" for one in (*row.legacy, *row.modern)]
    return " | ".join((row.key, row.owner.value, *declared))
