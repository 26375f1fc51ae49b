"""What the job of kind `backup` runs."""

from datetime import UTC, datetime

from sqlalchemy import select

from fastapi_app.backup import archive, folder, retention
from fastapi_app.backup.payload import Backup
from fastapi_app.backup.refusals import NoSpace
from fastapi_app.database import blocking_engine
from fastapi_app.jobs.work import Done, Failed, Work
from fastapi_app.models import Setting


def create(work: Work) -> Done:
    """Writes a backup and deletes those that are too many. Its name is in the result."""
    wish = Backup.model_validate(work.task.payload)
    moment = datetime.now(UTC)
    home = folder.of(work.config)
    path = folder.free(home, folder.name_at(moment, "" if wish.with_secrets else folder.WITHOUT_SECRETS))
    engine = blocking_engine(work.config)
    try:
        made = archive.write(work.config, engine, path, moment, with_secrets=wish.with_secrets, progress=_telling(work))
    except NoSpace as error:
        raise Failed("disk-full", str(error)) from None
    except OSError as error:
        raise Failed("disk", f"The backup could not be written: {error.strerror}") from None
    finally:
        engine.dispose()
    with work.session() as session:
        keep = retention.kept(session.scalar(select(Setting.value).where(Setting.key == retention.KEEP)))
    gone = folder.prune(home, keep)
    return Done({"name": path.name, "bytes": path.stat().st_size, "rows": made.rows, "deleted": gone})


def _telling(work: Work) -> archive.Progress:
    def told(what: str, done: int, total: int) -> None:
        work.progress(percent=100.0 * done / max(total, 1), stage="saving", message=f"Saving {what}")

    return told
