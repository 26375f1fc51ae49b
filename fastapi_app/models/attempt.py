"""Failed attempts by what they are counted for, so that limits survive a restart and hold for every process."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from fastapi_app.models.base import Base, short_text


class Attempt(Base):
    """The failures of one subject since `window_began_at`.

    `subject` is a kind and a name: `address:192.0.2.1`, `code:7` (second factor of user 7), `reset:192.0.2.1`.
    """

    __tablename__ = "attempts"

    subject: Mapped[str] = mapped_column(short_text(120), primary_key=True)
    failures: Mapped[int] = mapped_column(default=0)
    window_began_at: Mapped[datetime]
    blocked_until: Mapped[datetime | None]
