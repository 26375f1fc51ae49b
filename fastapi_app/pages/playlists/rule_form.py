"""The rules of a dynamic playlist as a form has them: lists as texts with commas. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_LISTS = ("artist_names", "genres", "words")
_NUMBERS = ("year_from", "year_to", "added_within_days", "limit")


@dataclass(frozen=True)
class FormValues:
    """What stands in the fields. `rest` are rules that the form has no field for; they are kept."""

    texts: Mapping[str, str]
    statuses: list[str]
    rest: Mapping[str, Any]
    auto_update: bool
    is_open: bool


def form_values(stored: Any, *, auto_update: bool, is_open: bool) -> FormValues:
    """From rules as a row keeps them; what can't be read is left out."""
    rules = stored if isinstance(stored, dict) else {}
    excluded = rules.get("exclude") if isinstance(rules.get("exclude"), dict) else {}
    texts = {name: _joined(rules.get(name)) for name in _LISTS}
    texts |= {f"exclude_{name}": _joined((excluded or {}).get(name)) for name in _LISTS}
    texts |= {name: str(rules.get(name) or "") for name in _NUMBERS}
    texts |= {"match": str(rules.get("match", "all")), "sort": str(rules.get("sort", "title"))}
    texts |= {"order": str(rules.get("order", "asc")), "has_file": _truth(rules.get("has_file"))}
    known = {*_LISTS, *_NUMBERS, "match", "sort", "order", "has_file", "status", "exclude"}
    rest = {name: value for name, value in rules.items() if name not in known}
    kept = {name: value for name, value in (excluded or {}).items() if name not in _LISTS}
    return FormValues(
        texts=texts,
        statuses=[str(status) for status in _list(rules.get("status"))],
        rest={**rest, **({"exclude": kept} if kept else {})},
        auto_update=auto_update,
        is_open=is_open or not rules,
    )


def _joined(value: Any) -> str:
    """A member with a comma is quoted: the script reads it so."""
    members = [str(member) for member in _list(value)]
    return ", ".join(f'"{member}"' if "," in member else member for member in members)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _truth(value: Any) -> str:
    return {True: "yes", False: "no"}.get(value, "") if isinstance(value, bool) else ""
