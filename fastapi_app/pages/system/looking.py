"""Looking at disks and programs, for the health list. None of it on the event loop, and nothing waits for long."""

import shutil
from functools import partial
from pathlib import Path

import anyio
from anyio import to_thread
from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncSession

from fastapi_app.auth.gate import gate_is_open, stored_gate
from fastapi_app.config import Config
from fastapi_app.operations import ffmpeg
from fastapi_app.operations.refusal import Refusal
from fastapi_app.pages.system.checks import Seen, Space

_PATIENCE_SECONDS = 2.0


async def look(request: Request, session: AsyncSession) -> Seen:
    """What there is at this moment; about jobs at most five seconds ago."""
    gate_open = gate_is_open(await stored_gate(session))
    await session.commit()  # the look at jobs has a connection of its own
    jobs = await request.state.watch.look()
    return Seen(jobs, await spaces(request.state.config), gate_open, await to_thread.run_sync(_ffmpeg))


async def spaces(config: Config) -> list[Space]:
    """The disks below the folders that are configured. A disk that doesn't answer counts as gone."""
    folders = [
        ("data", config.data_dir),
        *((f"media {number}", root) for number, root in enumerate(config.media_roots, 1)),
    ]
    found: list[Space] = []
    for name, folder in folders:
        space = Space(name, str(folder), 0, 0)
        with anyio.move_on_after(_PATIENCE_SECONDS):
            space = await to_thread.run_sync(partial(_space, name, folder), abandon_on_cancel=True)
        found.append(space)
    return found


def _space(name: str, folder: Path) -> Space:
    try:
        usage = shutil.disk_usage(folder)
    except OSError:
        return Space(name, str(folder), 0, 0)
    return Space(name, str(folder.absolute()), usage.total, usage.free)


def _ffmpeg() -> str:
    try:
        return ffmpeg.executable()
    except Refusal:
        return ""
