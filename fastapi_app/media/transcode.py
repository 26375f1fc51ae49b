"""Films in containers that browsers don't play, turned into fragmented MP4 while they are watched."""

import asyncio
import os
import shutil
import signal
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path

import anyio
import imageio_ffmpeg
import structlog
from anyio import CapacityLimiter, WouldBlock, to_thread
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from fastapi_app.errors import Unavailable
from fastapi_app.media.disconnect import until_disconnect

CHUNK_BYTES = 64 * 1024
TERM_SECONDS = 2.0

log = structlog.get_logger(__name__)


@cache
def find_ffmpeg() -> str | None:
    """The ffmpeg on PATH, else the one that a wheel carries; None where there is neither. Blocks once."""
    found = shutil.which("ffmpeg")
    if found is None:
        with suppress(RuntimeError):
            found = imageio_ffmpeg.get_ffmpeg_exe()
    return found


def arguments(ffmpeg: str, path: Path) -> list[str]:
    """The command that writes `path` to standard output, playable from the first bytes."""
    quiet = ["-hide_banner", "-loglevel", "error", "-nostdin"]
    video = ["-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-pix_fmt", "yuv420p"]
    audio = ["-c:a", "aac", "-b:a", "128k"]
    container = ["-movflags", "frag_keyframe+empty_moov+default_base_moof", "-f", "mp4", "pipe:1"]
    return [ffmpeg, *quiet, "-i", f"file:{path}", *video, *audio, *container]


class TranscodeResponse(Response):
    """Streams the output of ffmpeg. When the client leaves or the server stops, its whole process group ends."""

    def __init__(self, command: Sequence[str], limiter: CapacityLimiter) -> None:
        self._command = command
        self._limiter = limiter
        self.background = None
        self.status_code = 200
        self.media_type = "video/mp4"
        self.init_headers({"content-type": "video/mp4", "accept-ranges": "bytes", "cache-control": "no-cache"})
        self.raw_headers = [header for header in self.raw_headers if header[0] != b"content-length"]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        start = {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
        if scope["method"] == "HEAD":
            await send(start)
            await send({"type": "http.response.body", "body": b"", "more_body": False})
            return
        try:
            self._limiter.acquire_on_behalf_of_nowait(self)
        except WouldBlock:
            raise Unavailable("Too many films are being prepared for playing, try again later") from None
        try:
            await self._play(start, receive, send)
        finally:
            self._limiter.release_on_behalf_of(self)

    async def _play(self, start: Message, receive: Receive, send: Send) -> None:
        process = await asyncio.create_subprocess_exec(
            *self._command, stdin=DEVNULL, stdout=PIPE, stderr=DEVNULL, start_new_session=True
        )
        try:
            await send(start)
            async with until_disconnect(receive):
                async for chunk in _output(process):
                    await send({"type": "http.response.body", "body": chunk, "more_body": True})
                await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            with anyio.CancelScope(shield=True):
                await end(process)


def transcode_limiter() -> CapacityLimiter:
    """How many films one process turns into MP4 at the same time: each keeps a core busy."""
    return CapacityLimiter(max(2, os.cpu_count() or 1))


async def transcoded(path: Path, limiter: CapacityLimiter) -> TranscodeResponse:
    """The answer for a film at `path`. Raises Unavailable on a machine without ffmpeg, or where too many play."""
    ffmpeg = await to_thread.run_sync(find_ffmpeg)
    if ffmpeg is None:
        log.error("no ffmpeg: install it, or the imageio-ffmpeg wheel")
        raise Unavailable("This film needs ffmpeg, which is not installed on the server")
    return TranscodeResponse(arguments(ffmpeg, path), limiter)


async def end(process: Process) -> None:
    """Ends a process and its group: politely, then surely. Afterwards it is reaped and its pipe is closed."""
    _signal_group(process, signal.SIGTERM)
    try:
        with anyio.fail_after(TERM_SECONDS):
            await _drained(process)
    except TimeoutError:
        _signal_group(process, signal.SIGKILL)
        await _drained(process)


async def _drained(process: Process) -> None:
    """Waits for the end, reading what nobody wants any more: a full pipe would keep the process from ending."""
    async for _chunk in _output(process):
        pass
    await process.wait()


async def _output(process: Process) -> AsyncIterator[bytes]:
    if process.stdout is None:
        return
    while chunk := await process.stdout.read(CHUNK_BYTES):
        yield chunk


def _signal_group(process: Process, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, number)
