"""What a shell offers for a route or a stage: quick, silent, and nothing where the application can't be built."""

import hashlib
import json
import logging
import os
import re
import signal
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

import typer

from migration_flags import Stage
from router.configuration import build_router, read_settings

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
PATIENCE = 10.0
"""Seconds that a shell waits for the application to be built."""
FRESH = 600.0
"""Seconds for which its routes are remembered, in the user's cache folder."""

_SPECIAL = re.compile(r"[^A-Za-z0-9_./-]")


class TookTooLong(BaseException):
    """No exception of the application's own: nothing that it catches."""


def complete_route(ctx: typer.Context, incomplete: str) -> list[str]:
    """Keys that begin like that, each as one word of the shell's."""
    found = [key for key in _keys(ctx) if key.startswith(incomplete)]
    return [escaped(key) for key in found] if _is_bare(os.environ) else found


def complete_stage(incomplete: str) -> list[str]:
    return [stage.value for stage in Stage if stage.value.startswith(incomplete.lower())]


def complete_method(incomplete: str) -> list[str]:
    return [method for method in METHODS if method.startswith(incomplete.upper())]


def complete_words(ctx: typer.Context, incomplete: str) -> list[str]:
    """Of ``[ROUTE] STAGE``: the stages that begin like that, and the routes."""
    return [*complete_stage(incomplete), *complete_route(ctx, incomplete)]


def escaped(key: str) -> str:
    """The key as bash takes it where no quote stands before it."""
    return _SPECIAL.sub(r"\\\g<0>", key)


def _is_bare(environment: Mapping[str, str]) -> bool:
    """Whether bash, which types what it is given as it is, completes a word without a quote."""
    typed = environment.get("COMP_WORDS", "").rpartition("\n")[2]
    return environment.get("_STRANGLER_COMPLETE") == "complete_bash" and not typed.startswith(("'", '"'))


def _keys(ctx: typer.Context) -> list[str]:
    app = ctx.params.get("app")
    try:
        with _hushed(), _impatient():
            return _known(app if isinstance(app, str) else None)
    except (Exception, SystemExit, TookTooLong):  # noqa: BLE001  # the shell's edge: who types wants no traceback
        return []


def _known(app: str | None) -> list[str]:
    """The application's keys, or those that it had when it was last built, if that was lately."""
    settings = read_settings(Path.cwd())
    name = f"{settings.get('folder')}\n{app or settings.get('app')}"
    file = _cache() / f"{hashlib.sha256(name.encode()).hexdigest()[:32]}.json"
    if file.is_file() and time.time() - file.stat().st_mtime < FRESH:
        return [str(key) for key in json.loads(file.read_text("utf-8"))]
    keys = [row.key for row in build_router(app, settings).table]
    with suppress(OSError):
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = file.with_suffix(f".{os.getpid()}")
        fresh.write_text(json.dumps(keys), "utf-8")
        fresh.replace(file)
    return keys


def _cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "strangler"


@contextmanager
def _hushed() -> Iterator[None]:
    """Whatever an application prints or logs while it is built would be typed into the shell's line."""
    logging.disable(logging.CRITICAL)
    out, errors = sys.stdout, sys.stderr
    with Path(os.devnull).open("w") as nowhere:
        sys.stdout = sys.stderr = nowhere
        try:
            yield
        finally:
            sys.stdout, sys.stderr = out, errors
            logging.disable(logging.NOTSET)


@contextmanager
def _impatient() -> Iterator[None]:
    """Raises `TookTooLong` after `PATIENCE`, where the system has such a timer."""
    if not hasattr(signal, "setitimer"):
        yield
        return
    before = signal.signal(signal.SIGALRM, _give_up)
    signal.setitimer(signal.ITIMER_REAL, PATIENCE)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _give_up(number: int, frame: FrameType | None) -> None:
    del number, frame
    raise TookTooLong
