"""How a replay is shown."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from rich.console import Console

from router import report
from router.replay.case import text_of
from router.replay.line import as_curl, as_line
from router.replay.minimal import Minimal
from router.replay.run import Replay

BASE = "http://127.0.0.1:5000"


def replay(found: Replay, bases: tuple[str, ...] = (BASE,), *, as_json: bool) -> None:
    """``bases`` are the addresses that commands for a shell ask."""
    if as_json:
        told = {
            "alike": found.is_alike,
            "routes": [asdict(one) for one in found.parity.routes],
            "version": found.parity.version,
            "skipped": list(found.skipped),
            "minimal": [_as_json(one, bases) for one in found.minimal],
        }
        print(json.dumps(told, indent=2, ensure_ascii=False, default=repr))  # noqa: T201  # the command's output
        return
    report.parity(found.parity, as_json=False)
    console = Console(highlight=False, soft_wrap=True, markup=False)
    for alike in _by_case(found.minimal):
        _show(console, alike, bases)
    if found.skipped:
        console.print(f"\nnot asked: {len(found.skipped)} requests that write, or whose role has no cookie here")


def _by_case(found: Iterable[Minimal]) -> list[list[Minimal]]:
    """Mismatches that came down to the same requests belong together."""
    groups: dict[tuple[str, bool, str], list[Minimal]] = {}
    for one in found:
        groups.setdefault((one.found.route, one.is_reproduced, text_of(one.case)), []).append(one)
    return list(groups.values())


def _show(console: Console, alike: list[Minimal], bases: tuple[str, ...]) -> None:
    one = alike[0]
    fields = ", ".join(f"{each.found.field} ({each.found.kind.value})" for each in alike)
    console.print(f"\n{one.found.route}: {fields}, from {one.found.request}: {_state(one)}")
    if not one.is_reproduced:
        return
    for recording in one.case:
        console.print(as_line(recording))
    for base in bases:
        for recording in one.case:
            console.print(as_curl(recording, base))


def _state(one: Minimal) -> str:
    if not one.is_reproduced:
        return "asked again alone, it does not differ: it depends on what is asked before it, or on chance"
    return f"{'nothing simpler differs' if one.is_minimal else 'questions ran out'}, {one.questions} questions"


def _as_json(one: Minimal, bases: tuple[str, ...]) -> dict[str, Any]:
    return {
        "route": one.found.route,
        "field": one.found.field,
        "kind": one.found.kind.value,
        "request": one.found.request,
        "reproduced": one.is_reproduced,
        "minimal": one.is_minimal,
        "questions": one.questions,
        "lines": [json.loads(as_line(recording)) for recording in one.case],
        "curl": [as_curl(recording, base) for base in bases for recording in one.case],
    }
