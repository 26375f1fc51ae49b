"""Events as clients know them. Pure."""

from typing import Any

from fastapi_app.responses import iso
from fastapi_app.transaction import Record


def event(row: Record) -> dict[str, Any]:
    return {
        "id": row.id,
        "at": iso(row.at),
        "event": row.event,
        "outcome": row.outcome,
        "user_id": row.user_id,
        "username": row.username,
        "subject": row.subject,
        "ip_address": row.ip_address,
        "user_agent": row.user_agent,
        "request_id": row.request_id,
        "detail": row.detail,
    }
