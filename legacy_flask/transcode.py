"""Films in containers that browsers don't play: ffmpeg turns them into fragmented MP4 while they are watched."""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import imageio_ffmpeg
from flask import Response, current_app, request

from legacy_flask.errors import Unavailable

_CHUNK_BYTES = 8 * 1024
_TERM_SECONDS = 2.0
_CONTAINERS = frozenset({".mkv", ".avi"})


def needs_transcoding(name: str) -> bool:
    return Path(name).suffix.lower() in _CONTAINERS


def transcoded(path: Path) -> Response:
    """The answer for a film at `path`. Raises Unavailable on a machine without ffmpeg."""
    ffmpeg = _find_ffmpeg()
    if ffmpeg is None:
        current_app.logger.error("no ffmpeg: install it, or the imageio-ffmpeg wheel")
        raise Unavailable("This film needs ffmpeg, which is not installed on the server")
    headers = {"Accept-Ranges": "bytes", "Cache-Control": "no-cache"}
    if request.method == "HEAD":
        response = Response(status=200, mimetype="video/mp4", headers=headers)
        response.automatically_set_content_length = False
        return response
    # Popen starts the process here, in the request: a failure is still an error answer.
    process = subprocess.Popen(
        _arguments(ffmpeg, path),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    film = Film(process)
    return Response(film, 200, mimetype="video/mp4", headers=headers)


class Film:
    """The output of a process. The server calls `close` at the end, also when the client left before it."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process

    def __iter__(self) -> Iterator[bytes]:
        output = self._process.stdout
        while output is not None and (chunk := output.read(_CHUNK_BYTES)):
            yield chunk

    def close(self) -> None:
        """Ends the process and its children, politely, then surely."""
        _signal_group(self._process, signal.SIGTERM)
        try:
            self._process.communicate(timeout=_TERM_SECONDS)
        except subprocess.TimeoutExpired:
            _signal_group(self._process, signal.SIGKILL)
            self._process.communicate()


def _find_ffmpeg() -> str | None:
    found = shutil.which("ffmpeg")
    if found is None:
        with suppress(RuntimeError):
            found = str(imageio_ffmpeg.get_ffmpeg_exe())
    return found


def _arguments(ffmpeg: str, path: Path) -> list[str]:
    quiet = ["-hide_banner", "-loglevel", "error", "-nostdin"]
    video = ["-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-pix_fmt", "yuv420p"]
    audio = ["-c:a", "aac", "-b:a", "128k"]
    container = ["-movflags", "frag_keyframe+empty_moov+default_base_moof", "-f", "mp4", "pipe:1"]
    return [ffmpeg, *quiet, "-i", f"file:{path}", *video, *audio, *container]


def _signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, number)
