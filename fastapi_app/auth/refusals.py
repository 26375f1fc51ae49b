"""Credentials that were refused: told to the log every time, and to the audit trail once a minute per address."""

from collections import OrderedDict
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network

import structlog
from fastapi import Request
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.audit.events import Event
from fastapi_app.audit.record import Origin, Outcome, origin_of, record
from fastapi_app.auth.credential import Credential, Kind
from fastapi_app.models import AuditEvent, now

EVERY = timedelta(minutes=1)
_MOST_REMEMBERED = 4096
_EVENTS = {Kind.TOKEN: Event.TOKEN_REFUSED, Kind.KEY: Event.KEY_REFUSED}

log = structlog.get_logger(__name__)


class Refusals:
    """What this process recorded in the last minute, so that a flood of bad tokens does not even ask the database."""

    def __init__(self, most: int = _MOST_REMEMBERED) -> None:
        self._most = most
        self._recorded: OrderedDict[tuple[str, str], datetime] = OrderedDict()

    def is_new(self, event: str, address: str, at: datetime) -> bool:
        """Whether this is the first such event of this address, or of its /64, within a minute."""
        subject = (event, _neighbourhood(address))
        earlier = self._recorded.get(subject)
        if earlier is not None and at - earlier < EVERY:
            return False
        self._recorded[subject] = at
        self._recorded.move_to_end(subject)
        if len(self._recorded) > self._most:
            self._recorded.popitem(last=False)
        return True


async def tell_refusal(request: Request, session: AsyncSession, given: Credential) -> None:
    """Records that a credential was refused. The request's own session ends here: it is about to be refused."""
    event, origin = _EVENTS[given.kind], origin_of(request)
    log.warning(event.value, ip=origin.ip)
    refusals: Refusals = request.state.refusals
    if not refusals.is_new(event.value, origin.ip, now()):
        return
    await session.rollback()  # gives its connection back, before one for writing is taken
    try:
        async with request.state.database.writing() as writer:
            await record_once(writer, event, origin)
    except OperationalError:
        log.warning("a refusal was not recorded", ip=origin.ip)


async def record_once(session: AsyncSession, event: Event, origin: Origin) -> None:
    """Adds the event to the audit trail, unless any process or side did so for this address within the minute."""
    lately = (AuditEvent.event == event.value, AuditEvent.at > now() - EVERY, AuditEvent.ip_address == origin.ip[:45])
    if await session.scalar(select(AuditEvent.id).where(*lately).limit(1)) is None:
        record(session, event, origin, outcome=Outcome.FAILURE)


def _neighbourhood(address: str) -> str:
    """The /64 of an IPv6 address, of which one visitor may have all; any other address as it is."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    return str(ip_network((found, 64), strict=False)) if isinstance(found, IPv6Address) else address
