"""What administrators do with backups, for the API and for the page."""

import os
import secrets
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import structlog
from anyio import CancelScope, open_file, to_thread
from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.audit.events import Event
from fastapi_app.audit.record import Outcome, origin_of, record
from fastapi_app.auth.visitor import Visitor
from fastapi_app.backup import checking, folder, kinds, restoring
from fastapi_app.backup.archive import Progress
from fastapi_app.backup.manifest import Manifest
from fastapi_app.backup.payload import Backup
from fastapi_app.backup.refusals import BackupRefused
from fastapi_app.backup.restoring import Restored
from fastapi_app.config import Config
from fastapi_app.database import blocking_engine
from fastapi_app.errors import BadRequest, Conflict, NotFound, Unavailable
from fastapi_app.jobs.submission import Submission, submit

MISSING = "Backup not found"


def _unseen(_what: str, _done: int, _total: int) -> None:
    """Nobody watches."""


log = structlog.get_logger(__name__)


async def path_of(config: Config, name: str) -> Path:
    """The file of that name. Raises NotFound, for whatever is no backup in the folder too."""
    path = await to_thread.run_sync(folder.find, folder.of(config), name)
    if path is None:
        raise NotFound(MISSING)
    return path


async def begin(request: Request, session: AsyncSession, wish: Backup, visitor: Visitor) -> Submission:
    """A job that makes one, or the one that is being made."""
    payload = wish.model_dump(mode="json")
    made = await session.run_sync(submit, kinds.BACKUP, kinds.SUBJECT, payload, user_id=visitor.user_id)
    if made.created:
        request.state.jobs.after_commit(session, made.job)
        note(request, session, Event.BACKUP_ASKED, visitor, "", with_secrets=wish.with_secrets)
    return made


async def delete(request: Request, session: AsyncSession, name: str, visitor: Visitor) -> None:
    """For good. Raises NotFound."""
    await to_thread.run_sync((await path_of(request.state.config, name)).unlink)
    note(request, session, Event.BACKUP_DELETED, visitor, name)


def note(
    request: Request,
    session: AsyncSession,
    event: Event,
    visitor: Visitor,
    name: str,
    *,
    outcome: Outcome = Outcome.SUCCESS,
    **detail: Any,
) -> None:
    """Adds to the audit trail what became of the backup of this name."""
    record(
        session,
        event,
        origin_of(request),
        outcome=outcome,
        user_id=visitor.user_id,
        username=visitor.username,
        subject=name,
        **detail,
    )


async def verify(config: Config, name: str) -> Manifest:
    """Reads all of it. Raises NotFound, and BadRequest that says what is wrong with it."""
    path = await path_of(config, name)
    try:
        return await to_thread.run_sync(checking.check, path)
    except BackupRefused as refusal:
        raise BadRequest(str(refusal)) from None


async def restore(request: Request, name: str, visitor: Visitor, progress: Progress = _unseen) -> dict[str, Any]:
    """Replaces the library, and tells what came back; takes as long as it takes. A visitor who leaves doesn't stop it.

    The audit trail that came back gets the event. Raises NotFound, and Conflict that says why nothing was changed.
    """
    config = request.state.config
    path = await path_of(config, name)
    note_it = partial(_note_restore, request, name, visitor)
    try:
        made = await to_thread.run_sync(_restore, config, path, progress)
    except BackupRefused as refusal:
        await note_it(outcome=Outcome.FAILURE, reason=str(refusal))
        raise Conflict(str(refusal)) from None
    safety = made.safety.name if made.safety else None
    await note_it(safety=safety)
    return {"rows": made.rows, "thumbnails": made.pictures, "left_out": list(made.left_out), "safety": safety}


async def _note_restore(request: Request, name: str, visitor: Visitor, **more: Any) -> None:
    async with request.state.database.writing() as session:
        note(request, session, Event.BACKUP_RESTORED, visitor, name, **more)


async def receive(request: Request, config: Config) -> tuple[str, Manifest]:
    """Keeps the body of the request as a backup, where it is one; its name. Raises BadRequest where it isn't.

    The limit of all bodies holds: larger ones are copied into the folder.
    """
    draft = folder.of(config) / f".upload-{secrets.token_hex(8)}"
    try:
        async with await open_file(await to_thread.run_sync(_begun, draft), "wb") as file:
            async for block in request.stream():
                await file.write(block)
        return await to_thread.run_sync(_kept, draft)
    except OSError as error:
        log.error("a backup could not be stored", reason=str(error))
        raise Unavailable("The backup can't be stored at the moment") from None
    finally:
        with CancelScope(shield=True):
            await to_thread.run_sync(partial(draft.unlink, missing_ok=True))


def _begun(draft: Path) -> int:
    draft.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    return os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)


def _kept(draft: Path) -> tuple[str, Manifest]:
    told = _checked(draft)
    path = folder.free(draft.parent, folder.name_at(datetime.now(UTC), folder.UPLOADED))
    draft.rename(path)
    return path.name, told


def _checked(path: Path) -> Manifest:
    try:
        return checking.check(path)
    except BackupRefused as refusal:
        raise BadRequest(str(refusal)) from None


def _restore(config: Config, path: Path, progress: Progress) -> Restored:
    engine = blocking_engine(config)
    try:
        return restoring.restore(config, engine, path, datetime.now(UTC), progress)
    finally:
        engine.dispose()
