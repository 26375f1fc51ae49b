"""The legacy application shares tables with the modern one, and nothing else."""

import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).parents[2]


def test_imports_follow_the_arrows() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    contracts = PROJECT / "legacy_flask" / ".importlinter"
    ended = subprocess.run(
        [linter, "--config", contracts, "--no-cache"], check=False, cwd=PROJECT, capture_output=True, text=True
    )
    assert ended.returncode == 0, ended.stdout
