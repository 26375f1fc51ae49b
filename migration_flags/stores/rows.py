"""Pure: rows of the SQL store as values, and back."""

import json
from typing import Any

from sqlalchemy import Row

from migration_flags.audit import AuditRow
from migration_flags.document import DocumentInvalid, details, read_flag, to_text
from migration_flags.evidence import Evidence
from migration_flags.flag import Flag
from migration_flags.workers import Worker


def flag_of(row: Row[Any]) -> Flag:
    """Raises `DocumentInvalid`."""
    where = f"the flag of {row.route!r}"
    document: dict[str, Any] = {"stage": row.stage, "percent": row.percent}
    if row.details is not None:
        document |= _parsed(row.details, where)
    signed = {"reason": row.reason, "updated_by": row.updated_by, "updated_at": row.updated_at, "epoch": row.epoch}
    return read_flag(row.route, document | signed, where)


def flag_values(flag: Flag) -> dict[str, object]:
    return {
        "route": flag.key,
        "stage": flag.stage.value,
        "percent": flag.percent,
        "reason": flag.reason,
        "updated_by": flag.updated_by,
        "updated_at": flag.updated_at,
        "epoch": flag.epoch,
        "details": to_text(details(flag)),
    }


def audit_row(row: Row[Any]) -> AuditRow:
    """A row whose details can't be read is given without them: the chain then shows it as broken."""
    values: dict[str, Any] = dict(row._mapping)  # noqa: SLF001  # SQLAlchemy's public name for it
    values["key"] = values.pop("route")
    written = values.pop("details")
    try:
        added = _parsed(written, "details") if written is not None else {}
    except DocumentInvalid:
        added = {}
    values |= {name: added.get(name) for name in ("before", "after", "evidence")}
    return AuditRow(**values)


def audit_values(row: AuditRow) -> dict[str, object]:
    return {
        "sequence": row.sequence,
        "at": row.at,
        "actor": row.actor,
        "reason": row.reason,
        "route": row.key,
        "before_stage": row.before_stage,
        "before_percent": row.before_percent,
        "after_stage": row.after_stage,
        "after_percent": row.after_percent,
        "epoch": row.epoch,
        "gated": row.gated,
        "previous_hash": row.previous_hash,
        "hash": row.hash,
        "details": to_text({"before": row.before, "after": row.after, "evidence": row.evidence}),
        "version": row.version,
    }


def worker_of(row: Row[Any]) -> Worker:
    return Worker(row.id, row.host, row.pid, row.epoch, row.seen_at, _parsed(row.facts, f"worker {row.id!r}"))


def worker_values(worker: Worker, seen_at: str) -> dict[str, object]:
    return {
        "id": worker.id,
        "host": worker.host,
        "pid": worker.pid,
        "epoch": worker.epoch,
        "seen_at": seen_at,
        "facts": to_text(dict(worker.facts)),
    }


def evidence_piece(row: Row[Any]) -> Evidence:
    summary = _parsed(row.summary, f"the evidence of {row.route!r}")
    return Evidence(row.route, row.kind, row.at, row.epoch, summary, row.source)


def evidence_values(piece: Evidence) -> dict[str, object]:
    return {
        "route": piece.key,
        "kind": piece.kind,
        "at": piece.at,
        "epoch": piece.epoch,
        "source": piece.source,
        "summary": to_text(dict(piece.summary)),
    }


def _parsed(text: str, where: str) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except ValueError as error:
        raise DocumentInvalid(where, "is not JSON") from error
    if not isinstance(document, dict):
        raise DocumentInvalid(where, "must be an object")
    return document
