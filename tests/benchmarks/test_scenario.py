"""A whole part, on real servers: its figures are of no interest here, only that there are some, and whose they are."""

import json
from pathlib import Path

import pytest

from benchmarks import bench

pytestmark = pytest.mark.long


def test_every_contender_of_a_scenario_is_asked(tmp_path: Path) -> None:
    assert bench.main(["routes", "--smallest", "--into", str(tmp_path)]) == 0
    found = json.loads((tmp_path / "routes.json").read_text())
    cells = {one["contender"]: one for one in found["cells"]}
    assert {name: one["served_by"] for name, one in cells.items()} == {
        "gunicorn": "",
        "werkzeug": "",
        "hybrid-legacy": "legacy",
        "hybrid-modern": "modern",
        "fastapi": "",
    }
    assert all(one["rounds"][0]["rate"] > 0 for one in cells.values())
    assert found["smallest"]
