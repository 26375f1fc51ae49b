"""``strangler drill``."""

import getpass
import logging
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer

from migration_flags import FlagStore, Snapshot, StoreUnavailable
from migration_flags.snapshot import EMPTY
from router import report
from router.app import Router
from router.completion import complete_route
from router.configuration import build_router, open_store, read_settings
from router.drill.course import TRIPS_WITHIN
from router.drill.diagnosis import diagnosis
from router.drill.here import PERCENT, drill_here
from router.drill.path import drillable, path_for, refuse_closed
from router.drill.there import Server, drill_there
from router.drill.timeline import Event, Timeline
from router.flag_commands import opened_store
from router.parity.command import rehearse_from
from router.row import Row, Side


def drill(
    route: Annotated[
        str,
        typer.Argument(metavar="ROUTE", help="As in: 'GET /api/videos/{video_id}'.", autocompletion=complete_route),
    ],
    url: Annotated[str | None, typer.Option(help="A running server, as in http://127.0.0.1:5000.")] = None,
    path: Annotated[str | None, typer.Option(help="What is asked. Default: made up from the template.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="With --url: do not ask whether I mean it.")] = False,
    within: Annotated[float, typer.Option(min=1, max=600, help="Seconds that a rollback may take.")] = TRIPS_WITHIN,
    rehearsal: Annotated[
        str | None, typer.Option(help="module:factory of throwaway copies, to drill on one of them.")
    ] = None,
    actor: Annotated[str | None, typer.Option("--actor", help="Who. Default: the login name.")] = None,
    app: Annotated[str | None, typer.Option("--app", help="module:factory of the Router.")] = None,
    store: Annotated[str | None, typer.Option("--store", help="URL of the flag store.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Let modern fail for one test user, and show how the route is rolled back. GET routes alone.

    Without --url in this process, over copies: nothing outside is changed. With --url the running server takes the
    route back for everybody, and the drill puts its stage back when it is over.

    Ends with 1 where no rollback came.
    """
    router = build_router(app, read_settings(Path.cwd()))
    with opened_store(router.flags if store is None else open_store(store)) as opened:
        row = router.table[route]
        asked = path_for(router.table, drillable(row, _flags(opened)), path)
        tell = _silent if as_json else report.event
        if url is None:
            found = _here(router, row, asked, _flags(opened), rehearsal, tell, within)
        else:
            refuse_closed(row, opened.snapshot())
            _agree(row, url, yes=yes)
            found = _there(router, row, asked, opened, url, actor or getpass.getuser(), tell, within)
    if not found.is_rolled_back:
        found.left = [f"No rollback within {within:g} s.", *diagnosis(found, router.rollback), *found.left]
    report.drill(found, as_json=as_json)
    if not found.is_rolled_back:
        raise typer.Exit(1)


def _flags(store: FlagStore) -> Snapshot:
    """The flags; none where the store can't be reached: a drill in this process does without."""
    try:
        return store.snapshot()
    except StoreUnavailable:
        return EMPTY


def _here(
    router: Router,
    row: Row,
    path: str,
    flags: Snapshot,
    rehearsal: str | None,
    tell: Callable[[Event], None],
    within: float,
) -> Timeline:
    settings = read_settings(Path.cwd())
    with ExitStack() as stack:
        stack.enter_context(_quiet())
        base = router
        if rehearsal is not None or "rehearsal" in settings:
            base = stack.enter_context(rehearse_from(rehearsal, settings)(Side.LEGACY)).router
        found = drill_here(base, base.table[row.key], path, flags, router.rollback, tell, within)
    found.left.append(f"This was a copy at canary {PERCENT:g} %: no flag has changed.")
    return found


def _there(
    router: Router,
    row: Row,
    path: str,
    store: FlagStore,
    url: str,
    who: str,
    tell: Callable[[Event], None],
    within: float,
) -> Timeline:
    front = Server(url, path, row.key, store, router.sign_drill, router.sign_override, time.time)
    with _interruptible():
        return drill_there(front, store, Timeline(row.key, path), f"drill by {who}", tell, within)


def _agree(row: Row, url: str, *, yes: bool) -> None:
    if yes:
        return
    question = f"Roll {row.key} back for everybody at {url}, for a few seconds?"
    if not sys.stdin.isatty():
        raise typer.BadParameter(f"{question} Say --yes.", param_hint="--url")
    typer.confirm(question, abort=True, err=True)


def _silent(event: Event) -> None:
    del event


@contextmanager
def _quiet() -> Iterator[None]:
    """The faults of a copy are wanted: their tracebacks would hide the timeline."""
    logger = logging.getLogger("router")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(level)


@contextmanager
def _interruptible() -> Iterator[None]:
    """SIGTERM is as good as Ctrl-C: the stage is put back."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _interrupt(number: int, frame: FrameType | None) -> None:
    del number, frame
    raise KeyboardInterrupt
