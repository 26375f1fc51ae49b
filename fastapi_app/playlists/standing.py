"""What a visitor may do with which playlists."""

from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, or_, true
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.auth.access import Access
from fastapi_app.auth.gate import gate_is_open, stored_gate
from fastapi_app.auth.visitor import Visitor
from fastapi_app.errors import Forbidden, NotFound
from fastapi_app.models import Playlist

MISSING = "Playlist not found"
NOT_YOURS = "This playlist belongs to somebody else"
_NOT_FEATURED = "is_featured is for those who manage the library"
Row = TypeVar("Row")
"""A playlist, or the columns of one."""


@dataclass(frozen=True, slots=True)
class Standing:
    """One visitor. A playlist without an owner is everybody's, as whatever an open library holds."""

    user_id: int | None
    writes: bool
    """May have playlists of their own."""

    manages: bool
    """May change every playlist that they see."""

    oversees: bool
    """Sees private ones of others: by role, never because the gate is open."""

    def owns(self, playlist: Any) -> bool:
        return self.user_id is not None and playlist.user_id == self.user_id

    def sees(self, playlist: Any) -> bool:
        return bool(playlist.is_public) or playlist.user_id is None or self.owns(playlist) or self.oversees

    def changes(self, playlist: Any) -> bool:
        """Of a playlist that they see."""
        return self.manages or (self.writes and self.owns(playlist))

    def seen(self, playlist: Row | None) -> Row:
        """Raises NotFound also for a private one of somebody else: that it exists is nobody's business."""
        if playlist is None or not self.sees(playlist):
            raise NotFound(MISSING)
        return playlist

    def changed(self, playlist: Row | None) -> Row:
        """One that is about to change. Raises NotFound, and Forbidden for what is only to be looked at."""
        found = self.seen(playlist)
        if not self.changes(found):
            raise Forbidden(NOT_YOURS)
        return found

    def check_featuring(self, *, is_featured: bool, was_featured: bool = False) -> None:
        """Raises Forbidden when somebody who doesn't manage puts a playlist forward, or takes it back."""
        if is_featured != was_featured and not self.manages:
            raise Forbidden(_NOT_FEATURED)

    def visible(self, *, everything: bool = False) -> ColumnElement[bool]:
        """Which rows the visitor is shown: with `everything`, all that they may see."""
        if everything and self.oversees:
            return true()
        shown = [Playlist.is_public.is_(True), Playlist.user_id.is_(None)]
        return or_(*shown, Playlist.user_id == self.user_id) if self.user_id is not None else or_(*shown)

    def own(self) -> ColumnElement[bool]:
        """Their own rows; those without an owner for nobody in particular."""
        return Playlist.user_id.is_(None) if self.user_id is None else Playlist.user_id == self.user_id

    def changeable(self) -> ColumnElement[bool]:
        """Which of the visible rows the visitor may change."""
        if self.manages:
            return true()
        return Playlist.user_id == (self.user_id if self.writes and self.user_id is not None else 0)


async def standing_of(session: AsyncSession, visitor: Visitor) -> Standing:
    """The gate is read for those whose role alone does not manage."""
    oversees = visitor.reaches(Access.MANAGE)
    is_open = not oversees and gate_is_open(await stored_gate(session))
    return Standing(
        user_id=visitor.user_id,
        writes=is_open or visitor.reaches(Access.MODIFY),
        manages=is_open or oversees,
        oversees=oversees,
    )
