"""What was done about targets that were missed, and what each step gained. Pure; the steps are `steps.toml`."""

from pathlib import Path
from typing import Literal

from pydantic.dataclasses import dataclass as strict

from benchmarks.reading import STRICT, Amount, checked, read_toml

FILE = Path(__file__).parent / "steps.toml"


@strict(frozen=True, config=STRICT)
class Step:
    """``served``: the promise. ``found`` stood in its way; ``kept_in``: where more is told."""

    served: str
    found: str
    step: str
    how: str
    before: Amount
    after: Amount
    unit: Literal["instructions", "trips", "s", "ms", "µs", "/s"]
    kept_in: str
    better: Literal["more", "less"] = "less"

    @property
    def gain(self) -> float:
        """How many times better it became."""
        return self.before / self.after if self.better == "less" else self.after / self.before


@strict(frozen=True, config=STRICT)
class _Steps:
    steps: tuple[Step, ...]


def read_steps(path: Path = FILE) -> tuple[Step, ...]:
    """Reads the file. Raises `BadPlan`, naming the key."""
    return checked(_Steps, read_toml(path), path.name).steps
