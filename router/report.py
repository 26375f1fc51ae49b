"""What ``strangler`` prints: tables for people, JSON for programs."""

import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.table import Table

from migration_flags import AuditRow, Snapshot, evaluate
from router.burndown import BurnDown
from router.explanation import Explained, explain_meeting, explain_row
from router.explanation import name as route_name
from router.meeting import Meeting
from router.parity.run import Parity
from router.row import Row
from router.table import RouteTable


def routes(table: RouteTable, snapshot: Snapshot, *, explain: bool, as_json: bool) -> None:
    rows = [
        {
            "route": row.key,
            "owner": row.owner.value,
            "stage": evaluate(snapshot, row.key).stage.value if row.owner == "both" else "",
            "relation": row.relation.value,
            "legacy": ", ".join(route.template.full_text for route in row.legacy),
            "modern": ", ".join(route.template.full_text for route in row.modern),
            **(_told(table, row) if explain or as_json else {}),
        }
        for row in table
    ]
    columns = ["route", "owner", "stage", "relation", *(["explanation"] if explain else [])]
    _print(rows, columns, as_json=as_json)


def request(explained: Explained, *, as_json: bool) -> None:
    """Where one request goes."""
    fields = asdict(explained)
    if not as_json:
        fields |= {side: ", ".join(fields[side]) or "nothing" for side in ("legacy", "modern")}
        fields["sentences"] = " ".join(explained.sentences)
    _print_one(fields, as_json=as_json)


def _told(table: RouteTable, row: Row) -> dict[str, Any]:
    meets = [_pair(table, meeting) for meeting in table.meetings.get(row.key, ())]
    return {"meets": meets, "explanation": " ".join(explain_row(table, row))}


def _pair(table: RouteTable, meeting: Meeting) -> dict[str, str]:
    return {
        "legacy": route_name(meeting.legacy),
        "modern": route_name(meeting.modern),
        "relation": meeting.relation.value,
        "path": meeting.path,
        "explanation": explain_meeting(table, meeting),
    }


def flags(snapshot: Snapshot, *, as_json: bool) -> None:
    rows = [asdict(flag) for flag in sorted(snapshot, key=lambda flag: flag.key)]
    _print(rows, ["key", "stage", "updated_by", "updated_at", "reason"], as_json=as_json)


def flag(key: str, snapshot: Snapshot, *, as_json: bool) -> None:
    evaluation = evaluate(snapshot, key)
    found = snapshot.get(key)
    known = {} if found is None else asdict(found)
    fields = {"key": key, "stage": evaluation.stage.value, "why": evaluation.reason.value, "epoch": evaluation.epoch}
    _print_one({**known, **fields}, as_json=as_json)


def history(rows: Iterable[AuditRow], *, as_json: bool) -> None:
    shown = [{**asdict(row), "change": f"{row.before_stage or '-'} → {row.after_stage}"} for row in rows]
    _print(shown, ["epoch", "at", "actor", "key", "change", "reason"], as_json=as_json)


def status(numbers: BurnDown, *, as_json: bool) -> None:
    _print_one({**asdict(numbers), "percent_moved": numbers.percent_moved}, as_json=as_json)


def parity(found: Parity, *, as_json: bool) -> None:
    """A line per route, then every mismatch, then what was not asked."""
    if as_json:
        _json({"alike": found.is_whole, **asdict(found)})
        return
    rows = [
        {
            "route": one.route,
            "asked": one.asked,
            "waived": one.waived,
            "agreement": "alike" if one.is_alike else f"{len(one.mismatches)} mismatches",
        }
        for one in found.routes
    ]
    _print(rows, ["route", "asked", "waived", "agreement"], as_json=False)
    console = _console()
    for one in found.routes:
        for mismatch in one.mismatches:
            console.print(str(mismatch))
    for key in found.unasked:
        console.print(f"not asked: {key}")


def written(rows: Sequence[AuditRow], asked: int, skipped: Sequence[Row], *, as_json: bool) -> None:
    """What a set changed, and which routes it passed over because they have one owner."""
    if as_json:
        _json({"changed": [row.key for row in rows], "asked": asked, "skipped": [row.key for row in skipped]})
        return
    console = _console()
    for row in rows:
        console.print(f"{row.key}: {row.before_stage or 'unset'} → {row.after_stage} (epoch {row.epoch})")
    if not rows:
        console.print("Nothing to change.")
    for skip in skipped:
        console.print(f"skipped {skip.key}: only {skip.owner.value} has it")


def _print(rows: Sequence[dict[str, Any]], columns: Sequence[str], *, as_json: bool) -> None:
    if as_json:
        _json(rows)
        return
    table = Table(box=None, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(str(row[column]) for column in columns))
    _console().print(table)


def _print_one(fields: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        _json(fields)
        return
    for name, value in fields.items():
        text = ", ".join(f"{key} {count}" for key, count in value.items()) if isinstance(value, dict) else value
        _console().print(f"{name.replace('_', ' ')}: {text}")


def _console() -> Console:
    """Off a terminal nothing is cut to 80 columns."""
    wide = None if sys.stdout.isatty() else 500
    return Console(markup=False, highlight=False, soft_wrap=True, width=wide)


def _json(value: object) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2, default=str) + "\n")
