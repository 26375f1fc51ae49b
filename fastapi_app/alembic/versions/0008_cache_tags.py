"""Versions of what caches hold, kept by triggers. Adds, and changes nothing that 0.9 reads.

Revision ID: 0008
Revises: 0007
"""

from alembic import op

from fastapi_app.caching import building

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes them as this version wants them: they hold nothing of anybody's, so nothing is frozen."""
    building.build(op.get_bind())


def downgrade() -> None:
    """Nothing depends on them."""
    building.remove(op.get_bind())
