"""``strangler``: looks at the routes, and moves them."""

import getpass
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated
from urllib.parse import unquote

import typer
from rich.console import Console

from migration_flags import Change, FlagError, FlagStore, Stage
from router import report
from router.app import Router
from router.burndown import burn_down
from router.configuration import build_router, build_store, open_store, read_settings
from router.decision import refuse_stage
from router.errors import RouterError
from router.explanation import explain_request
from router.parity.command import parity
from router.row import Owner, Row

App = Annotated[str | None, typer.Option("--app", help="module:factory of the Router.")]
Store = Annotated[str | None, typer.Option("--store", help="URL of the flag store; the application is not built.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
RouteKey = Annotated[str, typer.Argument(metavar="ROUTE", help="As in: 'GET /api/videos/{video_id}'.")]
Reason = Annotated[str, typer.Option("--reason", help="Why. Kept in the history.")]
Actor = Annotated[str | None, typer.Option("--actor", help="Who. Default: the login name.")]

cli = typer.Typer(
    no_args_is_help=True, add_completion=False, help="Move routes from the legacy side to the modern one."
)
flags = typer.Typer(no_args_is_help=True, help="Look at flags, and set them.")
cli.add_typer(flags, name="flags")
cli.command()(parity)


def main() -> None:
    """The console script. Exit codes: 0 done, 1 refused or failed (one sentence on stderr), 2 wrong usage."""
    try:
        cli()
    except (RouterError, FlagError) as error:
        Console(stderr=True).print(str(error), style="red", markup=False, highlight=False, soft_wrap=True)
        sys.exit(1)


@cli.command()
def routes(
    explain: Annotated[bool, typer.Option("--explain", help="Say of each route what a move would change.")] = False,
    app: App = None,
    as_json: Json = False,
) -> None:
    """List every route: who owns it, its stage, how the two sides relate."""
    router = _router(app)
    with _open(router.flags) as store:
        report.routes(router.table, store.snapshot(), explain=explain, as_json=as_json)


@cli.command()
def explain(
    method: Annotated[str, typer.Argument(help="As in: GET.")],
    path: Annotated[str, typer.Argument(help="As in an address: /api/videos/5. A query is ignored.")],
    app: App = None,
    as_json: Json = False,
) -> None:
    """Say which route a request is, which side answers it, and why. Needs no server."""
    if not path.startswith("/"):
        raise typer.BadParameter("a path begins with a slash.", param_hint="PATH")
    router = _router(app)
    with _open(router.flags) as store:
        decoded = unquote(path.partition("?")[0])
        report.request(explain_request(router.table, store.snapshot(), method.upper(), decoded), as_json=as_json)


@cli.command()
def status(app: App = None, as_json: Json = False) -> None:
    """How far the move has come."""
    router = _router(app)
    with _open(router.flags) as store:
        report.status(burn_down(router.table, store.snapshot()), as_json=as_json)


@flags.command("list")
def list_flags(app: App = None, store: Store = None, as_json: Json = False) -> None:
    """List every flag that was ever set."""
    with _store(store, app) as opened:
        report.flags(opened.snapshot(), as_json=as_json)


@flags.command()
def show(route: RouteKey, app: App = None, store: Store = None, as_json: Json = False) -> None:
    """Show one route's flag."""
    with _store(store, app) as opened:
        report.flag(route, opened.snapshot(), as_json=as_json)


@flags.command()
def history(
    route: Annotated[str | None, typer.Argument(metavar="ROUTE")] = None,
    limit: Annotated[int, typer.Option(min=1, help="Newest rows to show.")] = 50,
    app: App = None,
    store: Store = None,
    as_json: Json = False,
) -> None:
    """Who moved what, when and why; newest first."""
    with _store(store, app) as opened:
        report.history(opened.history(route, limit=limit), as_json=as_json)


@flags.command("set")
def set_flag(
    words: Annotated[list[str], typer.Argument(metavar="[ROUTE] STAGE", help="With --all, the stage alone.")],
    reason: Reason,
    actor: Actor = None,
    everything: Annotated[bool, typer.Option("--all", help="Every route that both sides have.")] = False,
    app: App = None,
    store: Store = None,
    as_json: Json = False,
) -> None:
    """Set the stage of one route, or of all. Needs no evidence, and the history says so."""
    if len(words) != (1 if everything else 2):
        raise typer.BadParameter("give ROUTE and STAGE, or --all and STAGE.")
    stage = _stage(words[-1])
    router = _router(app)
    if everything:
        chosen = [row for row in router.table if row.owner is Owner.BOTH]
    else:
        chosen = [_movable(router, words[0], stage)]
    skipped = [row for row in router.table if row.owner is not Owner.BOTH] if everything else []
    changes = [Change(row.key, stage) for row in chosen]
    with _open(router.flags if store is None else open_store(store)) as opened:
        written = opened.apply(changes, actor=actor or getpass.getuser(), reason=reason)
    report.written(written, len(changes), skipped, as_json=as_json)


def _movable(router: Router, key: str, stage: Stage) -> Row:
    row = router.table[key]
    refuse_stage(row, stage)
    return row


def _stage(word: str) -> Stage:
    try:
        return Stage(word)
    except ValueError:
        raise typer.BadParameter(f"{word!r} is not a stage: {', '.join(Stage)}.") from None


def _router(app: str | None) -> Router:
    return build_router(app, read_settings(Path.cwd()))


@contextmanager
def _store(url: str | None, app: str | None) -> Iterator[FlagStore]:
    with _open(build_store(url, app, read_settings(Path.cwd()))) as store:
        yield store


@contextmanager
def _open(store: FlagStore) -> Iterator[FlagStore]:
    try:
        yield store
    finally:
        store.close()
