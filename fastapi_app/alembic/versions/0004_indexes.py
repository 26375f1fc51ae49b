"""Indexes for a large library. Adds, and changes nothing that 0.9 reads.

Revision ID: 0004
Revises: 0003
"""

from alembic import op
from sqlalchemy import inspect

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_OF_VIDEOS = {
    "idx_video_created_at": ["created_at"],
    "idx_video_search": ["title", "id", "status", "year", "artist_id", "duration", "created_at"],
}


def upgrade() -> None:
    """Creates what is missing, so that an interrupted run can be repeated: MariaDB commits every index by itself."""
    existing = {index["name"] for index in inspect(op.get_bind()).get_indexes("videos")}
    for name, columns in _OF_VIDEOS.items():
        if name not in existing:
            op.create_index(name, "videos", columns)


def downgrade() -> None:
    """Nothing depends on an index."""
    for name in _OF_VIDEOS:
        op.drop_index(name, "videos")
