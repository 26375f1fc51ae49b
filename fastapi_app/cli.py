"""The `mvidarr` command: everything a person who runs MVidarr types."""

import json
import signal
import socket
import sys
import textwrap
from typing import Annotated

import typer
from rich.console import Console
from rich.panel import Panel
from rich.progress import Progress
from rich.table import Table
from rich.text import Text
from sqlalchemy import Engine

from fastapi_app.backup import commands as backup_commands
from fastapi_app.config import Config
from fastapi_app.jobs.states import Queue
from fastapi_app.models import UserRole, now
from fastapi_app.operations import (
    accounts,
    configuration,
    copies,
    doctor,
    ffmpeg,
    folder,
    gate,
    listener,
    redis_server,
    startup,
    tables,
    web,
)
from fastapi_app.operations.doctor import Finding, Verdict
from fastapi_app.operations.refusal import ConfigurationInvalid, LibraryNotEmpty, Refusal
from fastapi_app.operations.startup import Welcome
from fastapi_app.schema import SchemaError, SchemaState
from fastapi_app.search import commands as search_commands
from fastapi_app.secret_key import UnusableSecretKey

app = typer.Typer(
    help="MVidarr: a self-hosted music-video library.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
database = typer.Typer(help="The library's tables.", no_args_is_help=True)
user = typer.Typer(help="People who may log in.", no_args_is_help=True)
app.add_typer(database, name="db")
app.add_typer(user, name="user")
app.add_typer(backup_commands.app, name="backup")
database.command("reindex")(search_commands.reindex)

_ALL_QUEUES = ",".join(Queue)

output = Console(highlight=False, soft_wrap=True)
errors = Console(stderr=True, highlight=False, soft_wrap=True)


def main() -> None:
    """The console script. A refusal is one sentence on standard error and exit code 1; wrong usage is 2."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # asked to end or Ctrl-C: both clean up
    try:
        app()
    except (Refusal, SchemaError, UnusableSecretKey) as refusal:
        errors.print(Text(f"mvidarr: {refusal}", style="red"))
        sys.exit(1)


@app.command()
def up(
    demo: Annotated[bool, typer.Option("--demo", help="Fill an empty library with short videos made here.")] = False,
) -> None:
    """Start everything: tables, a private Redis, the web. Ctrl-C stops it all."""
    config = configuration.read()

    def fill(engine: Engine) -> None:
        try:
            _fill_library(config, engine)
        except LibraryNotEmpty as refusal:
            output.print(str(refusal))

    startup.run(config, _welcome, fill if demo else None)
    output.print("Stopped.")


@app.command()
def serve(
    workers: Annotated[int | None, typer.Option(min=1, max=64, help="Web processes (MVIDARR_WORKERS).")] = None,
    descriptor: Annotated[int | None, typer.Option("--listener", hidden=True)] = None,
) -> None:
    """Serve the application that MVIDARR_APP names, on a database and a Redis that already run."""
    config = configuration.read()
    if workers is not None:
        config = config.model_copy(update={"workers": workers})
    folder.prepare(config.data_dir)
    with tables.current(config) as engine:
        adopted = tables.came_from_0_9(engine)
        if descriptor is None and gate.is_open(engine):
            _warn_of_open_gate()
    if descriptor is not None:
        with socket.socket(fileno=descriptor) as inherited:
            web.serve(config, inherited, adopted=adopted)
        return
    with listener.listen(config.host, config.port) as door:
        output.print(f"Serving {listener.address(config.host, listener.port_of(door), config.base_url)}")
        web.serve(config, door, adopted=adopted)


@app.command()
def worker(
    queues: Annotated[str, typer.Option(metavar="NAMES", help="Queues to serve, separated by commas.")] = _ALL_QUEUES,
    processes: Annotated[
        int | None, typer.Option(min=1, max=256, help="Most jobs at once (MVIDARR_WORKER_PROCESSES).")
    ] = None,
    beat: Annotated[bool, typer.Option("--beat", help="Keep time as well, see mvidarr beat.")] = False,
) -> None:
    """Run background jobs. Asked to stop, it hands its jobs back."""
    chosen = _queues(queues)
    config = _with_redis(configuration.read())
    with tables.current(config):
        pass
    from fastapi_app import worker as celery  # noqa: PLC0415  other commands need not load Celery

    raise typer.Exit(celery.serve(config, chosen, processes or max(config.worker_processes, 1), beat=beat))


@app.command()
def beat() -> None:
    """Keep time for the workers: free the jobs of lost ones, hand in what is scheduled. One is enough."""
    config = _with_redis(configuration.read())
    with tables.current(config):
        pass
    from fastapi_app import worker as celery  # noqa: PLC0415  other commands need not load Celery

    celery.keep_time(config)


@database.command("upgrade")
def upgrade() -> None:
    """Bring the tables to this version; adopt a database of 0.9; on a new one make settings and administrator."""
    config = configuration.read()
    folder.prepare(config.data_dir)
    with tables.engine_for(config) as engine:
        with _progress() as progress:
            task = progress.add_task("Backing up", total=None, visible=False)

            def written(done: int, total: int) -> None:
                progress.update(task, completed=done, total=total, visible=True)

            upgraded = tables.bring_up_to_date(engine, config.data_dir / "backups", written)
        output.print(_upgraded(upgraded.before.state))
        if upgraded.backup is not None:
            output.print(f"The database as it was: {upgraded.backup}")
        made = accounts.ensure_administrator(engine)
        if gate.is_open(engine):
            _warn_of_open_gate()
    if made is not None:
        _show_password(made.username, made.password)


@database.command("copy")
def copy_library(
    source: Annotated[str, typer.Argument(metavar="FROM", help=f"mysql://…, sqlite:///…, or {copies.CONFIGURED}.")],
    target: Annotated[str, typer.Argument(metavar="TO", help="The same; an empty database.")],
) -> None:
    """Copy a library exactly, between MariaDB and SQLite. The word "configured" is the database of the settings."""
    with _progress() as progress:
        tasks = {name: progress.add_task(name, total=None, visible=False) for name in copies.TABLES}

        def copied(name: str, done: int, total: int) -> None:
            progress.update(tasks[name], completed=done, total=total, visible=True)

        rows = copies.run(configuration.read(), source, target, copied)
    output.print(f"Copied {sum(rows.values()):,} rows of {len(rows)} tables. Flags start anew in the copy.")


@database.command("check")
def check() -> None:
    """Say what state the tables are in. Exit code 0 when they are those of this version."""
    with tables.engine_for(configuration.read()) as engine:
        report = tables.examine(engine)
    output.print(report.state.value)
    for obstacle in report.obstacles:
        output.print(f"It is not one of 0.9: {obstacle}.")
    output.print(f"Revision found: {report.found or 'none'}. Revision of this version: {report.wanted}.")
    if report.state is not SchemaState.CURRENT:
        raise typer.Exit(1)


@user.command("create")
def create_user(
    name: Annotated[str, typer.Argument(help="3 to 30 letters, digits, - or _.")],
    role: Annotated[UserRole, typer.Option(case_sensitive=False, help="What they may do.")],
    email: Annotated[str, typer.Option(help="Their address; NAME@localhost when left out.")] = "",
) -> None:
    """Create a user, with a generated password that is shown once."""
    with tables.current(configuration.read()) as engine:
        _show_password(name, accounts.create(engine, name, role, email))


@user.command("reset-password")
def reset_password(name: Annotated[str, typer.Argument(help="The user's name.")]) -> None:
    """Give a user a new generated password, lift a lock, and end every login of theirs."""
    with tables.current(configuration.read()) as engine:
        _show_password(name, accounts.reset_password(engine, name))


@app.command("demo")
def fill_demo() -> None:
    """Fill an empty library with several artists and short videos made on this machine."""
    config = configuration.read()
    folder.prepare(config.data_dir)
    with tables.current(config) as engine:
        _fill_library(config, engine)


@app.command("doctor")
def diagnose(
    as_json: Annotated[bool, typer.Option("--json", help="For programs: a list of findings.")] = False,
) -> None:
    """Tell what is configured, reachable and missing. Exit code 1 when something needed is missing."""
    findings = doctor.examine(configuration.read())
    if as_json:
        typer.echo(json.dumps([finding.as_json() for finding in findings], indent=2))
    else:
        _show_findings(findings)
    if not doctor.is_well(findings):
        raise typer.Exit(1)


def _queues(names: str) -> list[Queue]:
    try:
        return [Queue(name.strip()) for name in names.split(",")]
    except ValueError:
        raise typer.BadParameter(f"choose from {_ALL_QUEUES}", param_hint="--queues") from None


def _with_redis(config: Config) -> Config:
    """Raises ConfigurationInvalid where there is no Redis, or its address is none."""
    if not config.redis_url:
        raise ConfigurationInvalid("There is no Redis: set MVIDARR_REDIS_URL, or use `mvidarr up`, which brings one.")
    redis_server.answers(config.redis_url)
    return config


def _welcome(welcome: Welcome) -> None:
    lines = Text(welcome.address, style="bold")
    if welcome.password is not None:
        lines.append("\n\n").append(_credentials(accounts.ADMINISTRATOR, welcome.password))
        lines.append(f"\n\nFirst steps: {welcome.address}/welcome", style="not bold")
    output.print(Panel(lines, title="MVidarr is ready", expand=False, padding=(1, 2)))
    if welcome.gate_open:
        _warn_of_open_gate()
    output.print("Ctrl-C stops everything.")


def _warn_of_open_gate() -> None:
    lines = Text("\n".join(textwrap.wrap(gate.WARNING, 64)))
    output.print(Panel(lines, title="Open to everybody", style="yellow", expand=False, padding=(1, 2)))


def _show_password(name: str, password: str) -> None:
    output.print(Panel(_credentials(name, password), expand=False, padding=(1, 2)))


def _credentials(name: str, password: str) -> Text:
    advice = f"The password is shown this once.\nA new one: mvidarr user reset-password {name}"
    return Text(f"User      {name}\nPassword  {password}\n\n{advice}", style="not bold")


def _upgraded(before: SchemaState) -> str:
    found: str = before.value
    return found if before is SchemaState.CURRENT else f"{found} Upgraded: {SchemaState.CURRENT.value}"


def _fill_library(config: Config, engine: Engine) -> None:
    from fastapi_app.demo import library  # noqa: PLC0415  Pillow is not needed to start

    program = ffmpeg.executable()
    if not output.is_terminal:
        output.print("Making the demo library; this takes about half a minute.")
    with _progress() as progress:
        task = progress.add_task("Making the demo library", total=library.steps())
        library.fill(engine, config.data_dir, program, now(), lambda _name: progress.advance(task))
    output.print("The demo library is filled.")


def _progress() -> Progress:
    return Progress(console=output, transient=True, disable=not output.is_terminal)


_MARKS = {Verdict.OK: "green", Verdict.NOTICE: "yellow", Verdict.MISSING: "red"}


def _show_findings(findings: list[Finding]) -> None:
    table = Table.grid(padding=(0, 2))
    for finding in findings:
        verdict = Text(finding.verdict.value, style=_MARKS[finding.verdict])
        table.add_row(verdict, finding.name, Text(finding.message))
    output.print(table)


if __name__ == "__main__":
    main()
