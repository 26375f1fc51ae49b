"""The SQL of the first steps."""

from dataclasses import dataclass

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.models import Artist, Setting, User, Video
from fastapi_app.pages.welcome.rules import STEP_SETTING, Step, is_before, is_made, step_of


@dataclass(frozen=True)
class Library:
    """Whether the library holds anything."""

    has_artists: bool
    has_videos: bool

    @property
    def is_empty(self) -> bool:
        return not (self.has_artists or self.has_videos)


async def reached(session: AsyncSession) -> Step | None:
    """The step that was reached, None where nobody began."""
    return step_of(await session.scalar(select(Setting.value).where(Setting.key == STEP_SETTING)))


async def reach(session: AsyncSession, step: Step) -> None:
    """Remembers that somebody came this far; going back doesn't forget it."""
    row = await session.scalar(select(Setting).where(Setting.key == STEP_SETTING).with_for_update())
    if row is None:
        session.add(Setting(key=STEP_SETTING, value=step.value, description="How far the first steps were taken"))
    elif (before := step_of(row.value)) is None or is_before(before, step):
        row.value = step.value


async def library(session: AsyncSession) -> Library:
    found = (await session.execute(select(exists(select(Artist.id)), exists(select(Video.id))))).one()
    return Library(bool(found[0]), bool(found[1]))


async def stored_paths(session: AsyncSession) -> frozenset[str]:
    """The files that videos have. A library that is being begun has few."""
    return frozenset(await session.scalars(select(Video.local_path).where(Video.local_path.is_not(None))))


async def has_made_password(session: AsyncSession, user_id: int) -> bool:
    """Whether the password is still the one that the account was made with."""
    query = select(User.created_at, User.password_changed_at).where(User.id == user_id)
    found = (await session.execute(query)).one_or_none()
    return found is not None and is_made(found.created_at, found.password_changed_at)
