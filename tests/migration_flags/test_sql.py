"""What only a database can do wrong: be away, be new, be shared, be started by four workers at once."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from migration_flags import Change, Evidence, SchemaTooNew, Stage, StoreInvalid, StoreUnavailable, Worker
from migration_flags import first_broken_link as broken
from migration_flags.stores import sql as module
from migration_flags.stores.sql import SQLStore
from tests.servers.mariadb import MariaDB, start_mariadb

SECRET = "hunter2"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SQLStore]:
    opened = SQLStore(f"sqlite:///{tmp_path / 'flags.db'}")
    yield opened
    opened.close()


def test_constructing_a_store_connects_to_nothing(tmp_path: Path) -> None:
    SQLStore(f"sqlite:///{tmp_path / 'flags.db'}")
    assert list(tmp_path.iterdir()) == []


def test_an_unreachable_database_is_unavailable_and_its_password_stays_unsaid() -> None:
    store = SQLStore(f"mysql://ada:{SECRET}@127.0.0.1:1/flags")
    with pytest.raises(StoreUnavailable) as caught:
        store.epoch()
    assert SECRET not in str(caught.value)
    assert SECRET not in repr(store)
    assert "127.0.0.1:1/flags" in str(caught.value)


def test_a_folder_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable):
        SQLStore(f"sqlite:///{tmp_path / 'nowhere' / 'flags.db'}").snapshot()


def test_a_file_that_is_no_database_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "flags.db").write_bytes(b"This is a shopping list." * 100)
    store = SQLStore(f"sqlite:///{tmp_path / 'flags.db'}")
    with pytest.raises(StoreUnavailable):
        store.epoch()
    store.close()


def test_a_newer_schema_is_refused_and_left_alone(store: SQLStore, tmp_path: Path) -> None:
    store.seed(["GET /a"], Stage.LEGACY, actor="boot", reason="new")
    with closing(sqlite3.connect(tmp_path / "flags.db")) as connection:
        connection.execute("UPDATE strangler_epoch SET schema_version = 7")
        connection.commit()
    newcomer = SQLStore(f"sqlite:///{tmp_path / 'flags.db'}")
    with pytest.raises(SchemaTooNew, match="schema version 7; this version knows 2"):
        newcomer.apply([Change("GET /a", Stage.MODERN)], actor="ada", reason="no")
    newcomer.close()
    assert store.epoch() == 1


def test_a_stage_that_nobody_knows_is_reported_and_not_served(store: SQLStore, tmp_path: Path) -> None:
    store.seed(["GET /a"], Stage.LEGACY, actor="boot", reason="new")
    with closing(sqlite3.connect(tmp_path / "flags.db")) as connection:
        connection.execute("UPDATE strangler_flags SET stage = 'halfway'")
        connection.commit()
    with pytest.raises(StoreUnavailable, match="unknown stage 'halfway'"):
        store.snapshot()


@pytest.mark.parametrize("details", ["{", "[]", '{"rules": 5}', '{"colour": 1}'])
def test_settings_that_nobody_understands_are_reported_with_their_route(
    store: SQLStore, tmp_path: Path, details: str
) -> None:
    store.seed(["GET /a"], Stage.LEGACY, actor="boot", reason="new")
    _execute(tmp_path, "UPDATE strangler_flags SET details = ?", details)
    with pytest.raises(StoreInvalid, match="the flag of 'GET /a'"):
        store.snapshot()
    assert store.epoch() == 1


@pytest.mark.parametrize(
    "forgery",
    [
        "UPDATE strangler_audit SET details = NULL",
        "UPDATE strangler_audit SET details = '{'",
        "UPDATE strangler_audit SET version = 1",
        "UPDATE strangler_audit SET version = 1, details = NULL",
        "UPDATE strangler_audit SET details = replace(details, '0.125', '0.126')",
        "UPDATE strangler_audit SET gated = 1",
    ],
)
def test_a_forged_row_of_audit_is_found(store: SQLStore, tmp_path: Path, forgery: str) -> None:
    store.apply([Change("GET /a", Stage.MODERN)], actor="ada", reason="one", evidence={"e": 0.125})
    assert broken(store.history()) is None
    _execute(tmp_path, forgery)
    assert broken(store.history()) == 1


def test_a_worker_of_yesterday_is_dropped_by_the_next_that_comes(store: SQLStore, tmp_path: Path) -> None:
    store.beat(Worker("old", "host", 1, 1))
    _execute(tmp_path, "UPDATE strangler_workers SET seen_at = '2026-01-01T00:00:00.000000+00:00'")
    store.beat(Worker("new", "host", 1, 1))
    assert [worker.id for worker in store.workers()] == ["new"]


def test_evidence_does_not_grow_for_ever(store: SQLStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KEPT", 5)
    monkeypatch.setattr(module, "PRUNE_EVERY", 10)
    for number in range(20):
        store.keep(Evidence("GET /a", "shadow", "now", number))
    store.keep(Evidence("GET /a", "parity", "now", 99))
    assert [piece.epoch for piece in store.evidence("GET /a", kind="shadow")] == [19, 18, 17, 16, 15]


def _execute(folder: Path, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(folder / "flags.db")) as connection:
        connection.execute(statement, values)
        connection.commit()


def test_the_store_shares_a_file_with_a_product_that_writes(store: SQLStore, tmp_path: Path) -> None:
    """The product holds a write transaction open; the store waits for it instead of failing, and reads meanwhile."""
    store.seed(["GET /a"], Stage.LEGACY, actor="boot", reason="new")
    product = sqlite3.connect(tmp_path / "flags.db", isolation_level=None, check_same_thread=False)
    with closing(product):
        product.execute("CREATE TABLE videos (id INTEGER PRIMARY KEY)")
        product.execute("BEGIN IMMEDIATE")
        product.execute("INSERT INTO videos VALUES (1)")
        assert store.epoch() == 1
        release = threading.Timer(0.3, product.execute, ["COMMIT"])
        release.start()
        store.apply([Change("GET /a", Stage.MODERN)], actor="ada", reason="while busy")
        release.join()
        assert product.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert product.execute("SELECT count(*) FROM videos").fetchone() == (1,)
    assert store.epoch() == 2


def test_an_engine_of_the_callers_own_is_used_and_left_open(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'flags.db'}")
    store = SQLStore(engine)
    store.apply([Change("GET /a", Stage.MODERN)], actor="ada", reason="one")
    assert store.apply([Change("GET /a", Stage.MODERN)], actor="ada", reason="one") == ()
    store.close()
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT epoch FROM strangler_epoch")) == 1
    engine.dispose()


def _start_together(url: str) -> list[object]:
    """Four workers meet an empty database at the same moment. Returns what went wrong."""
    barrier, wrong = threading.Barrier(4), list[object]()

    def start(name: str) -> None:
        store = SQLStore(url)
        barrier.wait()
        try:
            store.seed(["GET /a", "GET /b"], Stage.LEGACY, actor=name, reason="new")
        except Exception as error:  # noqa: BLE001  # the thread's edge: the test looks at it
            wrong.append(error)
        store.close()

    threads = [threading.Thread(target=start, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return wrong


def test_four_workers_starting_at_once_make_one_sqlite_store(tmp_path: Path) -> None:
    for attempt in range(5):
        url = f"sqlite:///{tmp_path / f'{attempt}.db'}"
        assert _start_together(url) == []
        store = SQLStore(url)
        assert (store.epoch(), len(store.history())) == (1, 2)
        store.close()


@pytest.mark.mariadb
def test_four_workers_starting_at_once_make_one_mariadb_store(mariadb: MariaDB) -> None:
    for attempt in range(3):
        url = mariadb.create_database(f"together_{attempt}")
        assert _start_together(url) == []
        store = SQLStore(url)
        assert (store.epoch(), len(store.history())) == (1, 2)
        store.close()


@pytest.mark.mariadb
def test_a_store_comes_back_with_its_database(tmp_path: Path) -> None:
    """The server dies under an open connection and starts again: unavailable between, and nothing lost."""
    with start_mariadb(tmp_path) as server:
        server.execute("SET GLOBAL innodb_flush_log_at_trx_commit = 1")
        store = SQLStore(server.create_database("flags"))
        store.seed(["GET /a"], Stage.LEGACY, actor="boot", reason="new")
        server.kill()
        with pytest.raises(StoreUnavailable):
            store.epoch()
        port = server.port
    with start_mariadb(tmp_path, port=port):
        assert store.epoch() == 1
        store.apply([Change("GET /a", Stage.MODERN)], actor="ada", reason="back")
        assert store.epoch() == 2
        store.close()
