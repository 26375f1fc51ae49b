"""How many videos there are, counted once for all pages that tell it."""

from collections.abc import Mapping

from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.caching.caches import Question
from fastapi_app.caching.tags import Tag
from fastapi_app.models import VideoStatus
from fastapi_app.pages import queries


async def counted(request: Request, session: AsyncSession, search: str = "") -> Mapping[VideoStatus | None, int]:
    """How many videos match, by status; unknown ones under None."""
    tags = frozenset({Tag.VIDEOS, Tag.ARTISTS} if search else {Tag.VIDEO_STATUSES})
    question = Question("library counts", tags, search)
    found: Mapping[VideoStatus | None, int] = await request.state.caches.value(
        session, question, lambda: queries.matches(session, search)
    )
    return found
