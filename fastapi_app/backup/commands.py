"""`mvidarr backup …`"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from sqlalchemy import select
from sqlalchemy.orm import Session

from fastapi_app.backup import archive, checking, folder, restoring, retention
from fastapi_app.backup.manifest import Manifest
from fastapi_app.backup.refusals import BackupInvalid
from fastapi_app.config import Config
from fastapi_app.models import Setting
from fastapi_app.operations import configuration, tables

app = typer.Typer(help="Save the library, and bring it back.", no_args_is_help=True)
output = Console(highlight=False, soft_wrap=True)


@app.command()
def create(
    secrets: Annotated[
        bool, typer.Option(help="With passwords, keys and logins. Without them it can be shown to others.")
    ] = True,
) -> None:
    """Save database, configuration and thumbnails to the folder backups of the data folder."""
    config = configuration.read()
    moment = datetime.now(UTC)
    home = folder.of(config)
    path = folder.free(home, folder.name_at(moment, "" if secrets else folder.WITHOUT_SECRETS))
    with tables.current(config) as engine, _Bar() as told:
        made = archive.write(config, engine, path, moment, with_secrets=secrets, progress=told)
        with Session(engine) as session:
            keep = retention.kept(session.scalar(select(Setting.value).where(Setting.key == retention.KEEP)))
    folder.prune(home, keep)
    output.print(f"{path}\n{_summary(made)}")
    if secrets:
        output.print("It holds the library's secrets: keep it where nobody else can read it.")


@app.command("list")
def list_backups() -> None:
    """What backups there are, the newest first."""
    found = folder.listed(folder.of(configuration.read()))
    if not found:
        output.print("There is no backup yet. Make one: mvidarr backup create")
    grid = Table.grid(padding=(0, 2))
    for kept in found:
        grid.add_row(kept.name, f"{kept.size:,} bytes")
    output.print(grid)


@app.command()
def verify(backup: Annotated[str, typer.Argument(help="A name from the list, or a path.")]) -> None:
    """Read a whole backup and prove that nothing is missing or changed. Exit code 1 when something is."""
    output.print(f"The backup is whole. {_summary(checking.check(_path(configuration.read(), backup)))}")


@app.command()
def restore(
    backup: Annotated[str, typer.Argument(help="A name from the list, or a path.")],
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask.")] = False,
    with_key: Annotated[bool, typer.Option(help="Bring back the key that signs logins, too; then restart.")] = False,
) -> None:
    """Replace the library by what a backup holds. The library as it is gets saved first."""
    config = configuration.read()
    path = _path(config, backup)
    told = checking.check(path)
    if not yes:
        typer.confirm(f"{_summary(told)}\nReplace the library in {config.data_dir} by it?", abort=True)
    with tables.engine_for(config) as engine, _Bar() as progress:
        made = restoring.restore(config, engine, path, datetime.now(UTC), progress, with_key=with_key)
    output.print(f"Restored {made.rows:,} rows and {made.pictures:,} pictures.")
    if made.left_out:
        output.print(f"No place here for: {', '.join(made.left_out)}.")
    if made.safety is not None:
        output.print(f"The library as it was: {made.safety}")
    if not told.with_secrets:
        output.print("The backup had no passwords. Set one: mvidarr user reset-password NAME")


def _path(config: Config, named: str) -> Path:
    path = folder.find(folder.of(config), named) or Path(named)
    if not path.is_file():
        raise BackupInvalid(f"There is no backup {named}. What there is: mvidarr backup list")
    return path


def _summary(made: Manifest) -> str:
    kind = "with secrets" if made.with_secrets else "without secrets"
    return (
        f"Made {made.made_at} by MVidarr {made.version} on {made.dialect}, {kind}: "
        f"{made.rows:,} rows of {len(made.tables)} tables, {made.pictures:,} pictures."
    )


class _Bar(Progress):
    """A bar where somebody looks."""

    def __init__(self) -> None:
        super().__init__(console=output, transient=True, disable=not output.is_terminal)
        self._task = self.add_task("", total=None)

    def __call__(self, what: str, done: int, total: int) -> None:
        self.update(self._task, description=what, completed=done, total=total)
