"""Pure: all flags of a store as one JSON document, for stores that keep it whole; and audit rows as lines."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from migration_flags.audit import AuditRow
from migration_flags.document import DocumentInvalid, flag_document, read_flag, to_text
from migration_flags.errors import SchemaTooNew
from migration_flags.snapshot import Snapshot
from migration_flags.transition import Head, State

SCHEMA_VERSION = 2
"""The first that is a document; the number is the SQL tables'."""

_MEMBERS = ("schema", "epoch", "killed", "flags", "audit", "content")


def state_text(state: State) -> str:
    """The document, indented for people. ``content`` tells later whether somebody edited it."""
    snapshot = state.snapshot
    document: dict[str, Any] = {
        "schema": SCHEMA_VERSION,
        "epoch": snapshot.epoch,
        "killed": snapshot.killed,
        "flags": {flag.key: flag_document(flag) for flag in sorted(snapshot, key=lambda flag: flag.key)},
        "audit": {"sequence": state.head.sequence, "hash": state.head.hash},
    }
    return json.dumps(document | {"content": content_hash(document)}, indent=2, ensure_ascii=False) + "\n"


def parsed(text: str | bytes) -> dict[str, Any]:
    """The document as it stands. Raises `DocumentInvalid` with the line, and `SchemaTooNew`."""
    try:
        document = json.loads(text, object_pairs_hook=_once)
    except json.JSONDecodeError as error:
        raise DocumentInvalid(f"line {error.lineno}, column {error.colno}", f"is not JSON: {error.msg}") from error
    except UnicodeDecodeError as error:
        raise DocumentInvalid(f"byte {error.start}", "is not UTF-8") from error
    except RecursionError as error:
        raise DocumentInvalid("the document", "is nested too deep") from error
    if not isinstance(document, dict):
        raise DocumentInvalid("the document", "must be an object")
    schema = document.get("schema", SCHEMA_VERSION)
    if isinstance(schema, int) and schema > SCHEMA_VERSION:
        raise SchemaTooNew(schema, SCHEMA_VERSION)
    unknown = sorted(set(document) - set(_MEMBERS))
    if unknown:
        raise DocumentInvalid(unknown[0], f"is not known here: {', '.join(_MEMBERS)}")
    return document


def untouched(document: Mapping[str, Any]) -> bool:
    """Whether the document is as a store wrote it."""
    return document.get("content") == content_hash({name: document[name] for name in document if name != "content"})


def read_state(document: Mapping[str, Any]) -> State:
    """The state of a document. Epoch, switch and audit may be missing where a person wrote it."""
    flags = document.get("flags", {})
    if not isinstance(flags, dict):
        raise DocumentInvalid("flags", "must be an object of routes")
    killed = document.get("killed", False)
    if not isinstance(killed, bool):
        raise DocumentInvalid("killed", "must be true or false")
    audit = document.get("audit", {})
    if not isinstance(audit, dict):
        raise DocumentInvalid("audit", "must be an object")
    read = [read_flag(key, flag, f"flags[{json.dumps(key, ensure_ascii=False)}]") for key, flag in flags.items()]
    head = Head(_number(audit.get("sequence", 0), "audit.sequence"), str(audit.get("hash", Head().hash)))
    return State(Snapshot(read, _number(document.get("epoch", 0), "epoch"), killed), head)


def row_text(row: AuditRow) -> str:
    return to_text(asdict(row))


def read_row(text: str | bytes, where: str) -> AuditRow:
    """Raises `DocumentInvalid`."""
    try:
        return AuditRow(**json.loads(text))
    except (ValueError, TypeError) as error:
        raise DocumentInvalid(where, "is not a row of the audit") from error


def content_hash(document: Mapping[str, Any]) -> str:
    """The same for the same content, however it is laid out."""
    text = json.dumps(document, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _number(value: Any, where: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise DocumentInvalid(where, "must be a whole number from 0")
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose members have different names: of two routes written twice, one would be lost unseen."""
    members: dict[str, Any] = {}
    for name, value in pairs:
        if name in members:
            raise DocumentInvalid(json.dumps(name, ensure_ascii=False), "is there twice")
        members[name] = value
    return members
