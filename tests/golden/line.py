"""One recorded request of the golden corpus, with the answer that the real 0.9 gave."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SHARED = Path(__file__).parents[3] / "shared"
GOLDEN = SHARED / "golden"


@dataclass(frozen=True)
class Line:
    """Fields as `golden/README.md` names them. `sequence` is empty for reads; steps count from 1."""

    id: str
    auth: str
    method: str
    path: str
    headers: Mapping[str, str]
    body: Mapping[str, Any] | None
    status: int
    response_headers: Mapping[str, Any]
    sequence: str
    step: int
    rest: Mapping[str, Any]

    @property
    def has_json(self) -> bool:
        return "response_json" in self.rest

    def get(self, name: str, default: Any = None) -> Any:
        """A field that only some lines have."""
        found = self.rest.get(name)
        return default if found is None else found


def read_line(text: str) -> Line:
    values = json.loads(text)
    kind, _, place = values["state"].partition(":")
    sequence, _, step = place.partition(":")
    return Line(
        id=values["id"],
        auth=values["auth"],
        method=values["method"],
        path=values["path"],
        headers=values.get("headers") or {},
        body=values.get("body"),
        status=values["status"],
        response_headers=values["response_headers"],
        sequence=sequence if kind == "sequence" else "",
        step=int(step or 0),
        rest=values,
    )


def read_corpus(folder: Path = GOLDEN) -> Iterator[Line]:
    """Every line of every file."""
    for file in sorted(folder.glob("*.jsonl")):
        for text in file.read_text("utf-8").splitlines():
            if text.strip():
                yield read_line(text)


def sequences(lines: Iterable[Line]) -> dict[str, list[Line]]:
    """The lines of each sequence in step order; those that change the whole library come last."""
    found: dict[str, list[Line]] = {}
    for line in lines:
        if line.sequence:
            found.setdefault(line.sequence, []).append(line)
    ordered = sorted(found, key=lambda name: (name.startswith("zz_"), name.startswith("zy_"), name))
    return {name: sorted(found[name], key=lambda line: line.step) for name in ordered}
