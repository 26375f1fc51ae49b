"""Where one run keeps what it found: a file for each part, written once."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_RUN = "run.json"
_FAILURES = "failures.txt"


class AnotherRun(Exception):
    """The folder is of other mixes, or of a smallest run: its figures don't belong beside new ones."""


@dataclass(frozen=True)
class ResultsFolder:
    """``path`` holds ``run.json``, ``<part>.json`` for every part that was finished, and ``failures.txt``."""

    path: Path

    def begin(self, about: Mapping[str, Any]) -> None:
        """Says what the run is about; one that goes on has to be about the same. Raises `AnotherRun`.

        It may be of another commit: every part says of which it is, and so does the report.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        place = self.path / _RUN
        if not place.exists():
            place.write_text(json.dumps(about, indent=1) + "\n", "utf-8")
            return
        before = json.loads(place.read_text("utf-8"))
        for key in ("mixes", "smallest"):
            if before[key] != about[key]:
                raise AnotherRun(f"{self.path.name} was begun with {key} {before[key]}, this run has {about[key]}")

    def has(self, part: str) -> bool:
        return self._file(part).exists()

    def keep(self, part: str, found: Mapping[str, Any]) -> Path:
        """Writes a part that is finished, whole or not at all. Raises `FileExistsError`: nothing is overwritten."""
        if self.has(part):
            raise FileExistsError(self._file(part))
        new = self.path / f".{part}.new"
        new.write_text(json.dumps(found, indent=1) + "\n", "utf-8")
        return new.rename(self._file(part))

    def note_failure(self, part: str, why: str) -> None:
        with (self.path / _FAILURES).open("a", encoding="utf-8") as file:
            file.write(f"{part}: {' '.join(why.split())}\n")

    def about(self) -> dict[str, Any]:
        """What the run is about."""
        found: dict[str, Any] = json.loads((self.path / _RUN).read_text("utf-8"))
        return found

    def failures(self) -> tuple[str, ...]:
        """Sentences, one for each part that failed; of parts that were finished later, none."""
        place = self.path / _FAILURES
        lines = place.read_text("utf-8").splitlines() if place.exists() else []
        return tuple(line for line in dict.fromkeys(lines) if not self.has(line.partition(":")[0]))

    def failed(self) -> frozenset[str]:
        """The parts that failed or were refused, and were not finished later."""
        return frozenset(line.partition(":")[0] for line in self.failures())

    def parts(self) -> dict[str, dict[str, Any]]:
        """Every part that was finished, by name."""
        files = sorted(one for one in self.path.glob("*.json") if one.name != _RUN and not one.name.startswith("."))
        return {one.stem: json.loads(one.read_text("utf-8")) for one in files}

    def _file(self, part: str) -> Path:
        return self.path / f"{part}.json"


def digest(*files: Path) -> str:
    """Which text was in force: the beginning of its SHA-256."""
    found = hashlib.sha256()
    for file in files:
        found.update(file.read_bytes())
    return found.hexdigest()[:16]
