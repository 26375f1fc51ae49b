"""``strangler replay``."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import TaskID

from router.comparison.waiver import Waiver
from router.configuration import build_router, read_settings
from router.parity.command import keep, progress_bars, rehearse_from, waivers_from
from router.parity.recording import NOBODY, Recording, read_corpus
from router.parity.rehearsal import Rehearsal
from router.replay import report
from router.replay.line import cookie_variable
from router.replay.minimal import ShrinkLimits
from router.replay.run import Replay, on_copies, on_servers
from router.replay.servers import Server, Servers
from router.row import Side


def replay(
    files: Annotated[list[Path], typer.Argument(help="Files or folders of recorded requests.")],
    waivers: Annotated[Path | None, typer.Option(help="YAML: what may differ, why, until when.")] = None,
    rehearsal: Annotated[str | None, typer.Option(help="module:factory of the throwaway copies.")] = None,
    record: Annotated[bool, typer.Option(help="Record the outcome in the flag store, for `flags promote`.")] = False,
    code: Annotated[
        str | None, typer.Option(help="Version of the code, such as a commit. Default: pyproject's, or the router's.")
    ] = None,
    shrink: Annotated[bool, typer.Option(help="Reduce each mismatch to a minimal request.")] = True,
    rounds: Annotated[int, typer.Option(min=1, help="How often both sides may be asked for that.")] = 60,
    at: Annotated[
        tuple[str, str] | None,
        typer.Option(metavar="LEGACY MODERN", help="Ask two running servers instead, GET and HEAD alone."),
    ] = None,
    app: Annotated[str | None, typer.Option(help="module:factory of the router; with --at, for its routes.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Ask both sides what was recorded, and compare; print every mismatch as its smallest request.

    Ends with 1 where the sides differ. With --at, the cookies of a role such as admin come from the environment:
    STRANGLER_COOKIE_ADMIN.
    """
    if record and at is not None:
        raise typer.BadParameter("what a server runs is not known to be this code.", param_hint="--record with --at")
    settings = read_settings(Path.cwd())
    corpus, accepted = read_corpus(files), waivers_from(waivers, settings)
    limits = ShrinkLimits(rounds=rounds) if shrink else None
    if at is None:
        found = _on_copies(rehearsal, corpus, accepted, limits, code, settings)
    else:
        found = on_servers(_servers(at, app, corpus, settings), corpus, accepted, limits)
    if record:
        keep(found.parity, accepted, settings, "replay")
    report.replay(found, (report.BASE,) if at is None else at, as_json=as_json)
    if not found.is_alike:
        raise typer.Exit(1)


def _on_copies(
    rehearsal: str | None,
    corpus: list[Recording],
    waivers: list[Waiver],
    limits: ShrinkLimits | None,
    code: str | None,
    settings: Mapping[str, str],
) -> Replay:
    rehearse = rehearse_from(rehearsal, settings)
    with progress_bars() as shown:
        tasks: dict[Side, TaskID] = {
            side: shown.add_task(side.value, total=None) for side in (Side.LEGACY, Side.MODERN)
        }
        return on_copies(
            rehearse,
            corpus,
            waivers,
            limits,
            lambda side, done, total: shown.update(tasks[side], completed=done, total=total),
            settings.get("code") if code is None else code,
        )


def _servers(at: tuple[str, str], app: str | None, corpus: Iterable[Recording], settings: Mapping[str, str]) -> Servers:
    cookies = _cookies({one.auth for one in corpus} - {NOBODY})
    try:
        legacy, modern = (Server.at(url, cookies) for url in at)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--at") from error
    return Servers(legacy, modern, Rehearsal(build_router(app, settings)))


def _cookies(roles: Iterable[str]) -> dict[str, str]:
    return {role: os.environ[name] for role in roles if (name := cookie_variable(role)) in os.environ}
