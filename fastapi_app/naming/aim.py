"""Where a film goes by a template, within what a row holds. Pure."""

from dataclasses import dataclass
from pathlib import PurePosixPath

from fastapi_app.naming.template import Template
from fastapi_app.naming.tokens import Facts
from fastapi_app.videos.rules import PATH_LENGTH

_BEHIND = len(" (999).pt-BR.info.json")


@dataclass(frozen=True)
class Aim:
    """A stored folder, and the name of a film in it without its suffix."""

    folder: str
    stem: str

    def stored(self, suffix: str, number: int = 0) -> str:
        """The path of the film; the further ones of the same name are numbered."""
        return f"{self.folder}/{self.stem}{f' ({number})' if number else ''}{suffix}"


def aim(template: Template, facts: Facts, library: str, suffix: str) -> Aim | None:
    """Where a film belongs below the stored `library`; None where even its folders are too long for a row."""
    *folders, stem = template.path(facts.values())
    folder = "/".join([library, *folders])
    room = PATH_LENGTH - len(folder) - 1 - len(suffix) - _BEHIND
    return Aim(folder, shortened(stem, room)) if room > 0 else None


def shortened(stem: str, room: int) -> str:
    """At most `room` characters of a name."""
    return stem if len(stem) <= room else stem[:room].rstrip(". ") or "_"


def below(stored: str, library: str) -> str:
    """What stands behind the library's folder, for people."""
    path, home = PurePosixPath(stored), PurePosixPath(library)
    return str(path.relative_to(home)) if path.is_relative_to(home) else stored
