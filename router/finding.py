"""Pure: what was found wrong with a pair of applications before it serves, and what becomes of it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum


class Severity(StrEnum):
    """``REFUSED`` stops the boot, ``WARNING`` is logged once, ``ACKNOWLEDGED`` was refused until somebody said so."""

    REFUSED = "refused"
    WARNING = "warning"
    ACKNOWLEDGED = "acknowledged"


@dataclass(frozen=True, slots=True)
class Finding:
    """``key`` names it, for `acknowledged`; ``what`` and ``fix`` are sentences."""

    key: str
    what: str
    fix: str
    severity: Severity = Severity.REFUSED

    def __str__(self) -> str:
        return f"{self.what} {self.fix} [{self.key}]"


def judge(findings: Iterable[Finding], acknowledged: Iterable[str]) -> tuple[Finding, ...]:
    """The findings, those refused ones acknowledged whose key was given, and one warning per key that fits nothing."""
    found = tuple(findings)
    keys = set(acknowledged)
    judged = [replace(one, severity=_severity(one, keys)) for one in found]
    idle = sorted(keys - {one.key for one in found})
    return (*judged, *map(_idle, idle))


def refused(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Those that stop the boot."""
    return tuple(one for one in findings if one.severity is Severity.REFUSED)


def _severity(finding: Finding, acknowledged: set[str]) -> Severity:
    if finding.severity is Severity.REFUSED and finding.key in acknowledged:
        return Severity.ACKNOWLEDGED
    return finding.severity


def _idle(key: str) -> Finding:
    what = f"Nothing was found that {key!r} acknowledges."
    return Finding(f"acknowledged:{key}", what, "Remove it from acknowledged=.", Severity.WARNING)
