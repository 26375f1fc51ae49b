"""``strangler status``."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from migration_flags import FlagStore, Snapshot, StoreUnavailable
from router import report
from router.burndown import burn_down
from router.configuration import build_router, read_settings
from router.flag_commands import App, Json, opened_store
from router.ratchet import (
    FILE,
    Increase,
    Ratchet,
    RatchetMissing,
    RatchetRefused,
    RatchetUnreadable,
    increases,
    merged,
    read_ratchet,
)
from router.ratchet import present as present_ratchet


def status(
    fail_on_increase: Annotated[
        bool, typer.Option("--fail-on-increase", help="End with 1 where more is left to do than the ratchet says.")
    ] = False,
    record: Annotated[bool, typer.Option("--record", help="Write the ratchet, if no more is left to do.")] = False,
    allow_increase: Annotated[
        bool, typer.Option("--allow-increase", help="With --record: write it all the same.")
    ] = False,
    app: App = None,
    as_json: Json = False,
) -> None:
    """How far the move has come.

    The ratchet is a file in the repository (strangler-ratchet.json, or ratchet in [tool.strangler]): the routes that
    only legacy has, and those below modern. Without a store, as in CI, the code alone is compared.
    """
    settings = read_settings(Path.cwd())
    router = build_router(app, settings)
    with opened_store(router.flags) as store:
        snapshot = _snapshot(store, needed=not (fail_on_increase or record))
    numbers = None if snapshot is None else burn_down(router.table, snapshot)
    found: tuple[Increase, ...] = ()
    if fail_on_increase or record:
        file, now = ratchet_file(settings), present_ratchet(router.table, snapshot)
        before = _recorded(file, record=record, anew=record and allow_increase)
        found = () if before is None else increases(before, now)
        if record and (allow_increase or not found):
            file.write_text(merged(before, now).text, "utf-8")
    report.status(numbers, found, as_json=as_json)
    if found and not (record and allow_increase):
        raise RatchetRefused(_refusal(len(found), record=record))


def ratchet_file(settings: Mapping[str, str]) -> Path:
    """Where the ratchet is."""
    return Path(settings.get("folder", Path.cwd()), settings.get("ratchet", FILE))


def _snapshot(store: FlagStore, *, needed: bool) -> Snapshot | None:
    try:
        return store.snapshot()
    except StoreUnavailable as error:
        if needed:
            raise
        report.note(f"{error} Stages are not looked at.")
        return None


def _recorded(file: Path, *, record: bool, anew: bool) -> Ratchet | None:
    """What the file says. None where there is no file and one is to be written, and where ``anew`` it can't be read."""
    if not file.is_file():
        if record:
            return None
        raise RatchetMissing(file.name)
    try:
        return read_ratchet(file.read_text("utf-8"), file.name)
    except RatchetUnreadable:
        if anew:
            return None
        raise


def _refusal(count: int, *, record: bool) -> str:
    noun = "route has" if count == 1 else "routes have"
    how = "Nothing was recorded; --allow-increase records it." if record else "Give what is new a modern handler."
    return f"{count} {noun} more left to do than recorded. {how}"
