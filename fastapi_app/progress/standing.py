"""Whether the login behind a socket still counts, asked for many sockets at once."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.auth.access import Access, reach
from fastapi_app.auth.gate import gate_is_open, stored_gate
from fastapi_app.auth.keys import queries as keys
from fastapi_app.auth.keys.rules import lower
from fastapi_app.jobs.visibility import View
from fastapi_app.models import SessionStatus, User, UserRole, UserSession, now
from fastapi_app.transaction import Record

_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Proof:
    """What let a socket in: the row of a login, or the hash of an API key, or neither, through an open gate."""

    session_id: int | None = None
    key_hash: str | None = None


@dataclass(frozen=True, slots=True)
class _Person:
    user_id: int
    role: UserRole | None


async def views(session: AsyncSession, proofs: Collection[Proof]) -> dict[Proof, View]:
    """What each of these shows at present. Those that prove nothing any more are missing.

    Nothing is prolonged by this: a forgotten tab must not keep a login alive.
    """
    gate_open = gate_is_open(await stored_gate(session))
    logins = await _logins(session, [proof.session_id for proof in proofs if proof.session_id is not None])
    found: dict[Proof, View] = {}
    for proof in proofs:
        if proof.session_id is not None:
            person = logins.get(proof.session_id)
        elif proof.key_hash is not None:
            person = await _of_key(session, proof.key_hash)
        else:
            person = None
        if person is None and (proof != Proof() or not gate_open):
            continue
        view = _view(person, gate_open=gate_open)
        if view is not None:
            found[proof] = view
    return found


def _view(person: _Person | None, *, gate_open: bool) -> View | None:
    level = reach(person.role) if person is not None else Access.PUBLIC
    if level < Access.READ and not gate_open:
        return None
    return View(person.user_id if person is not None else None, level >= Access.MANAGE or gate_open)


async def _logins(session: AsyncSession, ids: Sequence[int]) -> Mapping[int, _Person]:
    alive = (UserSession.status == SessionStatus.ACTIVE, UserSession.expires_at > now(), User.is_active.is_(True))
    query = select(UserSession.id, User.id.label("user_id"), User.role).join(User, UserSession.user_id == User.id)
    found: dict[int, _Person] = {}
    for start in range(0, len(ids), _CHUNK):
        some: Sequence[Record] = (
            await session.execute(query.where(UserSession.id.in_(ids[start : start + _CHUNK]), *alive))
        ).all()
        found.update({row.id: _Person(row.user_id, row.role) for row in some})
    return found


async def _of_key(session: AsyncSession, key_hash: str) -> _Person | None:
    found = await keys.alive(session, key_hash, now())
    return None if found is None else _Person(found.user_id, lower(found.key_role, found.role))
