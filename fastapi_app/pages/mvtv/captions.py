"""Captions that lie beside a film: `Title.en.vtt` for `Title.mp4`. All of it but the pattern blocks."""

import os
import re
from pathlib import Path

from fastapi_app.config import Config
from fastapi_app.media.paths import Place, Roots, place, resolve

SUFFIX = ".vtt"
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8}){0,4}")


def is_language(text: str) -> bool:
    """Whether `text` can be the language in the name of a file: `en`, `pt-BR`."""
    return _LANGUAGE.fullmatch(text) is not None


def languages(config: Config, film: str) -> list[str]:
    """The languages of the captions beside the film with this stored path."""
    found = place(film, Roots.of(config))
    if found is None:
        return []
    head = f"{found.path.stem}."
    try:
        names = [entry.name for entry in os.scandir(found.path.parent) if entry.name.startswith(head)]
    except OSError:
        return []
    told = (name[len(head) : -len(SUFFIX)] for name in names if name.endswith(SUFFIX))
    return sorted(text for text in told if is_language(text))


def file_in(config: Config, film: str, language: str) -> Path | None:
    """The file of captions in this language, None where it isn't there or may not be served."""
    roots = Roots.of(config)
    found = place(film, roots)
    if found is None or not is_language(language):
        return None
    beside = found.path.with_name(f"{found.path.stem}.{language}{SUFFIX}")
    return resolve(Place(found.root, beside), roots)
