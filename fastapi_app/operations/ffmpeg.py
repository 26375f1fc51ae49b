"""Where ffmpeg is."""

import shutil
from collections.abc import Callable

from fastapi_app.operations.refusal import ProgramMissing


def executable(which: Callable[[str], str | None] = shutil.which) -> str:
    """`ffmpeg` on PATH, else the one that imageio-ffmpeg carries. Raises ProgramMissing."""
    return which("ffmpeg") or _bundled()


def _bundled() -> str:
    import imageio_ffmpeg  # noqa: PLC0415  only where PATH has none

    try:
        return str(imageio_ffmpeg.get_ffmpeg_exe())
    except RuntimeError:
        raise ProgramMissing("There is no ffmpeg: install it (on Debian: apt-get install ffmpeg).") from None
