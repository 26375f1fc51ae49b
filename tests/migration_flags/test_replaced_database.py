"""A SQLite file that is put back while processes have it open: they must not go on with the one that is gone."""

import shutil
from pathlib import Path

import pytest

from migration_flags import Change, Stage, StoreUnavailable
from migration_flags.stores.sql import SQLStore


def store_of(path: Path, epochs: int) -> SQLStore:
    store = SQLStore(f"sqlite:///{path}")
    for number in range(epochs):
        stage = (Stage.SHADOW, Stage.LEGACY)[number % 2]
        store.apply([Change("GET /a", stage)], actor="test", reason="test")
    return store


def test_a_file_put_in_its_place_is_read(tmp_path: Path) -> None:
    reader = store_of(tmp_path / "flags.db", 3)
    store_of(tmp_path / "other.db", 1).close()
    assert reader.epoch() == 3
    for journal in ("flags.db-wal", "flags.db-shm"):
        (tmp_path / journal).unlink()
    (tmp_path / "other.db").replace(tmp_path / "flags.db")
    assert reader.epoch() == 1
    reader.close()


def test_a_file_that_is_gone_is_no_store_until_it_is_back(tmp_path: Path) -> None:
    reader = store_of(tmp_path / "flags.db", 3)
    reader.close()
    shutil.copy(tmp_path / "flags.db", tmp_path / "kept.db")
    assert reader.epoch() == 3
    (tmp_path / "flags.db").unlink()
    with pytest.raises(StoreUnavailable):
        reader.epoch()
    (tmp_path / "kept.db").replace(tmp_path / "flags.db")
    assert reader.epoch() == 3
    reader.close()
