"""Indexes for searches, kept by triggers. Adds, and changes nothing that 0.9 reads.

Revision ID: 0005
Revises: 0004
"""

from alembic import context, op

from fastapi_app.search import building

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the indexes as this version wants them: they hold nothing that the tables don't, so nothing is frozen."""
    building.build(op.get_bind(), context.config.attributes.get("progress"))


def downgrade() -> None:
    """Nothing depends on an index."""
    building.remove(op.get_bind())
