"""The template that the settings name."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from fastapi_app.models import Setting
from fastapi_app.naming.template import DEFAULT, Template, TemplateInvalid, parse

KEY = "naming_template"
_QUERY = select(Setting.value).where(Setting.key == KEY)


def template(stored: str | None) -> Template:
    """The stored template; the default where there is none, or none that can be read. Pure."""
    try:
        return parse((stored or "").strip() or DEFAULT)
    except TemplateInvalid:
        return parse(DEFAULT)


def read(session: Session) -> Template:
    return template(session.scalar(_QUERY))


async def read_async(session: AsyncSession) -> Template:
    return template(await session.scalar(_QUERY))
