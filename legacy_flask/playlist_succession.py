"""Playlists when two rows of one video become one."""

from sqlalchemy.orm import Session

from fastapi_app.models import PlaylistEntry


def list_instead(session: Session, kept_id: int, dropped_id: int) -> None:
    """Puts the row that stays into the playlists of the other. One that has both keeps the place of the first."""
    having = session.query(PlaylistEntry.playlist_id).filter(PlaylistEntry.video_id == kept_id)
    entries = session.query(PlaylistEntry).filter(PlaylistEntry.video_id == dropped_id)
    lacking = entries.filter(PlaylistEntry.playlist_id.not_in([row.playlist_id for row in having]))
    lacking.update({PlaylistEntry.video_id: kept_id}, synchronize_session=False)
