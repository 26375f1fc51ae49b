"""Indexes for the orders of the library's pages, and versions of genres. Adds, and changes nothing that 0.9 reads.

Revision ID: 0010
Revises: 0009
"""

from collections.abc import Mapping, Sequence

from alembic import op
from sqlalchemy import TextClause, inspect, text

from fastapi_app.caching import building

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_OF_VIDEOS: Mapping[str, Sequence[str | TextClause]] = {
    "idx_video_by_status_artist": ["status", "artist_id"],
    "idx_video_by_status_created": ["status", "created_at"],
    "idx_video_by_year": [text("year DESC"), "title", "id", "status", "artist_id"],
}


def upgrade() -> None:
    """Creates what is missing, so that an interrupted run can be repeated: MariaDB commits every index by itself.

    The triggers of caches are made as this version wants them.
    """
    existing = {index["name"] for index in inspect(op.get_bind()).get_indexes("videos")}
    for name, columns in _OF_VIDEOS.items():
        if name not in existing:
            op.create_index(name, "videos", columns)
    building.build(op.get_bind())


def downgrade() -> None:
    """Nothing depends on an index."""
    for name in _OF_VIDEOS:
        op.drop_index(name, "videos")
