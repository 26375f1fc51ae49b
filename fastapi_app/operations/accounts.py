"""Users, as the commands make them: always with a generated password that is shown once and never stored."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Engine, delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from fastapi_app.auth.names import is_same
from fastapi_app.auth.passwords import has_old_default, hash_password
from fastapi_app.auth.single_account import MOVED, NAME_SETTING, PASSWORD_SETTING
from fastapi_app.models import WRITES, Attempt, SessionStatus, Setting, User, UserRole, UserSession, now
from fastapi_app.operations.password import generate
from fastapi_app.operations.refusal import AccountRefused

ADMINISTRATOR = "admin"
_NAME = re.compile(r"[A-Za-z0-9_-]{3,30}")
_EMAIL = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+")
_EMAIL_LENGTH = 120


def create_first(engine: Engine, password: Callable[[], str] = generate) -> str | None:
    """The administrator of a new installation, when there is no user at all; gives the password if it was made."""
    with Session(engine) as session:
        if session.scalar(select(func.count()).select_from(User)):
            return None
    try:
        return create(engine, ADMINISTRATOR, UserRole.ADMIN, password=password)
    except AccountRefused:  # another process was faster, and it printed the password
        return None


@dataclass(frozen=True)
class OneTimePassword:
    """A password that was made just now, and whose it is."""

    username: str
    password: str


def ensure_administrator(engine: Engine, password: Callable[[], str] = generate) -> OneTimePassword | None:
    """Makes sure that somebody can administer; gives the new password if one had to be made.

    An adopted library often has one administrator whose password is the one that 0.9 shipped with, which never logs
    in here. Nothing happens while another administrator has a password of their own.
    """
    first = create_first(engine, password)
    if first is not None:
        return OneTimePassword(ADMINISTRATOR, first)
    with Session(engine) as session:
        active = select(User.username, User.password_hash).where(User.role == UserRole.ADMIN, User.is_active.is_(True))
        administrators = session.execute(active.order_by(User.id)).all()
    if any(not has_old_default(name, stored) for name, stored in administrators):
        return None
    if administrators:
        name = administrators[0].username
        return OneTimePassword(name, reset_password(engine, name, password=password))
    name = _free_name(engine)
    return OneTimePassword(name, create(engine, name, UserRole.ADMIN, password=password))


def create(
    engine: Engine, name: str, role: UserRole, email: str = "", *, password: Callable[[], str] = generate
) -> str:
    """Makes a user and gives the password. Raises AccountRefused for a bad or taken name or address."""
    address = email or f"{name}@localhost"
    if not _NAME.fullmatch(name):
        raise AccountRefused(f"{name!r} is no user name: it has 3 to 30 letters, digits, - or _.")
    if not _EMAIL.fullmatch(address) or len(address) > _EMAIL_LENGTH:
        raise AccountRefused(f"{email!r} is no e-mail address of at most {_EMAIL_LENGTH} characters.")
    secret = password()
    user = User(username=name, email=address, password_hash=hash_password(secret), role=role)
    try:
        with _writing(engine) as session, session.begin():
            session.add(user)
    except IntegrityError:
        raise AccountRefused(f"There is already a user called {name!r}, or with the address {address!r}.") from None
    return secret


def reset_password(engine: Engine, name: str, *, password: Callable[[], str] = generate) -> str:
    """Gives `name` a new password, lifts every lock and ends every login of theirs. Raises AccountRefused.

    Whoever can run this owns the installation, so all counts of failures are forgotten: it must let them in at once.
    """
    secret = password()
    digest = hash_password(secret)
    with _writing(engine) as session, session.begin():
        user = session.scalar(select(User).where(User.username == name))
        if user is None:
            raise AccountRefused(f"There is no user called {name!r}.")
        user.password_hash = digest
        user.password_changed_at = now()
        user.password_reset_token = user.password_reset_expires = None
        user.failed_login_attempts = 0
        user.locked_until = None
        session.execute(
            update(UserSession)
            .where(UserSession.user_id == user.id, UserSession.status == SessionStatus.ACTIVE)
            .values(status=SessionStatus.REVOKED)
        )
        session.execute(delete(Attempt))
        _retire_single_account(session, user.username)
    return secret


def _retire_single_account(session: Session, name: str) -> None:
    """0.9's single password of this name opens nothing any more."""
    owner = session.scalar(select(Setting.value).where(Setting.key == NAME_SETTING))
    if owner and is_same(owner, name):
        session.execute(update(Setting).where(Setting.key == PASSWORD_SETTING).values(value=MOVED))


def _free_name(engine: Engine) -> str:
    with Session(engine) as session:
        taken = {name.lower() for name in session.scalars(select(User.username))}
    candidates = (ADMINISTRATOR, *(f"{ADMINISTRATOR}-{number}" for number in range(2, len(taken) + 3)))
    return next(name for name in candidates if name not in taken)


def _writing(engine: Engine) -> Session:
    return Session(engine.execution_options(**{WRITES: True}))
