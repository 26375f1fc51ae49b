"""What may be kept of an answer: never a secret, never much. Pure."""

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from router.comparison.answer import Digest

REDACTED = "[redacted]"
# fmt: off
NAMES = frozenset({
    "apikey", "auth", "authorization", "cookie", "credential", "csrf", "email", "jwt", "mail", "nonce", "otp",
    "passphrase", "passwd", "password", "phone", "pin", "private", "pwd", "recoverycode", "salt", "secret", "session",
    "signature", "ssn", "token", "username", "xsrf",
})
# fmt: on
"""A member, header or parameter is secret whose name contains one of these, whatever separates its words.

Those of four letters and less must be a word of their own: a `pin` is secret, `shipping` is not.
"""

_JWT = r"(?<![\w-])eyJ[\w-]{5,}\.[\w-]+(\.[\w-]*)?"
_EMAIL = r"(?<![\w.+-])[\w.+-]+@[\w-]+(\.[\w-]+)+"
_LONG_HEX = r"\b[0-9a-fA-F]{24,}\b"
_SCHEME = r"(?i:\b(bearer|basic|digest)\s+)[\w.~+/=-]+"
_USERINFO = r"(?<=://)[^/\s@]+@"
SHAPES = (_JWT, _SCHEME, _USERINFO, _EMAIL, _LONG_HEX)
"""What is secret by its looks, wherever it stands. So are long texts of mixed letters and digits.

Each begins where a word does: the texts are strangers', and none may take long.
"""

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_BLOB = re.compile(r"[\w+/=-]{32,}")
_MIXED = (re.compile("[0-9]"), re.compile("[A-Z]"), re.compile("[a-z]"))
_NAME = re.compile(r"(?<![\w-])([\w-]{2,})(\]?(?:\\?[\"'])?\s*[=:]\s*|%3[Dd])(\\?[\"']|)")
"""The beginning of ``name=value``, as in a query, in Python, or in JSON that stands in a text."""
_VALUE = re.compile(r"(?<=\")[^\"]+|(?<=')[^']+|[^\s&;,\"'<>]+")
"""In quotes, it may have spaces."""
_STEP = re.compile(r"\[\"((?:[^\"\\]|\\.)*)\"\]|([^.\[\]:$]+)")
_SHORT = 4
_CARD = 10**12
"""Whole numbers from here on may be a card's."""
_DEEP = 6
"""Levels of a value that are kept."""
_LONGEST = 20_000
"""Characters of a text that are looked at; the patterns above need not meet more."""


@dataclass(frozen=True)
class Redactor:
    """``names`` and ``shapes`` are secrets beside the usual ones: words of names, and patterns of values.

    ``whole`` are names, in lower case, that are secret where they are all of a name: ``key``, and not ``sort_key``.
    ``longest`` is in characters of JSON: what a sample may be long.
    """

    names: frozenset[str] = NAMES
    shapes: tuple[str, ...] = SHAPES
    longest: int = 200
    whole: frozenset[str] = frozenset()
    _pattern: re.Pattern[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_pattern", re.compile("|".join(f"(?:{shape})" for shape in self.shapes)))

    @classmethod
    def with_more(cls, names: Iterable[str] = (), shapes: Iterable[str] = (), whole: Iterable[str] = ()) -> "Redactor":
        words = {"".join(_words(name)) for name in names}
        return cls(NAMES | words, (*SHAPES, *shapes), whole=frozenset(whole))

    def is_secret(self, name: str) -> bool:
        """Whether what bears this name must not be shown. Of ``user[key]`` the last part is all of the name."""
        if self.whole and name.rstrip("]").rpartition("[")[2].lower() in self.whole:
            return True
        words = _words(name)
        joined = "".join(words)
        return any(secret in words if len(secret) <= _SHORT else secret in joined for secret in self.names)

    def text(self, text: str) -> str:
        """Without what is secret by its looks, or by the name before it (``token=…``)."""
        shown = self._pattern.sub(REDACTED, text[:_LONGEST])
        return self._without_named(_BLOB.sub(_blob, shown))

    def value(self, value: Any, name: str = "", depth: int = _DEEP) -> Any:
        """A copy of JSON without what is secret."""
        if name and self.is_secret(name) and not isinstance(value, bool) and value is not None:
            return REDACTED
        if depth == 0:
            return "…"
        if isinstance(value, dict):
            return {self.text(str(key)): self.value(item, str(key), depth - 1) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.value(item, name, depth - 1) for item in value]
        if isinstance(value, int) and abs(value) >= _CARD:
            return REDACTED
        return self.text(value) if isinstance(value, str) else value

    def sample(self, field_name: str, control: Any, candidate: Any) -> tuple[Any, Any]:
        """What is kept of a mismatch: both values, redacted and short."""
        if isinstance(control, bytes | Digest) or isinstance(candidate, bytes | Digest):
            return self._bodies(control, candidate)
        name = next(filter(self.is_secret, names(field_name)), "")
        if field_name == "header:set-cookie":  # of cookies, names and attributes alone are compared
            name = ""
        return self._short(self.value(control, name)), self._short(self.value(candidate, name))

    def target(self, path: str, query: str) -> str:
        """A request's target, to find it again: values of parameters whose names are secret are not kept."""
        shown = [self.text(path)]
        for name, value in parse_qsl(query, keep_blank_values=True)[:20]:
            kept = REDACTED if self.is_secret(name) else self.text(value)
            shown.append(f"{'?' if len(shown) == 1 else '&'}{self.text(name)}={kept}")
        return self._short_text("".join(shown))

    def _without_named(self, text: str) -> str:
        """A value whose name is harmless may hold a pair itself: it is looked at too."""
        shown: list[str] = []
        at = 0
        while (name := _NAME.search(text, at)) is not None:
            shown.append(text[at : name.end()])
            value = _VALUE.match(text, name.end()) if self.is_secret(name[1]) else None
            at = name.end() if value is None else value.end()
            if value is not None:
                shown.append(REDACTED)
        return "".join([*shown, text[at:]])

    def _bodies(self, control: Any, candidate: Any) -> tuple[Any, Any]:
        """Length and digest of each, and where they first differ once both are redacted."""
        shown = [one if isinstance(one, Digest) else _digest(one) for one in (control, candidate)]
        if isinstance(control, bytes) and isinstance(candidate, bytes):
            texts = [self.text(one.decode("utf-8", "replace")) for one in (control, candidate)]
            at = _first_difference(*texts)
        else:
            at = None
        left, right = ({"length": one.length, "sha256": one.sha256[:16], "differs_at": at} for one in shown)
        return left, right

    def _short(self, value: Any) -> Any:
        text = json.dumps(value, ensure_ascii=False, default=repr)
        return value if len(text) <= self.longest else self._short_text(text)

    def _short_text(self, text: str) -> str:
        return text if len(text) <= self.longest else f"{text[: self.longest]}… ({len(text)} characters)"


def names(field_name: str) -> list[str]:
    """Every name on the way to a field: of ``$.user.keys[*].id`` they are ``user``, ``keys``, ``*`` and ``id``."""
    return [found[1] or found[2] for found in _STEP.finditer(field_name)]


def _words(name: str) -> list[str]:
    """A name's words, in lower case: of ``apiKey``, ``api_key`` and ``API-KEY``."""
    return [word.lower() for word in _WORD.findall(name)]


def _blob(match: re.Match[str]) -> str:
    return REDACTED if all(kind.search(match[0]) for kind in _MIXED) else match[0]


def _digest(body: Any) -> Digest:
    content = body if isinstance(body, bytes) else json.dumps(body, sort_keys=True, default=repr).encode()
    return Digest(len(content), hashlib.sha256(content).hexdigest())


def _first_difference(left: str, right: str) -> int | None:
    """None: they differ in what was redacted, or beyond what was looked at."""
    both = min(len(left), len(right))
    found = next((place for place in range(both) if left[place] != right[place]), both)
    return None if found == len(left) == len(right) else found
