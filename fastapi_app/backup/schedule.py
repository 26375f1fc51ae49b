"""Backups that are made by themselves. Beat calls `check` once a minute."""

from datetime import UTC, datetime

from sqlalchemy import Engine, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from fastapi_app.backup import kinds, retention
from fastapi_app.backup.payload import Backup
from fastapi_app.config import Config
from fastapi_app.database import rows_changed
from fastapi_app.jobs.submission import submit
from fastapi_app.models import WRITES, Setting


def check(config: Config, engine: Engine) -> bool:  # noqa: ARG001  the signature that beat calls
    """Hands in a backup when one is due; whether it did. However many beats look, one of them does."""
    return look(engine, datetime.now(UTC))


def look(engine: Engine, moment: datetime) -> bool:
    """The same at a moment, in UTC."""
    try:
        with Session(engine.execution_options(**{WRITES: True})) as session, session.begin():
            keys = (retention.EVERY_DAYS, retention.LAST)
            rows = session.execute(select(Setting.key, Setting.value).where(Setting.key.in_(keys)))
            settings = {row.key.lower(): row.value for row in rows}
            if not retention.is_due(settings, moment) or not _take(session, settings, moment):
                return False
            return submit(session, kinds.BACKUP, kinds.SUBJECT, Backup().model_dump(mode="json")).created
    except IntegrityError:  # another beat wrote its first row at the same moment
        return False


def _take(session: Session, settings: dict[str, str | None], moment: datetime) -> bool:
    written = moment.replace(tzinfo=None).isoformat(timespec="seconds")
    if retention.LAST not in settings:
        session.add(Setting(key=retention.LAST, value=written))
        session.flush()
        return True
    taken = session.execute(
        update(Setting)
        .where(Setting.key == retention.LAST, Setting.value == settings[retention.LAST])
        .values(value=written)
        .execution_options(synchronize_session=False)
    )
    return bool(rows_changed(taken))
