"""What a setting may hold. Each kind says which texts it takes, and what it expects in words. Pure.

Every kind takes the text that whoever reads the setting understands, and no other. Nothing at all, or blanks, is taken
by all of them: the default holds then.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import ClassVar, TypeAlias

ON = frozenset({"true", "1", "yes", "on"})
OFF = frozenset({"false", "0", "no", "off", ""})
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

_LONGEST_PATH = 500
_LONGEST_SECRET = 500
_WHOLE = re.compile(r"\d{1,9}", re.ASCII)
_DECIMAL = re.compile(r"\d{1,9}(\.\d{1,6})?", re.ASCII)
_TIME = re.compile(r"(\d{1,2}):(\d{2})(?::\d{2})?", re.ASCII)
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,3}")
_SEPARATORS = re.compile(r"[,;\s]+")


@dataclass(frozen=True)
class Switch:
    """On or off."""

    form: ClassVar[str] = "switch"
    expected: ClassVar[str] = "true or false"

    def takes(self, text: str) -> bool:
        return text.lower() in ON | OFF


@dataclass(frozen=True)
class Number:
    """A number from `least` to `most`, in `unit`."""

    least: int
    most: int
    unit: str = ""
    whole: bool = True

    form: ClassVar[str] = "number"

    @property
    def expected(self) -> str:
        name = "a whole number" if self.whole else "a number"
        return f"{name} from {self.least} to {self.most}"

    def takes(self, text: str) -> bool:
        shape = _WHOLE if self.whole else _DECIMAL
        return shape.fullmatch(text) is not None and self.least <= float(text) <= self.most


@dataclass(frozen=True)
class Choice:
    """One of some words, each with its label. `aliases` mean one of them, and are not offered."""

    options: tuple[tuple[str, str], ...]
    aliases: frozenset[str] = frozenset()

    form: ClassVar[str] = "choice"

    @property
    def expected(self) -> str:
        *others, last = (value for value, _label in self.options)
        return f"{', '.join(others)} or {last}" if others else last

    def takes(self, text: str) -> bool:
        return text.lower() in {value for value, _label in self.options} | self.aliases


@dataclass(frozen=True)
class Folder:
    """A stored path of a folder. Whether it may be used depends on the configured roots, which this doesn't know."""

    form: ClassVar[str] = "folder"
    expected: ClassVar[str] = f"a folder, in at most {_LONGEST_PATH} characters and without .."

    def takes(self, text: str) -> bool:
        return len(text) <= _LONGEST_PATH and text.isprintable() and ".." not in PurePosixPath(text).parts


@dataclass(frozen=True)
class Secret:
    """What nobody ever reads: a key, a password."""

    form: ClassVar[str] = "secret"
    expected: ClassVar[str] = f"one line of at most {_LONGEST_SECRET} characters"

    def takes(self, text: str) -> bool:
        return len(text) <= _LONGEST_SECRET and text.isprintable()


@dataclass(frozen=True)
class Template:
    """How files are named. Whether the words in it make a name, `fastapi_app.naming` knows."""

    longest: int = 300

    form: ClassVar[str] = "template"

    @property
    def expected(self) -> str:
        return f"one line of at most {self.longest} characters"

    def takes(self, text: str) -> bool:
        return len(text) <= self.longest and text.isprintable()


@dataclass(frozen=True)
class Languages:
    """Codes of languages, the first one first."""

    form: ClassVar[str] = "text"
    expected: ClassVar[str] = "codes of languages like en, pt-BR"

    def takes(self, text: str) -> bool:
        words = [word for word in _SEPARATORS.split(text) if word]
        return len(text) <= _LONGEST_PATH and all(_LANGUAGE.fullmatch(word) for word in words)


@dataclass(frozen=True)
class Time:
    """An hour of the day, in the server's own time."""

    form: ClassVar[str] = "time"
    expected: ClassVar[str] = "a time from 00:00 to 23:59"

    def takes(self, text: str) -> bool:
        found = _TIME.fullmatch(text)
        return found is not None and int(found[1]) < 24 and int(found[2]) < 60


@dataclass(frozen=True)
class Days:
    """Every day, once a week, or some days of the week."""

    form: ClassVar[str] = "days"
    expected: ClassVar[str] = "daily, weekly, or days like monday, friday"

    def takes(self, text: str) -> bool:
        words = _words(text)
        return words in (["daily"], ["weekly"]) or all(word in WEEKDAYS for word in words)


Kind: TypeAlias = Switch | Number | Choice | Folder | Secret | Template | Languages | Time | Days


def chosen_days(text: str) -> frozenset[str]:
    """The days that a text of `Days` names; every one where it names none."""
    words = _words(text)
    if words == ["weekly"]:
        return frozenset({WEEKDAYS[-1]})
    return frozenset(word for word in words if word in WEEKDAYS) or frozenset(WEEKDAYS)


def days_text(days: Iterator[str] | list[str]) -> str:
    """The shortest text of `Days` that means these."""
    named = [day for day in WEEKDAYS if day in set(days)]
    return "daily" if len(named) in (0, len(WEEKDAYS)) else ",".join(named)


def _words(text: str) -> list[str]:
    return [word.strip().lower() for word in text.split(",")]
