"""An adoption that stops in the middle leaves 0.9's database usable, and goes on when it is run again."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from fastapi_app.adoption import adopting, completion
from fastapi_app.config import Config
from fastapi_app.database import blocking_engine
from fastapi_app.schema import SchemaState, UpgradeStopped, examine, upgrade
from tests.adoption.conftest import NewDatabase
from tests.servers import nine

pytestmark = pytest.mark.mariadb

LACKING = next(variant for variant in nine.VARIANTS if "priority" in variant.name or "003" in variant.name)


@pytest.fixture
def engine(new_database: NewDatabase, tmp_path: Path) -> Iterator[Engine]:
    """A 0.9 library on MariaDB that lacks the columns of a later script."""
    engine = blocking_engine(Config(database_url=new_database("mariadb", tmp_path), data_dir=tmp_path))
    nine.build(engine, LACKING)
    yield engine
    engine.dispose()


def killing(engine: Engine) -> Callable[..., None]:
    """Ends every other connection to the database, as a server that goes away does."""

    def kill(*_arguments: object) -> None:
        with engine.connect() as connection:
            own = connection.scalar(text("SELECT CONNECTION_ID()"))
            others = connection.execute(
                text("SELECT id FROM information_schema.processlist WHERE db = DATABASE() AND id <> :own"), {"own": own}
            ).scalars()
            for other in others.all():
                connection.execute(text(f"KILL {int(other)}"))

    return kill


def test_a_connection_lost_during_the_backup_changes_nothing(engine: Engine, tmp_path: Path) -> None:
    before = nine.stored(engine)
    with pytest.raises(UpgradeStopped, match="run it again"):
        upgrade(engine, tmp_path / "backups", killing(engine))
    assert list((tmp_path / "backups").iterdir()) == []
    assert nine.stored(engine) == before
    assert examine(engine).state is SchemaState.ADOPTABLE


def test_a_connection_lost_between_two_changes_is_completed_by_the_next_run(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = nine.stored(engine)
    real = completion.complete

    def dies_afterwards(*arguments: object) -> None:
        real(*arguments)  # type: ignore[arg-type]
        killing(engine)()

    with monkeypatch.context() as patch:
        patch.setattr(adopting, "complete", dies_afterwards)
        with pytest.raises(UpgradeStopped):
            upgrade(engine, tmp_path / "backups")
    done = upgrade(engine, tmp_path / "backups")
    assert done.after.state is SchemaState.CURRENT
    after = nine.stored(engine)
    assert {table: set(rows) for table, rows in before.items()} == {table: set(after[table]) for table in before}


def test_tables_that_were_made_when_the_power_went_are_not_in_the_way(engine: Engine, tmp_path: Path) -> None:
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
    assert upgrade(engine, tmp_path / "backups").after.state is SchemaState.CURRENT
