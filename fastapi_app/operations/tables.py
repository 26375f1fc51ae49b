"""The library's tables, opened for a command."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from fastapi_app import schema
from fastapi_app.adoption.adopting import Progress
from fastapi_app.config import SQLITE, Config
from fastapi_app.database import blocking_engine
from fastapi_app.models import Setting
from fastapi_app.operations import default_settings
from fastapi_app.operations.refusal import SchemaOutdated
from fastapi_app.schema import SchemaReport, SchemaState, Upgrade

_MARK_OF_0_9 = "simple_auth_username"


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
    return report.state in (
        SchemaState.EMPTY,
        SchemaState.BEHIND,
        SchemaState.INTERRUPTED,
        SchemaState.ADOPTABLE,
    )


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


def bring_up_to_date(engine: Engine, backups: Path | None = None, progress: Progress | None = None) -> Upgrade:
    """Upgrades, and writes the default settings of a new installation. `schema.upgrade` explains the arguments."""
    upgrade = schema.upgrade(engine, backups, progress)
    default_settings.seed(engine)
    return upgrade


def came_from_0_9(engine: Engine) -> bool:
    """Whether the library was adopted: 0.9 always keeps a row for its single-user account, and we never write one."""
    with Session(engine) as session:
        return session.scalar(select(Setting.id).where(Setting.key == _MARK_OF_0_9)) is not None
