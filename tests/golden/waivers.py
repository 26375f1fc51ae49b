"""Differences from the golden corpus that are accepted, each with an owner, a reason and a date on which it ends."""

from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

from router.parity.comparison import Mismatch
from router.parity.waiver import Waiver

FILE = Path(__file__).parent / "waivers.yaml"


def unaccepted(differences: Iterable[Mismatch], waivers: Sequence[Waiver]) -> list[Mismatch]:
    return [one for one in differences if not any(waiver.accepts(one) for waiver in waivers)]


def unused(differences: Sequence[Mismatch], waivers: Iterable[Waiver]) -> list[Waiver]:
    return [waiver for waiver in waivers if not any(waiver.accepts(one) for one in differences)]


def expired(waivers: Iterable[Waiver], today: date) -> list[Waiver]:
    return [waiver for waiver in waivers if waiver.expires <= today]
