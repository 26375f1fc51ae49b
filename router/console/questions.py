"""What the console tells: the state of all routes, one route with all that is known of it, and the history."""

import gzip
from collections.abc import Mapping, Sequence
from typing import Any

from migration_flags import Evidence, Stage, first_broken_link
from router.comparison.field_waiver import FieldWaiver
from router.comparison.waiver import Waiver
from router.console.access import MOVE, Access
from router.console.answer import Answer, as_json, told
from router.console.asking import headers_of
from router.console.board import Board
from router.console.errors import NotFound, Unfit
from router.console.route_view import finding_told, history_told
from router.console.surroundings import Surroundings
from router.console.visit import Visit
from router.errors import UnknownRoute
from router.explanation import explain_row
from router.mirror.apart import Apart
from router.partition import OUT_OF_REACH
from router.promotion.judgement import Judge, here
from router.promotion.step import PERCENTAGES, Step, step_after
from router.row import Owner, Row

SHOWN = 50
"""Pieces of evidence, and rows of history, that one route shows."""
LEVEL = 1
"""How hard the state is packed: it is large and alike, and asked for every few seconds."""
MOST = 200
"""Rows of history in one answer."""

LADDER = (
    Step(Stage.LEGACY),
    Step(Stage.SHADOW),
    *(Step(Stage.CANARY, percent) for percent in PERCENTAGES),
    Step(Stage.MODERN),
    Step(Stage.RETIRED),
)


class Questions:
    """Every public method is a `Handle`."""

    def __init__(self, surroundings: Surroundings, board: Board, access: Access, thread: Apart) -> None:
        self._around = surroundings
        self._board = board
        self._access = access
        self._thread = thread

    async def state(self, visit: Visit) -> Answer:
        """All routes, and who asks."""
        body = await self._board.state()
        mover = await self._access.ask(visit.scope, MOVE)
        you = as_json({"name": visit.who.name, "may_move": mover.allowed})
        body = body[:-1] + b',"you":' + you + b"}"
        if "gzip" not in headers_of(visit.scope).get("accept-encoding", ""):
            return Answer(200, body)
        packed = await self._thread.call(lambda: gzip.compress(body, LEVEL, mtime=0))
        return Answer(200, packed, headers={"content-encoding": "gzip", "vary": "accept-encoding"})

    async def route(self, visit: Visit) -> Answer:
        """One route, what it may do next, and why."""
        try:
            row = self._around.table[visit.query.get("key", "")]
        except UnknownRoute as error:
            raise NotFound(str(error)) from None
        return told(await self._thread.call(lambda: self._route(row)))

    async def history(self, visit: Visit) -> Answer:
        """Who moved what, the newest first; of one route or of all, before a row that is known."""
        key = visit.query.get("key") or None
        before = _number(visit.query, "before", None, 1 << 62)
        limit = _number(visit.query, "limit", SHOWN, MOST)
        return told(await self._thread.call(lambda: self._history(key, before, limit or SHOWN)))

    def _route(self, row: Row) -> dict[str, Any]:
        around, board = self._around, self._board
        board.read(row.key)
        today = board.now.date()
        snapshot = around.store.snapshot()
        pieces = board.evidence.read(row.key)
        compared = around.demands.get(row.key)
        sentences = [*explain_row(around.table, row), *([str(compared)] if compared is not None else [])]
        return {
            **board.route(row.key),
            "epoch": snapshot.epoch,
            "sentences": sentences,
            "steps": [_step_told(step) for step in LADDER],
            "next": self._next(row),
            "findings": [finding_told(one) for one in board.evidence.summary(row.key, today).findings(today)],
            "waivers": self._waivers(row.key),
            "counted": around.evidence_of(row.key),
            "evidence": [_piece_told(piece) for piece in pieces[:SHOWN]],
            "history": [history_told(one) for one in around.store.history(row.key, limit=SHOWN)],
        }

    def _next(self, row: Row) -> dict[str, Any] | None:
        """What the gate says of the next step."""
        around = self._around
        snapshot = around.store.snapshot()
        if row.owner is not Owner.BOTH or step_after(here(snapshot.get(row.key))) is None:
            return None
        frozen = [f"The flag store is {OUT_OF_REACH}."] if around.flags.is_frozen else []
        (judged,) = Judge(around.store, around.version, around.forbidding, frozen).judge([row], snapshot)
        verdict = judged.verdict
        return {
            **_step_told(judged.target),
            "allowed": verdict.allowed,
            "missing": list(verdict.missing),
            "used": list(verdict.used),
        }

    def _waivers(self, key: str) -> list[dict[str, Any]]:
        ours = [_waiver_told(one) for one in reversed(self._around.book.of(key))]
        return [
            *ours,
            *(_file_told(number, one) for number, one in enumerate(self._around.waivers) if one.concerns(key)),
        ]

    def _history(self, key: str | None, before: int | None, limit: int) -> dict[str, Any]:
        rows = self._board.past(key)
        found = [row for row in rows if before is None or row.sequence < before][:limit]
        return {"rows": [history_told(row) for row in found], "intact": self._intact() if key is None else None}

    def _intact(self) -> bool | None:
        """Whether the chain holds, where all of it is at hand."""
        rows = self._board.past(None)
        if not rows or rows[-1].sequence != 1:
            return None
        return first_broken_link(reversed(rows)) is None


def _step_told(step: Step) -> dict[str, Any]:
    return {"stage": step.stage.value, "percent": step.percent}


def _piece_told(piece: Evidence) -> dict[str, Any]:
    """Without what would be thousands of lines: the shapes of requests, and samples, which findings show."""
    summary = {name: value for name, value in piece.summary.items() if name != "shapes"}
    fields = summary.get("fields")
    if isinstance(fields, Sequence) and not isinstance(fields, str):
        summary["fields"] = [_without_samples(one) for one in fields if isinstance(one, Mapping)]
    return {
        "kind": piece.kind,
        "at": piece.at,
        "epoch": piece.epoch,
        "source": piece.source,
        "summary": summary,
    }


def _without_samples(field: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in field.items() if name != "samples"}


def _waiver_told(waiver: FieldWaiver) -> dict[str, Any]:
    return {
        "id": waiver.id,
        "field": waiver.field,
        "class": None if waiver.kind is None else waiver.kind.value,
        "owner": waiver.owner,
        "reason": waiver.reason,
        "expires": waiver.expires.isoformat(),
        "from": "console",
        "withdrawn": bool(waiver.withdrawn),
        "why_withdrawn": waiver.withdrawn,
    }


def _file_told(number: int, waiver: Waiver) -> dict[str, Any]:
    return {
        "id": f"file-{number}",
        "field": waiver.fields,
        "class": None,
        "owner": waiver.owner,
        "reason": waiver.reason,
        "expires": waiver.expires.isoformat(),
        "from": "file",
        "withdrawn": False,
        "why_withdrawn": "",
    }


def _number(query: Mapping[str, str], name: str, default: int | None, most: int) -> int | None:
    text = query.get(name)
    if text is None or text == "":
        return default
    if not (text.isascii() and text.isdigit()) or not 1 <= int(text) <= most:
        raise Unfit(name, f"must be a whole number from 1 to {most}")
    return int(text)
