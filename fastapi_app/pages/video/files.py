"""What lies on the disk for one video. Blocks."""

from datetime import UTC, datetime

from fastapi_app.config import Config
from fastapi_app.media.files import existing_file
from fastapi_app.pages.mvtv.captions import languages
from fastapi_app.pages.video.rules import OnDisk


def on_disk(config: Config, stored: str) -> OnDisk:
    """The film behind a stored path and what lies beside it, as far as it may be served."""
    real = existing_file(config, stored) if stored else None
    if real is None:
        return OnDisk()
    try:
        facts = real.stat()
        nfo = real.with_suffix(".nfo")
        return OnDisk(
            size=facts.st_size,
            changed_at=datetime.fromtimestamp(facts.st_mtime, UTC).replace(tzinfo=None, microsecond=0),
            captions=languages(config, stored),
            nfo=nfo.name if nfo.is_file() else "",
        )
    except OSError:  # it went between two looks
        return OnDisk()
