"""MariaDB keeps 0000-00-00 unless it is told not to, and puts it into a column that is added without a default."""

from pathlib import Path

import pytest

from migration_flags import Stage
from tests.adoption.conftest import NewDatabase
from tests.adoption.installation import SIDES, adopted

PATHS = ("/api/artists/", "/api/artists/1", "/api/videos/", "/api/videos/1", "/api/settings/", "/videos")


@pytest.mark.mariadb
@pytest.mark.parametrize("side", SIDES)
def test_a_zero_date_reads_as_null(side: Stage, new_database: NewDatabase, tmp_path: Path) -> None:
    with adopted(side, new_database("mariadb", tmp_path), tmp_path) as installation:
        with installation.engine.begin() as connection:
            for table in ("artists", "videos", "settings"):
                connection.exec_driver_sql(f"UPDATE {table} SET created_at = 0, updated_at = 0 WHERE id = 1")
        statuses = {path: installation.client.get(path).status_code for path in PATHS}
        assert statuses == dict.fromkeys(PATHS, 200)
        assert installation.client.get("/api/videos/1").json()["created_at"] is None
