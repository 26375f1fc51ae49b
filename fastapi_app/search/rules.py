"""Reading what a client searches for. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fastapi_app.errors import BadField
from fastapi_app.search.kinds import Kind

USUAL = 10
MOST = 50


@dataclass(frozen=True)
class Asked:
    """One question: `after` goes on where a page ended."""

    text: str
    kinds: Sequence[Kind]
    limit: int
    after: str | None


def asked(values: Mapping[str, str]) -> Asked:
    """Raises BadField."""
    kinds = _kinds(values.get("kind", ""))
    after = values.get("after") or None
    if after and len(kinds) != 1:
        raise BadField("after", "given with a single kind")
    return Asked(values.get("q", ""), kinds, _limit(values.get("limit", "")), after)


def _kinds(text: str) -> Sequence[Kind]:
    names = dict.fromkeys(name.strip() for name in text.split(",") if name.strip())
    if not names:
        return tuple(Kind)
    if not names.keys() <= set(Kind):
        raise BadField("kind", f"some of {', '.join(Kind)}")
    return [kind for kind in Kind if kind in names]


def _limit(text: str) -> int:
    if not text:
        return USUAL
    if not (text.isascii() and text.isdecimal() and len(text) < 4 and 1 <= int(text) <= MOST):
        raise BadField("limit", f"a number from 1 to {MOST}")
    return int(text)
