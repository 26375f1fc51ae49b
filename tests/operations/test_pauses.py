"""The garbage collector does not look through the applications again: that stops every request for a while."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

COUNT = """
import gc, importlib, sys
importlib.import_module(sys.argv[1])
print(gc.get_freeze_count(), len(gc.get_objects()))
"""


@pytest.mark.parametrize("module", ["fastapi_app.asgi", "legacy_flask.asgi"])
def test_what_a_server_is_made_of_is_no_work_for_the_collector(module: str, tmp_path: Path) -> None:
    told = {"MVIDARR_DATA_DIR": str(tmp_path), "MVIDARR_SECRET_KEY": "a-key-of-this-test-and-of-nothing-else"}
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("MVIDARR_", "DB_"))}
    command = [sys.executable, "-c", COUNT, module]
    ran = subprocess.run(command, env={**kept, **told}, check=True, capture_output=True, text=True, timeout=120)
    frozen, looked_through = map(int, ran.stdout.split())
    assert frozen > 100_000
    assert looked_through < frozen / 50
