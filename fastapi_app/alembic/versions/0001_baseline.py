"""The tables of MVidarr 0.9: the baseline of every later revision.

Revision ID: 0001
Revises:
"""

from alembic import op
from sqlalchemy import inspect

from fastapi_app.alembic.baseline import metadata

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Creates what is missing, so that an interrupted run can be repeated: MariaDB commits every table by itself."""
    connection = op.get_bind()
    metadata.create_all(connection)
    inspector = inspect(connection)
    for table in metadata.sorted_tables:
        existing = {index["name"] for index in inspector.get_indexes(table.name)}
        for index in table.indexes:
            if index.name not in existing:
                index.create(connection)


def downgrade() -> None:
    """There is nothing before the baseline."""
    raise NotImplementedError("the baseline can't be undone: drop the database instead")
