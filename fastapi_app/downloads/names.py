"""What a downloaded film and its folder are called: as 0.9 named them, within what every file system takes. Pure."""

from collections.abc import Iterator
from itertools import count

from fastapi_app.naming.components import NAME_BYTES, component, value

__all__ = ["NAME_BYTES", "candidates", "folder", "stem", "stored"]


def folder(artist: str) -> str:
    """The folder of an artist. Never empty, never hidden, never a step up."""
    return component(value(artist))


def stem(title: str) -> str:
    """The name of a film without its suffix, with room for every suffix of what lies beside it."""
    return component(value(title))


def candidates(stem: str, suffix: str) -> Iterator[str]:
    """The names that a film may get, the best first: `Title.mp4`, `Title (1).mp4` …"""
    yield stem + suffix
    for number in count(1):
        yield f"{stem} ({number}){suffix}"


def stored(library: str, folder: str, name: str) -> str:
    return "/".join(part for part in (library, folder, name) if part)
