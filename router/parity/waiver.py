"""A mismatch that is accepted: by whom, why, and until when."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import yaml

from router.parity.comparison import Mismatch
from router.parity.errors import WaiversUnreadable


@dataclass(frozen=True)
class Waiver:
    """Accepts the mismatches whose request, field and both values match; each pattern must match the whole text."""

    requests: str
    owner: str
    reason: str
    expires: date
    fields: str = ".*"
    control: str = ".*"
    candidate: str = ".*"

    def accepts(self, mismatch: Mismatch) -> bool:
        pairs = (
            (self.requests, mismatch.request),
            (self.fields, mismatch.field),
            (self.control, str(mismatch.control)),
            (self.candidate, str(mismatch.candidate)),
        )
        return all(re.fullmatch(pattern, text, re.DOTALL) for pattern, text in pairs)


def read_waivers(file: Path) -> list[Waiver]:
    """The waivers of a YAML file, a list of mappings. Raises `WaiversUnreadable`."""
    try:
        entries = yaml.safe_load(file.read_text("utf-8")) or []
        return [Waiver(**values) for values in entries]
    except (OSError, yaml.YAMLError, TypeError) as error:
        raise WaiversUnreadable(f"{file} can't be read: {error}.") from error


def unwaived(mismatches: Iterable[Mismatch], waivers: Sequence[Waiver], today: date) -> list[Mismatch]:
    """Those that no waiver accepts which still holds."""
    valid = [waiver for waiver in waivers if waiver.expires > today]
    return [one for one in mismatches if not any(waiver.accepts(one) for waiver in valid)]
