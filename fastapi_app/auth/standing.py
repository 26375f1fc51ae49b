"""What is known of an attempt before its password is compared: the account it means, and what it may still try."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.auth import single_account
from fastapi_app.auth.attempts import block
from fastapi_app.auth.limits import ADDRESS, HOME, HOME_FOR, Limit, address_subject, home_subject, network
from fastapi_app.auth.names import is_same
from fastapi_app.auth.passwords import DUMMY_HASH
from fastapi_app.auth.single_account import SingleAccount
from fastapi_app.models import User, UserRole, UserSession

_LONGEST_NAME = 120


@dataclass(frozen=True)
class Standing:
    """`user` is the row as it was read, detached. `single` is 0.9's single account where the name means it.

    `subject` and `limit` say where a failure counts: an address that this account logged in from lately has a count
    of its own, so that strangers can't use it up.
    """

    user: User | None
    single: SingleAccount | None
    at_home: bool
    subject: str
    limit: Limit
    blocked_until: datetime | None

    @property
    def stored(self) -> str:
        """The hash to compare with: one of nobody's where there is no account, so that it takes as long."""
        return self.user.password_hash if self.user else DUMMY_HASH


async def look(session: AsyncSession, name: str, ip: str, at: datetime) -> Standing:
    """Reads it. Changes nothing."""
    user = await find_user(session, name)
    single = await single_account.find(session, name)
    if single is not None and not _may_move(user):
        single = None
    at_home = user is not None and await is_home(session, user.id, ip, at)
    subject = home_subject(user.id, ip) if user is not None and at_home else address_subject(ip)
    until = await block(session, subject, at)
    return Standing(user, single, at_home, subject, HOME if at_home else ADDRESS, until)


async def find_user(session: AsyncSession, name: str) -> User | None:
    """The user of this name, else of this address. Look-alikes, which the database can't tell apart, are nobody."""
    if len(name) > _LONGEST_NAME:
        return None
    found = list(await session.scalars(select(User).where(or_(User.username == name, User.email == name))))
    by_name = (user for user in found if is_same(name, user.username))
    by_address = (user for user in found if is_same(name, user.email))
    return next(by_name, None) or next(by_address, None)


async def is_home(session: AsyncSession, user_id: int, ip: str, at: datetime) -> bool:
    """Whether this account logged in from this address, or was used there, within the last thirty days."""
    since = at - HOME_FOR
    lately = or_(UserSession.last_activity > since, UserSession.created_at > since)
    query = select(UserSession.ip_address).where(UserSession.user_id == user_id, lately).distinct()
    return network(ip) in {network(stored) for stored in await session.scalars(query) if stored}


def _may_move(user: User | None) -> bool:
    """0.9's single account is the administrator of its name, unless that one asks for more than a password."""
    return user is None or (user.role is UserRole.ADMIN and not user.two_factor_enabled)
