"""The cookies that a user uploaded for YouTube."""

from contextlib import suppress
from io import StringIO
from pathlib import Path

from fastapi_app.config import Config

_MOST_BYTES = 2 * 2**20
_MODE = 0o600


def path(config: Config) -> Path:
    return config.data_dir / "cookies" / "youtube_cookies.txt"


def load(config: Config) -> StringIO | None:
    """A copy for one download, None where there are none.

    yt-dlp writes changed cookies back to where it read them: of several downloads at once the last would win, perhaps
    half way through. So it gets text in memory, and the file stays as it was uploaded, for our eyes only.
    """
    file = path(config)
    try:
        if file.stat().st_size > _MOST_BYTES:
            return None
        if file.stat().st_mode & 0o077:
            with suppress(OSError):
                file.chmod(_MODE)
        text = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return None
    return StringIO(text) if _is_readable(text) else None


def _is_readable(text: str) -> bool:
    """Whether yt-dlp takes it. One bad line would otherwise fail every download, those that need no cookies too."""
    from yt_dlp.cookies import YoutubeDLCookieJar  # type: ignore[import-untyped]  # noqa: PLC0415  workers only

    try:
        YoutubeDLCookieJar(StringIO(text)).load()
    except (OSError, ValueError):
        return False
    return True
