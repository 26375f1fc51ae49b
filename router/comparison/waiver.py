"""A mismatch that is accepted: by whom, why, and until when."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import yaml

from router.comparison.errors import WaiversUnreadable
from router.comparison.mismatch import Mismatch, folded


@dataclass(frozen=True)
class Waiver:
    """Accepts the mismatches whose request, field and both values match; each pattern must match the whole text.

    A request is the id of a line of the corpus; in the mirror, the key of the route. A place in a list matches by its
    number and as ``[*]``.
    """

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
            (self.control, str(mismatch.control)),
            (self.candidate, str(mismatch.candidate)),
        )
        return all(_matches(pattern, text) for pattern, text in pairs) and any(
            _matches(self.fields, field) for field in {mismatch.field, folded(mismatch.field)}
        )

    def concerns(self, request: str) -> bool:
        return _matches(self.requests, request)

    def holds(self, today: date) -> bool:
        return self.expires > today


def read_waivers(file: Path) -> list[Waiver]:
    """The waivers of a YAML file, a list of mappings. Raises `WaiversUnreadable`."""
    try:
        entries = yaml.safe_load(file.read_text("utf-8")) or []
        return [_waiver(values) for values in entries]
    except (OSError, yaml.YAMLError, TypeError, re.error) as error:
        raise WaiversUnreadable(f"{file} can't be read: {error}.") from error


def unwaived(mismatches: Iterable[Mismatch], waivers: Sequence[Waiver], today: date) -> list[Mismatch]:
    """Those that no waiver accepts which still holds."""
    return [one for one in mismatches if waived_until(one, waivers, today) is None]


def waived_until(mismatch: Mismatch, waivers: Sequence[Waiver], today: date) -> date | None:
    """The day on which the mismatch counts again; None where it counts now."""
    return max((one.expires for one in waivers if one.holds(today) and one.accepts(mismatch)), default=None)


def unused(mismatches: Sequence[Mismatch], waivers: Iterable[Waiver]) -> list[Waiver]:
    """Those that accept none of the mismatches."""
    return [waiver for waiver in waivers if not any(waiver.accepts(one) for one in mismatches)]


def expired(waivers: Iterable[Waiver], today: date) -> list[Waiver]:
    return [waiver for waiver in waivers if not waiver.holds(today)]


def _waiver(values: dict[str, object]) -> Waiver:
    waiver = Waiver(**values)  # type: ignore[arg-type]  # YAML's; a wrong name is a TypeError, a wrong type is below
    texts = (waiver.requests, waiver.owner, waiver.reason, waiver.fields, waiver.control, waiver.candidate)
    moment: object = waiver.expires
    if type(moment) is not date or not all(isinstance(text, str) for text in texts):
        raise TypeError(f"a waiver needs texts and a date: {values}")
    for pattern in (waiver.requests, waiver.fields, waiver.control, waiver.candidate):
        re.compile(pattern)
    return waiver


def _matches(pattern: str, text: str) -> bool:
    return re.fullmatch(pattern, text, re.DOTALL) is not None
