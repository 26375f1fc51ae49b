"""The raw figures of a benchmark, in a file of their own."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.environment import environment

RESULTS = Path(__file__).parent / "results"


def keep(name: str, figures: Mapping[str, Any], folder: Path) -> Path:
    """Writes when and on what they were measured, and the figures. Returns the file."""
    folder.mkdir(exist_ok=True)
    now = datetime.now(UTC)
    path = folder / f"{name}-{now:%Y%m%dT%H%M%SZ}.json"
    document = {"measured_at": now.isoformat(timespec="seconds"), "environment": environment(), **figures}
    path.write_text(json.dumps(document, indent=1) + "\n", "utf-8")
    return path
