"""`mvidarr db copy`: a whole library from one database to another."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import ValidationError
from sqlalchemy import Engine, func, select
from sqlalchemy.exc import SQLAlchemyError

from fastapi_app import schema
from fastapi_app.adoption.copying import CopyIncomplete, Progress, ValueChanged, copy
from fastapi_app.config import Config
from fastapi_app.models import Base
from fastapi_app.operations import tables
from fastapi_app.operations.refusal import CopyRefused
from fastapi_app.schema import SchemaState

CONFIGURED = "configured"
"""Stands for the database of the configuration, so that its password need not be typed."""

TABLES = tuple(table.name for table in Base.metadata.sorted_tables)


def run(config: Config, source: str, target: str, progress: Progress | None = None) -> dict[str, int]:
    """Copies every table; rows by table. Raises CopyRefused, and SchemaError where a database can't be used."""
    with _engine(config, source) as reading, _engine(config, target) as writing:
        _refuse_same(reading, writing)
        _refuse_unready(reading)
        _refuse_filled(writing)
        schema.upgrade(writing)
        try:
            return copy(reading, writing, Base.metadata, progress)
        except (CopyIncomplete, ValueChanged) as error:
            raise CopyRefused(f"The copy was undone: {error}.") from error
        except SQLAlchemyError as error:
            # Its text holds rows, passwords' hashes among them.
            raise CopyRefused(f"The copy was undone: a database refused ({type(error).__name__}).") from None


@contextmanager
def _engine(config: Config, address: str) -> Iterator[Engine]:
    try:
        chosen = config if address == CONFIGURED else config.model_copy(update={"database_url": address})
        chosen = Config.model_validate(chosen.model_dump())
    except ValidationError:
        raise CopyRefused(f"{_shown(address)!r} is no address of a database: use mysql://… or sqlite:///…") from None
    with tables.engine_for(chosen) as engine:
        yield engine


def _shown(address: str) -> str:
    """The address without what may be a password."""
    return address.rpartition("@")[2]


def _refuse_same(reading: Engine, writing: Engine) -> None:
    if reading.url == writing.url:
        raise CopyRefused("FROM and TO are the same database.")


def _refuse_unready(reading: Engine) -> None:
    report = tables.examine(reading)
    if report.state is not SchemaState.CURRENT:
        raise CopyRefused(f"FROM can't be copied yet. {report.state.value} Run there: mvidarr db upgrade")


def _refuse_filled(writing: Engine) -> None:
    file = tables.missing_file(writing)
    if file is not None:
        if not Path(file).parent.is_dir():
            raise CopyRefused(f"There is no folder {file.parent} for TO.")
        return
    report = schema.examine(writing)
    if report.state is SchemaState.EMPTY:
        return
    if report.state is not SchemaState.CURRENT:
        raise CopyRefused(f"TO must be empty. {report.state.value}")
    with writing.connect() as connection:
        for table in Base.metadata.sorted_tables:
            if connection.scalar(select(func.count()).select_from(table)):
                raise CopyRefused(f"TO must be empty, and its table {table.name} is not.")
