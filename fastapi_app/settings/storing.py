"""Putting settings into their rows, if the visitor may: for the API and for the pages."""

from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.auth.requirement import demand
from fastapi_app.auth.visitor import Visitor
from fastapi_app.models import Setting
from fastapi_app.settings import catalogue, rules


def store(
    request: Request,
    session: AsyncSession,
    visitor: Visitor,
    row: Setting | None,
    key: str,
    value: str | None,
    description: str | None = None,
) -> None:
    """Puts one value into its row, or into a new one.

    Raises NotLoggedIn or Forbidden for a visitor who may not, and BadField for a value that the setting can't hold.
    What is stored already is never refused: saving everything unchanged works, whatever 0.9 left there.
    """
    stored = row.value if row else None
    names = {key, row.key} if row else {key}
    demand(request, visitor, max(rules.access_to_change(name, value, stored) for name in names))
    if value != stored:
        catalogue.check(key, value)
    kept = value
    for name in names:
        kept = rules.merged(name, kept, stored)
    if rules.is_secret(key) and value == rules.MASK:
        return
    if row is None:
        session.add(Setting(key=key, value=kept, description=description or None))
        return
    row.value = kept
    row.description = description or row.description
