"""What the settings say about files for media servers."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from fastapi_app.models import Setting

SUFFIXES = ("-poster", "-thumb", "none")
_KEYS = ("write_nfo", "write_artwork", "artwork_suffix")
_YES = frozenset({"true", "1", "yes", "on"})


@dataclass(frozen=True)
class Preferences:
    """Both are off until somebody switches them on. `suffix` stands between a film's name and `.jpg`."""

    nfo: bool = False
    artwork: bool = False
    suffix: str = SUFFIXES[0]

    @property
    def wants_any(self) -> bool:
        return self.nfo or self.artwork


def preferences(settings: Mapping[str, str | None]) -> Preferences:
    """Reads the settings; what is missing or unreadable is the default. Pure."""
    text = {name: (value or "").strip().lower() for name, value in settings.items()}
    suffix = text.get("artwork_suffix", "")
    chosen = suffix if suffix in SUFFIXES else SUFFIXES[0]
    return Preferences(
        text.get("write_nfo") in _YES, text.get("write_artwork") in _YES, "" if chosen == "none" else chosen
    )


def read(session: Session) -> Preferences:
    rows = session.execute(select(Setting.key, Setting.value).where(Setting.key.in_(_KEYS)))
    return preferences({row.key.lower(): row.value for row in rows})
