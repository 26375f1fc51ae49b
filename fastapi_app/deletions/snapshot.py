"""Rows that were deleted, as one text: JSON with a version. Pure.

    {"version": 1,
     "tables": [{"name": "artists", "rows": [{"id": 3, …}]}, {"name": "videos", …}, …],
     "links": [{"table": "jobs", "key": {"id": 9}, "column": "download_id", "value": 4}]}

Tables stand after those that they refer to. Values are as the database stores them: JSON is the text it is, an ENUM its
name. A link is a column that the deletion set to NULL in a row that stayed.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

VERSION = 1
_BYTES = "bytes"

Row = Mapping[str, Any]


class UnknownVersion(Exception):
    """A later version of MVidarr wrote this snapshot."""


@dataclass(frozen=True)
class Link:
    """A column that named something deleted, in a row that stayed."""

    table: str
    key: Row
    column: str
    value: Any


@dataclass(frozen=True)
class Snapshot:
    """Rows by table, in the order in which they can be inserted."""

    tables: Mapping[str, list[Row]]
    links: list[Link] = field(default_factory=list)

    def count(self, table: str) -> int:
        return len(self.tables.get(table, []))


def written(snapshot: Snapshot) -> str:
    """The text to keep."""
    tables = [
        {"name": name, "rows": [{column: _plain(value) for column, value in row.items()} for row in rows]}
        for name, rows in snapshot.tables.items()
        if rows
    ]
    links = [
        {"table": link.table, "key": dict(link.key), "column": link.column, "value": link.value}
        for link in snapshot.links
    ]
    return json.dumps({"version": VERSION, "tables": tables, "links": links}, ensure_ascii=False, separators=(",", ":"))


def read(text: str) -> Snapshot:
    """What `written` wrote. Raises UnknownVersion."""
    told = json.loads(text)
    if told["version"] != VERSION:
        raise UnknownVersion(told["version"])
    tables: dict[str, list[Row]] = {
        table["name"]: [{column: _value(value) for column, value in row.items()} for row in table["rows"]]
        for table in told["tables"]
    }
    return Snapshot(tables, [Link(**link) for link in told["links"]])


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat(sep=" ") if isinstance(value, datetime) else value.isoformat()
    if isinstance(value, timedelta | Decimal):
        return str(value)
    if isinstance(value, bytes | bytearray | memoryview):
        return {_BYTES: base64.b64encode(bytes(value)).decode()}
    return value


def _value(value: Any) -> Any:
    return base64.b64decode(value[_BYTES]) if isinstance(value, dict) else value
