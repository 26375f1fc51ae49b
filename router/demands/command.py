"""``strangler probe``."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml

from router import report
from router.configuration import NotConfigured, build_router, build_store, read_settings
from router.demands.evidence import evidence
from router.demands.probing import probe_copies, probe_here
from router.demands.treatment import Probed
from router.parity.command import rehearse_from
from router.types import Headers


def probe(
    rehearsal: Annotated[str | None, typer.Option(help="module:factory of the throwaway copies.")] = None,
    here: Annotated[
        bool, typer.Option("--here", help="Ask the application as it is, with its data: GET and HEAD alone.")
    ] = False,
    credentials: Annotated[
        Path | None, typer.Option(help="With --here, YAML: label → header → value, of visitors who may little.")
    ] = None,
    record: Annotated[bool, typer.Option(help="Record the outcome in the flag store, for `flags promote`.")] = False,
    code: Annotated[
        str | None, typer.Option(help="Version of the code, such as a commit. Default: pyproject's, or the router's.")
    ] = None,
    app: Annotated[str | None, typer.Option("--app", help="With --here, module:factory of the Router.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Ask every route as nobody, and as who may too little, on both sides: modern must refuse whom legacy refuses.

    Ends with 1 where it does not.
    """
    settings = read_settings(Path.cwd())
    if here:
        router = build_router(app, settings)
        found = probe_here(router, router.table, router.side, read_credentials(credentials))
    else:
        found = probe_copies(rehearse_from(rehearsal, settings))
    if record:
        _record(found, settings.get("code") if code is None else code, app, settings)
    report.probed(found, as_json=as_json)
    if any(one.laxer for one in found):
        raise typer.Exit(1)


def read_credentials(file: Path | None) -> dict[str, Headers]:
    """Headers by label. Raises `NotConfigured`, without what the file says: it holds credentials."""
    if file is None:
        return {}
    try:
        content: Any = yaml.safe_load(file.read_text("utf-8"))
        return {str(label): [_header(*pair) for pair in headers.items()] for label, headers in content.items()}
    except (OSError, ValueError, AttributeError, yaml.YAMLError):
        raise NotConfigured(f"{file} can't be read: it maps labels to headers, and headers to values.") from None


def _header(name: Any, value: Any) -> tuple[bytes, bytes]:
    return str(name).lower().encode("latin-1"), str(value).encode("latin-1")


def _record(found: list[Probed], code: str | None, app: str | None, settings: Mapping[str, str]) -> None:
    router = build_router(app, settings)
    store = build_store(None, app, settings)
    try:
        version, epoch, now = router.version_of(code), store.epoch(), datetime.now(UTC)
        for one in found:
            store.keep(evidence(one, now, epoch, version))
    finally:
        store.close()
