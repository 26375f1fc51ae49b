"""The journal of renames: each film that goes from one name to another."""

from sqlalchemy import JSON, BigInteger, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from fastapi_app.models.base import TABLE_OPTIONS, Base, long_text, short_text


class RenamedFile(Base):
    """One film of a run, which goes from `old_path` to `new_path`. Stored paths, all of them.

    `at_path` is where the row of its video says that it is. While it moves, `to_path` is where it goes next, `size`
    (bytes) and `modified` (nanoseconds) recognise it, and `beside` holds what follows the stem of its companions.
    """

    __tablename__ = "renamed_files"

    id: Mapped[int] = mapped_column(primary_key=True)
    rename_id: Mapped[int] = mapped_column(ForeignKey("renames.id", ondelete="CASCADE"))
    video_id: Mapped[int]
    state: Mapped[str] = mapped_column(short_text(20))
    reason: Mapped[str | None] = mapped_column(short_text(200))
    old_path: Mapped[str] = mapped_column(long_text())
    new_path: Mapped[str] = mapped_column(long_text())
    at_path: Mapped[str] = mapped_column(long_text())
    to_path: Mapped[str | None] = mapped_column(long_text())
    beside: Mapped[list[str] | None] = mapped_column(JSON)
    size: Mapped[int | None] = mapped_column(BigInteger)
    modified: Mapped[int | None] = mapped_column(BigInteger)

    __table_args__ = (Index("idx_renamed_file_state", "rename_id", "state", "id"), TABLE_OPTIONS)
