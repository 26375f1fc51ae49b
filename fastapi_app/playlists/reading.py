"""One playlist and what is in it, wherever that comes from."""

from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.errors import NotFound
from fastapi_app.models import INTEGER_MAX
from fastapi_app.playlists import criteria, entries, findings, queries, shown
from fastapi_app.playlists.queries import Totals
from fastapi_app.playlists.rules import Page
from fastapi_app.playlists.standing import MISSING, Standing
from fastapi_app.transaction import Record
from fastapi_app.urls import Scope


def looks_itself(row: Any) -> bool:
    """Whether the rules of this playlist are looked at now, and not what was stored."""
    return bool(row.is_dynamic and row.auto_update)


async def row_of(session: AsyncSession, playlist_id: int) -> Record | None:
    """The columns of a playlist, whoever may see it."""
    return await queries.one_playlist(session, playlist_id) if playlist_id <= INTEGER_MAX else None


async def totals_of(session: AsyncSession, row: Record, moment: datetime) -> Totals:
    """Counted now. Raises Conflict for rules that can't be read."""
    if looks_itself(row):
        return await findings.totals(session, criteria.of_row(row.filter_criteria), moment)
    return (await queries.totals_of_entries(session, [row.id])).get(row.id, (0, 0))


async def page_of(session: AsyncSession, row: Record, wanted: Page, moment: datetime) -> list[dict[str, Any]]:
    """A page of its entries as answers show them. Raises Conflict for rules that can't be read."""
    if looks_itself(row):
        rules = criteria.of_row(row.filter_criteria)
        found = await findings.page(session, rules, moment, wanted.offset, wanted.per_page)
        return shown.findings(found, wanted.offset)
    rows = await entries.page_of_entries(session, row.id, wanted.offset, wanted.per_page)
    return shown.entries(rows, wanted.offset)


async def told(session: AsyncSession, playlist_id: int, standing: Standing, scope: Scope) -> dict[str, Any]:
    """A playlist that was just made or changed, as lists show it."""
    row = await queries.one_playlist(session, playlist_id)
    if row is None:
        raise NotFound(MISSING)
    counted = {} if looks_itself(row) else await queries.totals_of_entries(session, [playlist_id])
    return shown.playlist(row, shown.totals_of(row, counted), standing, scope)
