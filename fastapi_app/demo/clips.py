"""The demo's videos: ffmpeg draws and encodes them, two at a time."""

import os
import subprocess
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from fastapi_app.operations.parent_death import leash
from fastapi_app.operations.refusal import ProgramFailed

ENCODERS = 2
_POLL_SECONDS = 0.05
_LARGEST_BIT_RATE = "260k"


@dataclass(frozen=True)
class Order:
    """One file to make: lavfi sources, length in seconds, tags, and where it goes."""

    picture: str
    sound: str
    seconds: int
    title: str
    artist: str
    path: Path


def command(ffmpeg: str, order: Order) -> list[str]:
    """The argv that makes one MP4 which every browser plays."""
    inputs = ["-f", "lavfi", "-i", order.picture, "-f", "lavfi", "-i", order.sound, "-t", str(order.seconds)]
    video = ["-c:v", "libx264", "-preset", "superfast", "-crf", "30", "-pix_fmt", "yuv420p"]
    limit = ["-maxrate", _LARGEST_BIT_RATE, "-bufsize", _LARGEST_BIT_RATE, "-threads", "1"]
    audio = ["-c:a", "aac", "-b:a", "64k"]
    tags = ["-metadata", f"title={order.title}", "-metadata", f"artist={order.artist}"]
    quiet = [ffmpeg, "-nostdin", "-hide_banner", "-loglevel", "error", "-y"]
    return [*quiet, *inputs, *video, *limit, *audio, *tags, "-movflags", "+faststart", "-f", "mp4", str(order.path)]


def encode(ffmpeg: str, orders: Iterable[Order], done: Callable[[Order], None]) -> None:
    """Makes every file, calling `done` after each. Raises ProgramFailed; leaves no encoder behind, however it ends."""
    waiting = deque(orders)
    running: list[tuple[Order, subprocess.Popen[str]]] = []
    try:
        while waiting or running:
            while waiting and len(running) < ENCODERS:
                order = waiting.popleft()
                running.append((order, _start(command(ffmpeg, order))))
            running = _collect(running, done)
            time.sleep(_POLL_SECONDS)
    finally:
        for _, process in running:
            _discard(process)


def _start(argv: Sequence[str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        argv,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        process_group=0,
        preexec_fn=leash(os.getpid()),  # noqa: PLW1509  nothing here holds a lock while it forks
    )


def _discard(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.wait()
    if process.stderr is not None:
        process.stderr.close()


def _collect(
    running: list[tuple[Order, subprocess.Popen[str]]], done: Callable[[Order], None]
) -> list[tuple[Order, subprocess.Popen[str]]]:
    still = [(order, process) for order, process in running if process.poll() is None]
    for order, process in running:
        if process.returncode is None:
            continue
        _, complaint = process.communicate()
        if process.returncode != 0:
            reason = complaint.strip().splitlines()[-1:] or ["it said nothing"]
            raise ProgramFailed(f"ffmpeg could not make {order.path.name}: {reason[0]}")
        done(order)
    return still
