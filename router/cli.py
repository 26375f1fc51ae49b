"""``strangler``: looks at the routes, and moves them."""

import getpass
import re
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated
from urllib.parse import unquote, urlsplit

import typer
from rich.console import Console

from migration_flags import (
    ANYONE,
    FlagError,
    SchemaTooNew,
    StoreInvalid,
    StoreUnavailable,
    StoreWentBack,
    Visitor,
)
from router import report
from router.app import Router
from router.completion import complete_method
from router.configuration import build_router, read_settings
from router.demands.command import probe
from router.drill.command import drill
from router.errors import RouterError
from router.explanation import explain_request
from router.flag_commands import App, Json, flags, history, opened_store
from router.override import COOKIE, HEADER, in_cookie
from router.parity.command import parity
from router.replay.command import replay
from router.row import Side
from router.status_command import status
from router.workers_command import workers

_DURATION = re.compile(r"([1-9][0-9]{0,5})([smhd])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
LONGEST = 30 * 86_400
"""Seconds that an override may last."""

cli = typer.Typer(
    no_args_is_help=True,
    help="Move routes from the legacy side to the modern one.",
    epilog="Ends with 0: done. 1: refused, failed, or something differs. 2: wrong usage.",
)
cli.add_typer(flags, name="flags")
for verb in (parity, replay, probe, status, drill, history, workers):
    cli.command()(verb)


def main() -> None:
    """The console script. Exit codes: 0 done, 1 refused or failed (one sentence on stderr), 2 wrong usage."""
    try:
        cli()
    except (RouterError, FlagError) as error:
        text = f"{error} {_advice(error)}".rstrip()
        Console(stderr=True).print(text, style="red", markup=False, highlight=False, soft_wrap=True)
        sys.exit(1)


def _advice(error: Exception) -> str:
    """What to do about an error that does not say so itself."""
    if isinstance(error, StoreWentBack | StoreInvalid):
        return "Restore the store from a backup, or give another one by --store."
    if isinstance(error, StoreUnavailable):
        return "Is it up, and may this user reach it? Routes are served from the last flags meanwhile."
    if isinstance(error, SchemaTooNew):
        return "Run the version of this command that the servers run."
    return ""


@cli.command()
def routes(
    explain: Annotated[bool, typer.Option("--explain", help="Say of each route what a move would change.")] = False,
    app: App = None,
    as_json: Json = False,
) -> None:
    """List every route: who owns it, its stage, how the two sides relate."""
    router = _router(app)
    with opened_store(router.flags) as store:
        report.routes(router.table, store.snapshot(), router.demands, explain=explain, as_json=as_json)


@cli.command()
def explain(
    method: Annotated[str, typer.Argument(help="As in: GET.", autocompletion=complete_method)],
    path: Annotated[str, typer.Argument(help="A path or a whole address: /api/videos/5. A query is ignored.")],
    unit: Annotated[
        str | None, typer.Option("--as", metavar="UNIT", help="Who asks, as identify() names them: user:5.")
    ] = None,
    role: Annotated[list[str] | None, typer.Option(help="A role of theirs. Repeat for several.")] = None,
    app: App = None,
    as_json: Json = False,
) -> None:
    """Say which route a request is, which side answers it, and why. Needs no server."""
    router = _router(app)
    with opened_store(router.flags) as store:
        explained = explain_request(
            router.table, store.snapshot(), method.upper(), _path(path), _visitor(unit, role or [])
        )
        demands = router.demands.get(explained.route)
        if demands is not None:
            explained = replace(explained, sentences=(*explained.sentences, str(demands)))
        report.request(explained, as_json=as_json)


@cli.command()
def override(
    side: Annotated[str, typer.Option(metavar="modern|legacy", help="Who shall answer.")],
    lasts: Annotated[str, typer.Option("--for", metavar="DURATION", help="As in 90s, 30m, 1h, 2d.")] = "1h",
    by: Annotated[str | None, typer.Option(help="Who is answerable for it. Default: the login name.")] = None,
    cookie: Annotated[bool, typer.Option("--cookie", help="Print a cookie, for a browser.")] = False,
    app: App = None,
    as_json: Json = False,
) -> None:
    """Print a signed header (or cookie) with which every route that may is answered by one side."""
    if side not in {Side.MODERN.value, Side.LEGACY.value}:
        raise typer.BadParameter("a side is modern or legacy.", param_hint="--side")
    until = int(time.time()) + _seconds(lasts)
    try:
        signed = _router(app).sign_override(Side(side), until, by or getpass.getuser())
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--by") from error
    name, value = (COOKIE, in_cookie(signed)) if cookie else (HEADER.decode().title(), signed)
    report.override(name, value, until, is_cookie=cookie, as_json=as_json)


def _path(text: str) -> str:
    """The decoded path of a path or an address."""
    address = urlsplit(text)
    path = (address.path or "/") if address.scheme in {"http", "https"} else text.partition("?")[0]
    if not path.startswith("/"):
        raise typer.BadParameter("a path begins with a slash, an address with http:// or https://.", param_hint="PATH")
    return unquote(path)


def _visitor(unit: str | None, roles: Sequence[str]) -> Visitor:
    if unit is None and not roles:
        return ANYONE
    user = unit.removeprefix("user:") if unit is not None and unit.startswith("user:") else None
    return Visitor(unit=unit, user=user, roles=frozenset(roles))


def _seconds(text: str) -> int:
    found = _DURATION.fullmatch(text)
    seconds = int(found[1]) * _SECONDS[found[2]] if found else 0
    if not 0 < seconds <= LONGEST:
        raise typer.BadParameter("a duration is a number and s, m, h or d, at most 30d.", param_hint="--for")
    return seconds


def _router(app: str | None) -> Router:
    return build_router(app, read_settings(Path.cwd()))
