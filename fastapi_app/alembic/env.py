"""Runs the schema's revisions on the connection that `fastapi_app.schema` hands over."""

from alembic import context

from fastapi_app.models import Base
from fastapi_app.schema import is_ours

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    include_name=is_ours,
    compare_type=True,
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
