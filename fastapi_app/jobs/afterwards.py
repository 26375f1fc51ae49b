"""What is done once a transaction is committed, and not before: tickets and events about rows that are there."""

from collections.abc import Callable

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

_WAITING = "after the commit"


def after_commit(session: AsyncSession, call: Callable[[], None]) -> None:
    """Calls `call` when the session's transaction is committed; never, when it is rolled back.

    It is called on the event loop before the answer leaves: it must neither block nor raise, as `Dispatch.soon`.
    """
    waiting = session.info.setdefault(_WAITING, [])
    if not waiting:
        event.listen(session.sync_session, "after_commit", _call_waiting)
    waiting.append(call)


def _call_waiting(session: Session) -> None:
    if session.in_nested_transaction():  # a savepoint was released: nothing is committed yet
        return
    waiting = session.info.pop(_WAITING, [])
    for call in waiting:
        call()
