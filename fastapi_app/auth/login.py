"""One attempt to log in: look, compare beside the event loop, then decide in a transaction of its own.

No transaction is open while the password is compared, which takes a quarter of a second on purpose. Every attempt
compares once, whether or not there is such an account, it is locked, or its hash is an old one. The rows that count
are locked in one order: the address, the account, the name.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.auth import single_account
from fastapi_app.auth.admission import admit, end_earlier
from fastapi_app.auth.attempts import count_failure, locked_count
from fastapi_app.auth.failed_login import count_for_account, count_for_name, tell, tell_blocked
from fastapi_app.auth.hashing import Hashing
from fastapi_app.auth.limits import blocked_until
from fastapi_app.auth.outcome import INACTIVE, WRONG, Client, Outcome, Pending, Refusal, Wait, locked
from fastapi_app.auth.passwords import PasswordTooLong, is_old_default, is_unsalted
from fastapi_app.auth.rules import Credentials
from fastapi_app.auth.standing import Standing, look
from fastapi_app.database import Database
from fastapi_app.models import User, now


@dataclass(frozen=True)
class Proof:
    """What comparing showed. `digest` is the hash that replaces an old one, None where none is replaced."""

    own: bool
    single: bool
    digest: str | None

    @property
    def is_right(self) -> bool:
        return self.own or self.single


async def log_in(database: Database, hashing: Hashing, given: Credentials, client: Client) -> Outcome:
    """A new login, or why not."""
    async with database.reading() as session:
        standing = await look(session, given.username, client.ip, now())
    if standing.blocked_until is not None:
        await tell_blocked(database, client)
        return Wait(standing.blocked_until)
    proof = await _compare(hashing, given, standing)
    async with database.writing() as session:
        return await _decide(session, given, client, standing, proof)


async def _compare(hashing: Hashing, given: Credentials, standing: Standing) -> Proof:
    known = standing.user
    matches = await hashing.verify(given.password, standing.stored)
    own = matches and known is not None and not is_old_default(known.username, given.password)
    single = standing.single is not None and standing.single.proves(given.password)
    is_old = own and known is not None and is_unsalted(known.password_hash)
    try:
        digest = await hashing.make(given.password) if single or is_old else None
    except PasswordTooLong:
        return Proof(own, single=False, digest=None)
    return Proof(own, single, digest)


async def _decide(
    session: AsyncSession, given: Credentials, client: Client, standing: Standing, proof: Proof
) -> Outcome:
    """The outcome, by the rows as they are now: several attempts at once count one after the other."""
    at = now()
    until = blocked_until(await locked_count(session, standing.subject, at), at)
    if until is not None:
        return Wait(until)
    user = await _same_row(session, standing)
    if user is not None and user.locked_until is not None and user.locked_until > at and not standing.at_home:
        outcome: Outcome = Refusal(locked(user.locked_until))
    elif proof.is_right and (user is not None or standing.user is None):
        outcome = await _welcome(session, user, client, standing, proof)
    else:
        outcome = await _failed(session, given, client, standing, user, at)
    if isinstance(outcome, Refusal):
        await count_failure(session, standing.subject, standing.limit, at)
        await tell(session, client, user, outcome.reason)
    return outcome


async def _failed(
    session: AsyncSession, given: Credentials, client: Client, standing: Standing, user: User | None, at: datetime
) -> Refusal:
    if standing.user is None:
        return await count_for_name(session, given.username, at)
    return count_for_account(session, user, client, at) if user is not None else Refusal(WRONG)


async def _same_row(session: AsyncSession, standing: Standing) -> User | None:
    """The account's row, locked; None when there is none, or its password changed while it was compared."""
    known = standing.user
    if known is None:
        return None
    user: User | None = await session.scalar(select(User).where(User.id == known.id).with_for_update())
    return user if user is not None and user.password_hash == known.password_hash else None


async def _welcome(
    session: AsyncSession, user: User | None, client: Client, standing: Standing, proof: Proof
) -> Outcome:
    if user is not None and not user.is_active:
        return Refusal(INACTIVE)
    if proof.digest is not None:
        user = await _replaced(session, user, standing, proof, proof.digest)
    if user is None:
        return Refusal(WRONG)
    if user.two_factor_enabled:
        await end_earlier(session, client)
        return Pending(user)
    return await admit(session, user, client)


async def _replaced(
    session: AsyncSession, user: User | None, standing: Standing, proof: Proof, digest: str
) -> User | None:
    """The account with its old hash replaced by `digest`."""
    if proof.single and not proof.own and standing.single is not None:
        return await single_account.move(session, standing.single, user, digest)
    if user is not None:
        user.password_hash = digest
    return user
