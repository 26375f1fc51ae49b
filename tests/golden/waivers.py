"""Differences from the golden corpus that are accepted, each with an owner, a reason and a date on which it ends."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from tests.golden.comparison import Difference

FILE = Path(__file__).parent / "waivers.yaml"


@dataclass(frozen=True)
class Waiver:
    """Accepts a difference whose line, field and both values match; each pattern must match the whole text."""

    lines: str
    owner: str
    reason: str
    expires: date
    fields: str = ".*"
    expected: str = ".*"
    found: str = ".*"

    def accepts(self, difference: Difference) -> bool:
        pairs = (
            (self.lines, difference.line),
            (self.fields, difference.field),
            (self.expected, str(difference.expected)),
            (self.found, str(difference.found)),
        )
        return all(re.fullmatch(pattern, text, re.DOTALL) for pattern, text in pairs)


def read_waivers(file: Path = FILE) -> list[Waiver]:
    """Raises TypeError where a member is missing or unknown."""
    entries: list[dict[str, Any]] = yaml.safe_load(file.read_text("utf-8"))
    return [Waiver(**values) for values in entries]


def unaccepted(differences: Iterable[Difference], waivers: Sequence[Waiver]) -> list[Difference]:
    return [one for one in differences if not any(waiver.accepts(one) for waiver in waivers)]


def unused(differences: Sequence[Difference], waivers: Iterable[Waiver]) -> list[Waiver]:
    return [waiver for waiver in waivers if not any(waiver.accepts(one) for one in differences)]


def expired(waivers: Iterable[Waiver], today: date) -> list[Waiver]:
    return [waiver for waiver in waivers if waiver.expires <= today]
