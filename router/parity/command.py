"""``strangler parity``."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from router import report
from router.comparison.waiver import Waiver, read_waivers
from router.configuration import NotConfigured, build_store, load, read_settings
from router.parity.record import Kept, evidences
from router.parity.recording import Recording, read_corpus
from router.parity.rehearsal import Rehearsal, Rehearse
from router.parity.run import Parity, run
from router.row import Side


def parity(
    corpus: Annotated[
        list[Path] | None, typer.Argument(help="Files or folders of recorded requests. Default: pyproject's.")
    ] = None,
    waivers: Annotated[Path | None, typer.Option(help="YAML: what may differ, why, until when.")] = None,
    rehearsal: Annotated[str | None, typer.Option(help="module:factory of the throwaway copies.")] = None,
    record: Annotated[bool, typer.Option(help="Record the outcome in the flag store, for `flags promote`.")] = False,
    code: Annotated[
        str | None, typer.Option(help="Version of the code, such as a commit. Default: pyproject's, or the router's.")
    ] = None,
    probes: Annotated[bool, typer.Option(help="Ask small requests of routes that the corpus leaves out.")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Ask both sides of every route the same, on throwaway copies, and compare answers and rows.

    Ends with 1 where a route differs, or was not asked.
    """
    settings = read_settings(Path.cwd())
    rehearse = rehearse_from(rehearsal, settings)
    requests = _corpus(corpus, settings)
    accepted = waivers_from(waivers, settings)
    with progress_bars() as shown:
        tasks: dict[Side, TaskID] = {
            side: shown.add_task(side.value, total=None) for side in Side if side is not Side.ROUTER
        }
        found = run(
            rehearse,
            requests,
            accepted,
            lambda side, done, total: shown.update(tasks[side], completed=done, total=total),
            with_probes=probes,
            code=settings.get("code") if code is None else code,
        )
    if record:
        keep(found, accepted, settings)
    report.parity(found, as_json=as_json)
    if not found.is_whole:
        raise typer.Exit(1)


def rehearse_from(name: str | None, settings: Mapping[str, str]) -> Rehearse:
    """What ``name`` or the settings name. Raises `NotConfigured`."""
    chosen = name or settings.get("rehearsal")
    if chosen is None:
        raise NotConfigured(
            "No copies to ask: give --rehearsal module:factory, or rehearsal in [tool.strangler] of pyproject.toml."
        )
    factory = load(chosen)

    @contextmanager
    def rehearse(side: Side) -> Iterator[Rehearsal]:
        with ExitStack() as copy:
            try:
                made: Rehearsal = copy.enter_context(factory(side))
            except Exception as error:  # the command's edge: a foreign factory's failure is one sentence here
                raise NotConfigured(f"{chosen} failed: {type(error).__name__}: {error}") from error
            yield made

    return rehearse


def keep(found: Parity, waivers: list[Waiver], settings: Mapping[str, str], kind: Kept = "parity") -> None:
    """Stores a piece of evidence for every route, in the store that the settings name. Raises `NotConfigured`."""
    store = build_store(None, None, settings)
    try:
        for piece in evidences(found, waivers, datetime.now(UTC), store.epoch(), kind):
            store.keep(piece)
    finally:
        store.close()


def _corpus(given: list[Path] | None, settings: Mapping[str, str]) -> list[Recording]:
    """What was given; else what is configured, where it exists: then probes alone are asked."""
    if given:
        return read_corpus(given)
    configured = _configured("corpus", settings)
    if configured is None or not configured.exists():
        return []
    return read_corpus([configured])


def waivers_from(given: Path | None, settings: Mapping[str, str]) -> list[Waiver]:
    """What was given, else what is configured. Raises `WaiversUnreadable`."""
    chosen = given or _configured("waivers", settings)
    return read_waivers(chosen) if chosen is not None else []


def _configured(name: str, settings: Mapping[str, str]) -> Path | None:
    return Path(settings["folder"], settings[name]) if name in settings else None


def progress_bars() -> Progress:
    """On stderr, and gone afterwards."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=Console(stderr=True), transient=True)
