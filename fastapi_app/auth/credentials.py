"""An administrator's own name and password, changed together as in 0.9."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app import fields
from fastapi_app.audit.events import Event
from fastapi_app.audit.record import Origin, record
from fastapi_app.auth.new_password import give
from fastapi_app.auth.password_change import refuse_weak
from fastapi_app.auth.visitor import Visitor
from fastapi_app.errors import BadField, BadRequest, Conflict, NotFound
from fastapi_app.models import User
from fastapi_app.users.rules import NAME_TAKEN, username


@dataclass(frozen=True)
class NewCredentials:
    """The name and the password to come."""

    username: str
    password: str


def read_credentials(values: Any) -> NewCredentials:
    """Of a JSON body. Raises BadRequest in the words of 0.9."""
    if not isinstance(values, dict) or not values:
        raise BadRequest("No data provided")
    found = {name: values.get(name) or "" for name in ("username", "password")}
    for name, value in found.items():
        if not isinstance(value, str):
            raise BadField(name, "text")
        fields.plain(value, name)
    if not all(found.values()):
        raise BadRequest("Username and password are required")
    name = username(found["username"].strip())
    refuse_weak(found["password"], "Password")
    return NewCredentials(name, found["password"])


async def replace(session: AsyncSession, visitor: Visitor, name: str | None, digest: str, origin: Origin) -> User:
    """Gives the visitor's account the password, and the name where there is one; ends its other logins.

    Raises Conflict where the name is somebody else's, also in the eyes of the database, which is blind to accents.
    """
    user = await session.scalar(select(User).where(User.id == visitor.user_id).with_for_update())
    if user is None:
        raise NotFound("User not found")
    await give(session, user, digest, kept_session=visitor.session_id)
    if name is not None:
        taken = select(User.id).where(User.username == name, User.id != user.id)
        if await session.scalar(taken) is not None:
            raise Conflict(NAME_TAKEN)
        user.username = name
    record(session, Event.CREDENTIALS_CHANGED, origin, user_id=user.id, username=visitor.username)
    return user
