"""Content without what differs by chance, by nature, or because time went on. Pure."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from router.comparison.jsonpath import change
from router.comparison.mismatch import canonical
from router.comparison.rules import Fold, Rules, Tied

MASK = "*"
NOW = "{now}"
"""Stands for a moment near the present."""
NEAR = timedelta(days=1)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T +]\d\d:\d\d:\d\d(\.\d+)?")


def settled(content: Any, rules: Rules, at: datetime, folded: Fold) -> Any:
    """``content``, which is changed, as the rules compare it. Moments within a day of ``at`` (naive UTC) are equal."""
    for path in rules.masked:
        change(content, path, lambda _value: MASK)
    for path in rules.unordered:
        change(content, path, lambda items: sorted(items, key=canonical) if isinstance(items, list) else items)
    found = by_chance(content, rules.by_chance) if rules.live else settle(content, at, rules.by_chance)
    tied = rules.tied
    if tied is not None:
        change(found, tied.path, lambda rows: ties_sorted(rows, tied, folded) if isinstance(rows, list) else rows)
    return found


def settle(content: Any, at: datetime, patterns: Sequence[str] = ()) -> Any:
    """A copy in which moments near ``at``, and what is there by chance, are masked."""
    if isinstance(content, dict):
        return {key: settle(value, at, patterns) for key, value in content.items()}
    if isinstance(content, list):
        return [settle(item, at, patterns) for item in content]
    if isinstance(content, str):
        return _MOMENT.sub(lambda match: _moment(match[0], at), _without(content, patterns))
    return content


def by_chance(content: Any, patterns: Sequence[str]) -> Any:
    """A copy in which what is there by chance is masked; the content itself where nothing can be."""
    if not patterns:
        return content
    if isinstance(content, dict):
        return {key: by_chance(value, patterns) for key, value in content.items()}
    if isinstance(content, list):
        return [by_chance(item, patterns) for item in content]
    return _without(content, patterns) if isinstance(content, str) else content


def ties_sorted(rows: Sequence[Any], tied: Tied, folded: Fold) -> list[Any]:
    """Equal rows sorted among themselves; of those that a page may have cut through, only their number."""

    def key_of(row: Any) -> Any:
        values = (row.get(key) for key in tied.keys)
        return [folded(value) if isinstance(value, str) else value for value in values]

    runs = [(value, list(run)) for value, run in groupby(rows, key_of)]
    cut = {0} if "s" in tied.cut else set()
    cut |= {len(runs) - 1} if "e" in tied.cut else set()
    return [
        [repr(value), len(run) if place in cut else sorted(run, key=canonical)]
        for place, (value, run) in enumerate(runs)
    ]


def _without(text: str, patterns: Sequence[str]) -> str:
    for pattern in patterns:
        text = re.sub(pattern, MASK, text)
    return text


def _moment(text: str, at: datetime) -> str:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    return NOW if abs(moment - at) < NEAR else text
