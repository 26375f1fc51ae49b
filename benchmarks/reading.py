"""Strict reading of TOML: a key that nobody asked for, or of the wrong kind, is an error that names it."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import ConfigDict, Field, StrictFloat, StrictInt, TypeAdapter, ValidationError

T = TypeVar("T")

STRICT = ConfigDict(extra="forbid")
Count = Annotated[StrictInt, Field(gt=0)]
Amount = Annotated[StrictFloat, Field(gt=0)]
"""Above zero; a whole number serves too."""


class BadPlan(Exception):
    """A file of the plan says something that can't be meant. The message names the key."""


def read_toml(path: Path) -> dict[str, Any]:
    """The tables of a file. Raises `BadPlan`."""
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise BadPlan(f"{path.name}: {error}") from None


def checked(kind: type[T], table: Mapping[str, Any], name: str) -> T:
    """The table as a value. ``name`` is what the table is called in an error. Raises `BadPlan`."""
    try:
        return TypeAdapter(kind).validate_python(table)
    except ValidationError as error:
        mistake = error.errors()[0]
        key = _key(table, name, mistake["loc"])
        match mistake["type"]:
            case "missing":
                raise BadPlan(f"{key} is missing") from None
            case "unexpected_keyword_argument":
                raise BadPlan(f"{key} is not known") from None
            case _:
                raise BadPlan(f"{key} is {mistake['input']!r}: {mistake['msg'].lower()}") from None


def _key(table: Any, name: str, steps: tuple[int | str, ...]) -> str:
    """Where a mistake stands. A table of a list is called by its name, where it has one."""
    for step in steps:
        if isinstance(step, int):
            table = table[step]
            name += f"[{table.get('name', step) if isinstance(table, dict) else step}]"
        else:
            table = table.get(step)
            name += f".{step}"
    return name
