"""Runs that rename the files of the library."""

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from fastapi_app.models.base import TABLE_OPTIONS, Base, now, short_text


class Rename(Base):
    """One run. `undoes` is the run that it takes back; `planned_at` is null while its files are not all written down.

    `total` counts the videos that were looked at. How far it is, its job says.
    """

    __tablename__ = "renames"

    id: Mapped[int] = mapped_column(primary_key=True)
    template: Mapped[str | None] = mapped_column(short_text(300))
    undoes: Mapped[int | None]
    job_id: Mapped[int | None]
    user_id: Mapped[int | None]
    total: Mapped[int] = mapped_column(default=0)
    unchanged: Mapped[int] = mapped_column(default=0)
    planned_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=now)

    __table_args__ = (
        Index("idx_rename_undoes", "undoes"),
        {**TABLE_OPTIONS, "sqlite_autoincrement": True},
    )
