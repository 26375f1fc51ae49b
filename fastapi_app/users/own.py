"""What people change about their own account, once they have proved again that it is theirs."""

from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.audit.events import Event
from fastapi_app.audit.record import record
from fastapi_app.errors import Conflict, NotFound
from fastapi_app.users import queries, rules
from fastapi_app.users.changes import Acting


async def change_email(session: AsyncSession, who: Acting, user_id: int, email: str) -> None:
    """A new address counts as not verified. Raises NotFound, Conflict where somebody else has it."""
    user = await queries.locked_user(session, user_id)
    if user is None:
        raise NotFound(rules.NOT_FOUND)
    if user.email == email:
        return
    if await queries.has_other_with_email(session, user_id, email):
        raise Conflict(rules.EMAIL_TAKEN)
    user.email, user.is_email_verified = email, False
    await session.flush()
    name = user.username
    record(session, Event.CREDENTIALS_CHANGED, who.origin, user_id=user_id, username=name, subject=name, what="email")
