"""0.9's other login: one name and one password among the settings. Here it is the administrator of that name.

The password was kept as an unsalted SHA-256. It opens the account once more; from then on the account has it as bcrypt,
and the setting says that it moved. The row stays, because 0.9 writes its published password where there is none.
"""

from dataclasses import dataclass

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.auth.names import is_same
from fastapi_app.auth.passwords import is_published, is_unsalted, unsalted_matches
from fastapi_app.models import Setting, User, UserRole, now

NAME_SETTING = "simple_auth_username"
PASSWORD_SETTING = "simple_auth_password"  # noqa: S105 - the name of a setting, not a secret
MOVED = "moved to the account of this name"
_LONGEST_NAME = 80
_DOMAIN = "mvidarr.local"


@dataclass(frozen=True)
class SingleAccount:
    """The name, and the hash while it did not move."""

    name: str
    stored: str

    def proves(self, password: str) -> bool:
        """Whether this is its password. A published one proves nothing."""
        return unsalted_matches(password, self.stored) and not is_published(password)


async def find(session: AsyncSession, name: str) -> SingleAccount | None:
    """The single account, when it is called `name` and its password did not move yet."""
    query = select(Setting.key, Setting.value).where(Setting.key.in_([NAME_SETTING, PASSWORD_SETTING]))
    stored = {row.key: row.value or "" for row in await session.execute(query)}
    owner, secret = stored.get(NAME_SETTING, ""), stored.get(PASSWORD_SETTING, "")
    if not owner or len(owner) > _LONGEST_NAME or not is_same(name, owner) or not is_unsalted(secret):
        return None
    return SingleAccount(owner, secret)


async def move(session: AsyncSession, single: SingleAccount, user: User | None, digest: str) -> User:
    """The administrator who has the password from now on; made where there is none."""
    at = now()
    if user is None:
        email = await _free_address(session, single.name)
        user = User(username=single.name, email=email, password_hash=digest, role=UserRole.ADMIN, is_active=True)
        session.add(user)
    user.password_hash, user.password_changed_at = digest, at
    await session.flush()
    await retire(session)
    return user


async def retire(session: AsyncSession) -> None:
    """Lets the setting open nothing any more."""
    await session.execute(update(Setting).where(Setting.key == PASSWORD_SETTING).values(value=MOVED, updated_at=now()))


async def _free_address(session: AsyncSession, name: str) -> str:
    """The address that 0.9 gave its single account, or one beside it."""
    for number in range(100):
        address = f"{name}{f'-{number}' if number else ''}@{_DOMAIN}"
        if not await session.scalar(select(func.count()).select_from(User).where(User.email == address)):
            return address
    return address
