"""Credentials that were refused: one line of the log each, and one row of the audit trail a minute per address."""

import ipaddress
from datetime import datetime, timedelta
from threading import Lock

from flask import Flask, current_app, request
from sqlalchemy.exc import OperationalError

from fastapi_app.models import AuditEvent, now
from legacy_flask.audit import Event, Outcome, record
from legacy_flask.credential import Kind
from legacy_flask.database import writing

_EXTENSION = "mvidarr_refusals"
_EVERY = timedelta(minutes=1)
_MOST = 4096
_EVENTS = {Kind.TOKEN: Event.TOKEN_REFUSED, Kind.KEY: Event.KEY_REFUSED}


class Refusals:
    """What this process recorded within the last minute, so that a flood does not even reach the database."""

    def __init__(self, most: int = _MOST) -> None:
        self._most = most
        self._lock = Lock()
        self._recorded: dict[str, datetime] = {}

    def is_new(self, event: str, address: str, at: datetime) -> bool:
        """Whether the address, or its /64, did this for the first time within a minute."""
        subject = f"{event} {_network(address)}"
        with self._lock:
            earlier = self._recorded.pop(subject, None)
            repeated = earlier is not None and at - earlier < _EVERY
            self._recorded[subject] = earlier if repeated and earlier is not None else at
            while len(self._recorded) > self._most:
                del self._recorded[next(iter(self._recorded))]
        return not repeated


def keep(app: Flask) -> None:
    """Gives `app` its memory of refusals."""
    app.extensions[_EXTENSION] = Refusals()


def tell_refusal(kind: Kind) -> None:
    """Records that this request's credential was refused, unless that happened within the minute."""
    event, address = _EVENTS[kind], request.remote_addr or ""
    current_app.logger.warning("%s from %s", event.value, address)
    recorded: Refusals = current_app.extensions[_EXTENSION]
    if not recorded.is_new(event.value, address, now()):
        return
    try:
        with writing() as session:
            lately = (AuditEvent.event == event.value, AuditEvent.at > now() - _EVERY)
            same = session.query(AuditEvent.id).filter(*lately, AuditEvent.ip_address == address[:45]).first()
            if same is None:
                record(session, event, outcome=Outcome.FAILURE)
    except OperationalError:
        current_app.logger.warning("a refusal was not recorded")


def _network(address: str) -> str:
    """The /64 of an IPv6 address: one visitor may have all of it."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((found, 64), strict=False)) if found.version == 6 else address
