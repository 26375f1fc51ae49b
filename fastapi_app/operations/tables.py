"""The library's tables, opened for a command."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine

from fastapi_app import schema
from fastapi_app.config import SQLITE, Config
from fastapi_app.database import blocking_engine
from fastapi_app.operations import default_settings
from fastapi_app.operations.refusal import SchemaOutdated
from fastapi_app.schema import SchemaReport, SchemaState


@contextmanager
def engine_for(config: Config) -> Iterator[Engine]:
    """An engine that is closed at the end of the block."""
    engine = blocking_engine(config)
    try:
        yield engine
    finally:
        engine.dispose()


@contextmanager
def current(config: Config) -> Iterator[Engine]:
    """The same, when the tables are those of this version. Raises SchemaError or SchemaOutdated."""
    with engine_for(config) as engine:
        report = examine(engine)
        if report.state is not SchemaState.CURRENT:
            raise SchemaOutdated(f"{report.state.value} Run: mvidarr db {'upgrade' if upgradable(report) else 'check'}")
        yield engine


def upgradable(report: SchemaReport) -> bool:
    """Whether `upgrade` would help."""
    return report.state in (SchemaState.EMPTY, SchemaState.BEHIND, SchemaState.INTERRUPTED)


def examine(engine: Engine) -> SchemaReport:
    """What the tables are, without making a file. Raises SchemaError, or SchemaOutdated when there is no file yet."""
    file = missing_file(engine)
    if file is not None:
        raise SchemaOutdated(f"There is no database at {file} yet. Run: mvidarr db upgrade")
    return schema.examine(engine)


def missing_file(engine: Engine) -> Path | None:
    """The file that SQLite would make on the first connection; None for one that exists, and for a server."""
    name = engine.url.database
    if engine.dialect.name != SQLITE or not name or name == ":memory:" or Path(name).exists():
        return None
    return Path(name)


def bring_up_to_date(engine: Engine) -> SchemaReport:
    """Upgrades, and writes the default settings of a new installation. Gives what was found before."""
    before = schema.examine(engine)
    schema.upgrade(engine)
    default_settings.seed(engine)
    return before
