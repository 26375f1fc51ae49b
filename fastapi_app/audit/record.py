"""Adds to the audit trail: authentication and administration, who did it, from where, and what became of it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import structlog
from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.audit.events import Event
from fastapi_app.models import AuditEvent, now

_LONGEST = {"username": 80, "subject": 255, "ip": 45, "agent": 255, "request_id": 128}

log = structlog.get_logger("mvidarr.audit")


class Outcome(StrEnum):
    """How it ended."""

    SUCCESS = "success"
    FAILURE = "failure"


@dataclass(frozen=True)
class Origin:
    """Where a request comes from."""

    ip: str = ""
    agent: str = ""
    request_id: str = ""


def origin_of(request: Request) -> Origin:
    """The sender's address as the proxies that are trusted tell it, its program, and the request's id."""
    return Origin(
        request.client.host if request.client else "",
        request.headers.get("user-agent", ""),
        str(structlog.contextvars.get_contextvars().get("request_id", "")),
    )


def record(
    session: AsyncSession,
    event: Event,
    origin: Origin,
    *,
    outcome: Outcome = Outcome.SUCCESS,
    user_id: int | None = None,
    username: str = "",
    subject: str = "",
    **detail: Any,
) -> None:
    """Adds one event to the transaction: it is kept when what it tells of is.

    `detail` holds plain JSON values and never a secret. A refusal that rolls its transaction back records itself in
    one of its own.
    """
    texts = {"username": username, "subject": subject, "ip": origin.ip, "agent": origin.agent}
    cut = {name: text[: _LONGEST[name]] or None for name, text in texts.items()}
    session.add(
        AuditEvent(
            at=now(),
            event=event.value,
            outcome=outcome.value,
            user_id=user_id,
            username=cut["username"],
            subject=cut["subject"],
            ip_address=cut["ip"],
            user_agent=cut["agent"],
            request_id=origin.request_id[: _LONGEST["request_id"]] or None,
            detail=detail or None,
        )
    )
    log.info(event.value, outcome=outcome.value, user_id=user_id, subject=subject or None)
