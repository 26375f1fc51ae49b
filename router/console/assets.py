"""The files of the console's page, read from the package when they are first asked for."""

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from router.console.answer import HTML_TYPE, Answer

PAGE = "index.html"
_MEDIA = {
    ".html": HTML_TYPE,
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".json": "application/json",
    ".woff2": "font/woff2",
}


@dataclass(frozen=True)
class Asset:
    """One file. ``tag`` is its ETag."""

    body: bytes
    media: str
    tag: str


@cache
def asset(name: str) -> Asset | None:
    """A file of the page's folder, by its name alone; None where there is none. Blocks once."""
    return _listed().get(name)


@cache
def _listed() -> dict[str, Asset]:
    """Only names that are there can be asked for: no path is ever made of what a client says."""
    folder = files("router.console").joinpath("assets")
    found: dict[str, Asset] = {}
    for entry in folder.iterdir() if folder.is_dir() else ():
        suffix = "." + entry.name.rpartition(".")[2]
        if entry.is_file() and suffix in _MEDIA:
            body = entry.read_bytes()
            digest = hashlib.blake2b(body, digest_size=9).hexdigest()
            found[entry.name] = Asset(body, _MEDIA[suffix], f'"{digest}"')
    return found


def served(found: Asset, known: str) -> Answer:
    """The file, or 304 where the client has it: ``known`` is its If-None-Match."""
    headers = {"etag": found.tag, "cache-control": "no-cache"}
    tags = {tag.strip().removeprefix("W/") for tag in known.split(",")}
    if found.tag in tags or known.strip() == "*":
        return Answer(304, headers=headers)
    return Answer(200, found.body, found.media, headers)
