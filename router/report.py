"""What ``strangler`` prints: tables for people, JSON for programs."""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.table import Table

from migration_flags import AuditRow, Snapshot, Stage, plan
from router.burndown import BurnDown
from router.demands.demand import Compared
from router.demands.treatment import Probed
from router.drill.timeline import Event, Timeline
from router.explanation import Explained, explain_meeting, explain_row
from router.explanation import name as route_name
from router.meeting import Meeting
from router.parity.run import Parity
from router.promotion.step import Step
from router.promotion.verdict import Verdict
from router.ratchet import Increase
from router.row import Row
from router.table import RouteTable


def routes(
    table: RouteTable, snapshot: Snapshot, demands: Mapping[str, Compared], *, explain: bool, as_json: bool
) -> None:
    """Every row; with what the sides demand of visitors where that is declared."""
    rows = [
        {
            "route": row.key,
            "owner": row.owner.value,
            "stage": _stage(snapshot, row.key) if row.owner == "both" else "",
            "relation": row.relation.value,
            "legacy": ", ".join(route.template.full_text for route in row.legacy),
            "modern": ", ".join(route.template.full_text for route in row.modern),
            **({"demands": _standing(demands, row)} if demands else {}),
            **(_meeting(table, row) if explain or as_json else {}),
        }
        for row in table
    ]
    more = [*(["demands"] if demands else []), *(["explanation"] if explain else [])]
    columns = ["route", "owner", "stage", "relation", *more]
    _print(rows, columns, as_json=as_json)


def probed(found: Sequence[Probed], *, as_json: bool) -> None:
    """A line for each request that the sides treat otherwise, and how many were asked."""
    if as_json:
        _json([asdict(route) for route in found])
        return
    console = _console()
    for route in found:
        for standing, texts in (("laxer", route.laxer), ("stricter", route.stricter)):
            for text in texts:
                console.print(f"{standing}: {text}")
    laxer = sum(bool(route.laxer) for route in found)
    asked, undecided = sum(route.asked for route in found), sum(route.undecided for route in found)
    console.print(f"{len(found)} routes, {asked} requests, {undecided} of them failed on legacy; laxer: {laxer} routes")


def _standing(demands: Mapping[str, Compared], row: Row) -> str:
    found = demands.get(row.key)
    return "" if found is None else found.standing.value


def request(explained: Explained, *, as_json: bool) -> None:
    """Where one request goes."""
    fields = asdict(explained)
    if not as_json:
        fields |= {side: ", ".join(fields[side]) or "nothing" for side in ("legacy", "modern")}
        fields["sentences"] = " ".join(explained.sentences)
    one(fields, as_json=as_json)


def _meeting(table: RouteTable, row: Row) -> dict[str, Any]:
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
    """Every flag, and whether the kill switch is on."""
    known = sorted(snapshot, key=lambda flag: flag.key)
    if as_json:
        _json([{**asdict(flag), "killed": snapshot.killed} for flag in known])
        return
    rows = [
        {
            **asdict(flag),
            "stage": _told(flag.stage.value, flag.percent),
            "mirror": f"{flag.mirrored:g} %" if flag.mirrored else "",
            "latch": "" if flag.latch is None else f"{flag.latch.trip}, {flag.latch.at[:16]}",
        }
        for flag in known
    ]
    _print(rows, ["key", "stage", "mirror", "latch", "updated_by", "updated_at", "reason"], as_json=False)
    if snapshot.killed:
        _console().print("The kill switch is on: every route that legacy has is answered by legacy.")


def flag(key: str, snapshot: Snapshot, *, as_json: bool) -> None:
    planned = plan(snapshot, key)
    evaluation = planned.default
    found = snapshot.get(key)
    known = {} if found is None else asdict(found)
    why = "the visitor decides" if planned.needs_visitor else evaluation.reason.value
    fields = {"key": key, "stage": evaluation.stage.value, "why": why, "epoch": evaluation.epoch}
    one({**known, **fields, "killed": snapshot.killed}, as_json=as_json)


def history(rows: Iterable[AuditRow], *, as_json: bool) -> None:
    shown = [{**asdict(row), "change": f"{_before(row)} → {_after(row)}"} for row in rows]
    _print(shown, ["epoch", "at", "actor", "key", "change", "reason"], as_json=as_json)


def verdict(key: str, target: Step, found: Verdict, *, as_json: bool) -> None:
    """What the gate says of a promotion."""
    if as_json:
        _json({"route": key, "to": str(target), **asdict(found)})
        return
    console = _console()
    console.print(f"{key} to {target}: {'allowed' if found.allowed else 'refused'}")
    for text in found.missing:
        console.print(f"missing: {text}")
    for text in found.used:
        console.print(f"holds: {text}")


def override(name: str, value: str, until: int, *, is_cookie: bool, as_json: bool) -> None:
    """A signed override, ready to be sent."""
    if as_json:
        _json({"name": name, "value": value, "until": until})
    else:
        _console().print(f"{name}={value}" if is_cookie else f"{name}: {value}")


def workers(rows: Sequence[dict[str, Any]], *, as_json: bool) -> None:
    """Who serves, and from which flags."""
    _print(rows, ["worker", "host", "pid", "epoch", "behind", "seconds_ago", "state"], as_json=as_json)


def event(happened: Event) -> None:
    """A line of a drill's timeline, as it happens."""
    _console().print(f"{happened.at:6.2f} s  {happened.what}")


def drill(found: Timeline, *, as_json: bool) -> None:
    """What a drill came to; its events were told already."""
    if as_json:
        _json({"rolled_back": found.is_rolled_back, **asdict(found)})
        return
    console = _console()
    console.print(f"{found.route}, asked {found.asked} times as {found.path}, failed {found.failed} times")
    if found.is_rolled_back:
        console.print(f"rolled back {found.seconds:.2f} s after the first fault, by the {found.trip} rule")
        console.print(f"evidence: {json.dumps(found.evidence, ensure_ascii=False)}")
    for text in found.left:
        console.print(text)


def status(numbers: BurnDown | None, increases: Sequence[Increase] = (), *, as_json: bool) -> None:
    """The numbers, where a store could be read, and the routes with more left to do than recorded."""
    fields = {} if numbers is None else {**asdict(numbers), "percent_moved": numbers.percent_moved}
    if as_json:
        _json({**fields, "increases": [asdict(increase) for increase in increases]})
        return
    one(fields, as_json=False)
    for increase in increases:
        _console().print(f"more to do: {increase}")


def note(text: str) -> None:
    """Something beside the answer, for people: on stderr."""
    Console(stderr=True, markup=False, highlight=False, soft_wrap=True).print(text)


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
        before = _before(row) if row.before_stage else "unset"
        console.print(f"{row.key}: {before} → {_after(row)} (epoch {row.epoch})")
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


def one(fields: dict[str, Any], *, as_json: bool) -> None:
    """Names and values, a line each."""
    if as_json:
        _json(fields)
        return
    for name, value in fields.items():
        text = ", ".join(f"{key} {count}" for key, count in value.items()) if isinstance(value, dict) else value
        _console().print(f"{name.replace('_', ' ')}: {text}")


def _stage(snapshot: Snapshot, key: str) -> str:
    flag = snapshot.get(key)
    return Stage.LEGACY.value if flag is None else _told(flag.stage.value, flag.percent)


def _before(row: AuditRow) -> str:
    return _told(row.before_stage or "-", row.before_percent)


def _after(row: AuditRow) -> str:
    return _told(row.after_stage, row.after_percent)


def _told(stage: str, percent: float | None) -> str:
    return stage if percent is None else f"{stage} {percent:g} %"


def _console() -> Console:
    """Off a terminal nothing is cut to 80 columns."""
    wide = None if sys.stdout.isatty() else 500
    return Console(markup=False, highlight=False, soft_wrap=True, width=wide)


def _json(value: object) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2, default=str) + "\n")
