"""Changing many artists at once, while others change them and their videos. 0.9 locked nothing here.

Nobody here waits for one lock while holding another, so nobody here is part of a deadlock: all locks at once, or none
and another try.
"""

import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Query, Session

from fastapi_app.models import Artist, Video
from legacy_flask.database import session as request_session
from legacy_flask.database import transaction
from legacy_flask.errors import Conflict

Result = TypeVar("Result")

_PAUSES = (0.01, 0.02, 0.05, 0.1, *[0.2] * 24)
_BUSY = (1205, 1213)
"""MariaDB's numbers for a lock that somebody else holds, and for the victim of a deadlock."""


def alone(work: Callable[[Session], Result]) -> Result:
    """Does `work` in a new transaction, again from the start where locks are taken. Raises Conflict after five seconds.

    On MariaDB every statement sees what others have committed by then, and rows are locked, not the gaps between.
    """
    current = request_session()
    for pause in _PAUSES:
        current.rollback()
        try:
            if current.get_bind().dialect.name != "sqlite":
                current.connection(execution_options={"isolation_level": "READ COMMITTED"})
            with transaction() as opened:
                return work(opened)
        except OperationalError as error:
            if error.orig is None or error.orig.args[0] not in _BUSY:
                raise
        time.sleep(pause)
    raise Conflict("Somebody else is changing these artists, try again in a moment")


def locked(session: Session, artist_ids: Sequence[int]) -> list[Artist]:
    """The artists that exist, in the order of their ids, locked until the transaction ends."""
    query: Query[Artist] = session.query(Artist).filter(Artist.id.in_(artist_ids)).order_by(Artist.id)
    return query.with_for_update(nowait=True).populate_existing().all()


def locked_with_videos(session: Session, artist_ids: Sequence[int]) -> list[Artist]:
    """The same with their videos. New ones wait, because their foreign key asks for the artist."""
    found = locked(session, artist_ids)
    videos = session.query(Video.id).filter(Video.artist_id.in_([artist.id for artist in found]))
    videos.order_by(Video.artist_id, Video.id).with_for_update(nowait=True).all()
    return found
