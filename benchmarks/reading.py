"""Strict reading of TOML: a key that nobody asked for, or of the wrong kind, is an error that names it."""

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")


class BadPlan(Exception):
    """A file of the plan says something that can't be meant. The message names the key."""


class Reader:
    """A table that is taken apart key by key. ``name`` is where it stands, for the message of an error."""

    def __init__(self, table: Mapping[str, Any], name: str) -> None:
        self.name = name
        self._table = dict(table)

    def take(self, key: str, kind: type[T], default: T | None = None) -> T:
        """The value of a key. A whole number serves as a float. Raises `BadPlan`."""
        if key not in self._table and default is not None:
            return default
        value = self._required(key)
        if kind is float and isinstance(value, int) and not isinstance(value, bool):
            value = float(value)
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise BadPlan(f"{self.name}.{key} is {value!r}, which is no {kind.__name__}")
        return value

    def positive(self, key: str, kind: type[T], default: T | None = None) -> T:
        """A number above zero. Raises `BadPlan`."""
        value = self.take(key, kind, default)
        if not value > 0:  # type: ignore[operator]  # a number
            raise BadPlan(f"{self.name}.{key} is {value!r}, and must be above 0")
        return value

    def tuple_of(self, key: str, kind: type[T], default: tuple[T, ...] | None = None) -> tuple[T, ...]:
        """A list whose items are of one kind. Raises `BadPlan`."""
        if key not in self._table and default is not None:
            return default
        given = self.take(key, list)
        items = Reader({str(place): item for place, item in enumerate(given)}, f"{self.name}.{key}")
        return tuple(items.take(str(place), kind) for place in range(len(given)))

    def among(self, key: str, known: tuple[str, ...], default: tuple[str, ...] | None = None) -> tuple[str, ...]:
        """A list of known names. Raises `BadPlan`."""
        names = self.tuple_of(key, str, default)
        for name in names:
            if name not in known:
                raise BadPlan(f"{self.name}.{key} names {name!r}; known: {', '.join(known)}")
        return names

    def one_of(self, key: str, known: tuple[str, ...], default: str | None = None) -> str:
        """A known name. Raises `BadPlan`."""
        name = self.take(key, str, default)
        if name not in known:
            raise BadPlan(f"{self.name}.{key} is {name!r}; known: {', '.join(known)}")
        return name

    def texts(self, key: str) -> dict[str, str]:
        """A table of texts; none where there is none. Raises `BadPlan`."""
        inner = Reader(self.take(key, dict, {}), f"{self.name}.{key}")
        return {name: inner.take(name, str) for name in tuple(inner._table)}

    def table(self, key: str) -> "Reader":
        """A table in this one. Raises `BadPlan`."""
        return Reader(self.take(key, dict), f"{self.name}.{key}")

    def tables(self, key: str) -> Iterator["Reader"]:
        """The tables of an array, none where it is absent. Raises `BadPlan`."""
        for place, one in enumerate(self._table.pop(key, [])):
            named = one.get("name", place) if isinstance(one, dict) else place
            if not isinstance(one, dict):
                raise BadPlan(f"{self.name}.{key}[{named}] is no table")
            yield Reader(one, f"{self.name}.{key}[{named}]")

    def named_tables(self, key: str) -> Iterator[tuple[str, "Reader"]]:
        """The tables under a key by their names. Raises `BadPlan`."""
        for name, one in self.take(key, dict).items():
            if not isinstance(one, dict):
                raise BadPlan(f"{self.name}.{key}.{name} is no table")
            yield name, Reader(one, f"{self.name}.{key}.{name}")

    def end(self) -> None:
        """Raises `BadPlan` where a key was not asked for."""
        for key in self._table:
            raise BadPlan(f"{self.name}.{key} is not known")

    def _required(self, key: str) -> Any:
        try:
            return self._table.pop(key)
        except KeyError:
            raise BadPlan(f"{self.name}.{key} is missing") from None


def read_toml(path: Path) -> Reader:
    """The tables of a file. Raises `BadPlan`."""
    try:
        return Reader(tomllib.loads(path.read_text("utf-8")), path.name)
    except tomllib.TOMLDecodeError as error:
        raise BadPlan(f"{path.name}: {error}") from None
