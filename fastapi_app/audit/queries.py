"""The SQL of the audit trail. It is read and added to, and nothing here changes it."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.audit.rules import Wanted
from fastapi_app.models import INTEGER_MAX, AuditEvent
from fastapi_app.transaction import Record

_COLUMNS = tuple(AuditEvent.__table__.columns)


async def events(session: AsyncSession, wanted: Wanted) -> tuple[int, Sequence[Record]]:
    """How many events there are, and those of one page, the newest first."""
    which = _matching(wanted)
    total = await session.scalar(select(func.count(AuditEvent.id)).where(*which)) or 0
    offset = (wanted.page - 1) * wanted.per_page
    if offset >= min(total, INTEGER_MAX):
        return total, []
    query = select(*_COLUMNS).where(*which).order_by(AuditEvent.id.desc()).limit(wanted.per_page).offset(offset)
    return total, (await session.execute(query)).all()


def _matching(wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.event is not None:
        found.append(AuditEvent.event == wanted.event.value)
    if wanted.user is not None:
        by_id = isinstance(wanted.user, int)
        found.append(AuditEvent.user_id == wanted.user if by_id else AuditEvent.username == wanted.user)
    if wanted.outcome is not None:
        found.append(AuditEvent.outcome == wanted.outcome.value)
    if wanted.address is not None:
        found.append(AuditEvent.ip_address == wanted.address)
    if wanted.since is not None:
        found.append(AuditEvent.at >= wanted.since)
    if wanted.until is not None:
        found.append(AuditEvent.at < wanted.until)
    return found
