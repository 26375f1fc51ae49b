"""Storing what a form changed: all of it, or nothing."""

from collections.abc import Mapping

from anyio import to_thread
from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.auth.visitor import Visitor
from fastapi_app.indexing.walk import real_folder
from fastapi_app.media.paths import Roots
from fastapi_app.models.collation import sort_key
from fastapi_app.naming.template import TemplateInvalid, parse
from fastapi_app.pages.settings import rules
from fastapi_app.settings import queries
from fastapi_app.settings.catalogue import CATALOGUE
from fastapi_app.settings.kinds import Folder, Template
from fastapi_app.settings.storing import store

_OUTSIDE = "This folder is outside. Name it, or one above it, in MVIDARR_MEDIA_ROOTS, start MVidarr anew and try again."
_KINDS = {entry.key: entry.kind for entry in CATALOGUE}


async def save(request: Request, session: AsyncSession, visitor: Visitor, wanted: Mapping[str, str]) -> dict[str, str]:
    """Stores the settings, or says for each that is wrong why, and stores none. Raises NotLoggedIn and Forbidden."""
    wrong = rules.faults(wanted)
    wrong |= await to_thread.run_sync(_closer, Roots.of(request.state.config), _without(wanted, wrong))
    if wrong:
        return wrong
    rows = await queries.locked_settings(session, wanted)
    for key, text in wanted.items():
        store(request, session, visitor, rows.get(sort_key(key)), key, text)
    await session.flush()
    return {}


def _without(wanted: Mapping[str, str], wrong: Mapping[str, str]) -> dict[str, str]:
    return {key: text for key, text in wanted.items() if text and key not in wrong}


def _closer(roots: Roots, wanted: Mapping[str, str]) -> dict[str, str]:
    """What a look at the disk, and at the words of a template, finds wrong. Blocks."""
    wrong: dict[str, str] = {}
    for key, text in wanted.items():
        kind = _KINDS[key]
        if isinstance(kind, Folder) and real_folder(roots, text) is None:
            wrong[key] = _OUTSIDE
        elif isinstance(kind, Template):
            try:
                parse(text)
            except TemplateInvalid as invalid:
                wrong[key] = str(invalid)
    return wrong
