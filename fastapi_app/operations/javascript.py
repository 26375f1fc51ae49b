"""What runs the JavaScript that YouTube asks of whoever downloads."""

import os
import shutil
import sysconfig
from collections.abc import Callable

from fastapi_app.downloads.options import JAVASCRIPT


def executable(which: Callable[..., str | None] = shutil.which) -> str | None:
    """The program that yt-dlp takes: of each name the one beside our Python, else the one on PATH. None without any."""
    folders = os.pathsep.join((sysconfig.get_path("scripts"), os.environ.get("PATH", os.defpath)))
    return next((found for name in JAVASCRIPT if (found := which(name, path=folders))), None)
