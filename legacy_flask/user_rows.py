"""The rows of accounts and their logins."""

from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, update
from sqlalchemy.orm import Query, Session

from fastapi_app.models import ApiKey, SessionStatus, User, UserRole, UserSession, now
from legacy_flask.user_rules import Wanted, beyond


def listed(session: Session, wanted: Wanted) -> list[User]:
    """The accounts of one page, whole, the oldest first."""
    query = _matching(session, wanted).order_by(User.id)
    if wanted.per_page is not None:
        query = query.limit(wanted.per_page).offset((wanted.page - 1) * wanted.per_page)
    elif wanted.page > 1:
        return []
    return query.all()


def count(session: Session, wanted: Wanted) -> int:
    return _matching(session, wanted).count()


def counts_by_role(session: Session) -> dict[UserRole | None, int]:
    """How many active accounts have each role."""
    query = session.query(User.role, func.count(User.id)).filter(User.is_active.is_(True)).group_by(User.role)
    return {role: number for role, number in query}  # noqa: C416  rows are no pairs to the type checker


def one(session: Session, user_id: int) -> User | None:
    return None if beyond(user_id) else session.query(User).filter(User.id == user_id).first()


def logins(session: Session, user_id: int) -> list[UserSession]:
    """The active logins of an account, the one used last first."""
    query = session.query(UserSession).filter(UserSession.user_id == user_id)
    query = query.filter(UserSession.status == SessionStatus.ACTIVE)
    return query.order_by(UserSession.last_activity.desc(), UserSession.id.desc()).all()


def taken(session: Session, username: str, email: str) -> tuple[bool, bool]:
    """Whether somebody has this name, or one that looks alike, and whether somebody has this address."""
    by_name = session.query(User.id).filter(User.username == username).first() is not None
    return by_name, session.query(User.id).filter(User.email == email).first() is not None


def other_has_email(session: Session, user_id: int, email: str) -> bool:
    return session.query(User.id).filter(User.email == email, User.id != user_id).first() is not None


def locked(session: Session, user_id: int) -> User | None:
    """One account, locked until the transaction ends, as it is now."""
    if beyond(user_id):
        return None
    return session.query(User).filter(User.id == user_id).populate_existing().with_for_update().first()


def locked_with_administrators(session: Session, user_id: int) -> tuple[User | None, set[int]]:
    """The target, and the ids of all active administrators.

    Locked in the order of ids, so that two administrators who demote each other wait for one another, never crosswise.
    """
    which = User.role == UserRole.ADMIN if beyond(user_id) else or_(User.id == user_id, User.role == UserRole.ADMIN)
    users = session.query(User).filter(which).order_by(User.id).populate_existing().with_for_update().all()
    target = next((user for user in users if user.id == user_id), None)
    return target, {user.id for user in users if user.role is UserRole.ADMIN and user.is_active}


def revoke_login(session: Session, user_id: int, session_id: int) -> bool:
    """Whether there was such an active login of this account. It counts no more."""
    if beyond(user_id, session_id):
        return False
    return _revoke(session, UserSession.user_id == user_id, UserSession.id == session_id) > 0


def revoke_logins(session: Session, user_id: int, kept_id: int | None = None) -> int:
    """Ends every login of an account but the kept one; tokens hang on these rows. Gives their number."""
    kept = [UserSession.id != kept_id] if kept_id is not None else []
    return _revoke(session, UserSession.user_id == user_id, *kept)


def revoke_keys(session: Session, user_id: int) -> int:
    at: datetime = now()
    alive = (ApiKey.user_id == user_id, ApiKey.revoked_at.is_(None))
    return int(session.execute(update(ApiKey).where(*alive).values(revoked_at=at)).rowcount)  # type: ignore[attr-defined]


def _revoke(session: Session, *which: ColumnElement[bool]) -> int:
    change = update(UserSession).where(UserSession.status == SessionStatus.ACTIVE, *which)
    change = change.values(status=SessionStatus.REVOKED).execution_options(synchronize_session=False)
    return int(session.execute(change).rowcount)  # type: ignore[attr-defined]


def _matching(session: Session, wanted: Wanted) -> Query[User]:
    """A search finds parts of names and addresses; % and _ are letters like any other."""
    query = session.query(User)
    if wanted.search:
        parts = (column.contains(wanted.search, autoescape=True) for column in (User.username, User.email))
        query = query.filter(or_(*parts))
    if wanted.role is not None:
        query = query.filter(User.role == wanted.role)
    if wanted.is_active is not None:
        query = query.filter(User.is_active.is_(wanted.is_active))
    return query
