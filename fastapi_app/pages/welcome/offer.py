"""Whether the first steps are offered: to administrators of an empty library, until one took or refused them."""

from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.auth.access import Access
from fastapi_app.auth.visitor import Visitor
from fastapi_app.pages.welcome import queries
from fastapi_app.pages.welcome.rules import Step


async def is_offered(session: AsyncSession, visitor: Visitor) -> bool:
    """Two queries for an administrator, none for anybody else. The page itself, `/welcome`, stays open to them."""
    if not (visitor.logged_in and visitor.reaches(Access.ADMINISTER)):
        return False
    if await queries.reached(session) is Step.DONE:
        return False
    return (await queries.library(session)).is_empty
