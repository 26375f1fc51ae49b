"""What a corpus may say of a request: texts and values that tell nobody's secret, and can still be asked. Pure.

It is stricter than what samples of answers pass: a corpus is carried about, and lives long.
"""

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, quote_plus, unquote, unquote_plus

from router.comparison.redaction import REDACTED, Redactor
from router.recording.rules import RecordingRules

# fmt: off
NAMES = (
    "birth", "bearer", "card", "contrasen", "cvc", "cvv", "firstname", "forename", "iban", "kennwort", "lastname",
    "mfa", "motdepasse", "passwort", "phrase", "senha", "surname", "tan", "totp",
)
# fmt: on
WHOLE = frozenset({"code", "key", "login", "sid", "sig"})
"""Secret where a name is nothing else: a ``key`` is, a ``sort_key`` is not."""
_UUID = r"(?<![\w-])[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_RUN = r"(?<![A-Za-z0-9])(?=[A-Za-z]*[0-9])(?=[0-9]*[A-Za-z])[A-Za-z0-9]{16,}"
_DIGITS = r"(?<!\d)\d(?:[ -]?\d){12,}"
_PHONE = r"\+\d[\d ()-]{7,}"
_PREFIXED = r"(?<![A-Za-z0-9])(?:sk|pk|rk|gh[oprsu]|xox[abprs]|glpat|whsec|npm|hf)[-_][\w-]{8,}"
SHAPES = (_UUID, _RUN, _DIGITS, _PHONE, _PREFIXED)
LONGEST = 4096
"""Characters of a text; a longer one is a secret as a whole."""
_CARD = 10**12
"""Numbers from here on may be a card's."""

_TOKEN = re.compile(r"[\w+=-]{20,}")
_CHANGE = re.compile(r"(?<=[a-z])(?=[A-Z0-9])|(?<=[A-Z])(?=[a-z0-9])|(?<=[0-9])(?=[A-Za-z])")
_WORD = re.compile(r"[A-Za-z0-9]{0,12}")
_PASSES = 5


class Mask:
    """Everything that it gives back, it would give back as it is."""

    def __init__(self, rules: RecordingRules) -> None:
        names, shapes = (*NAMES, *rules.secret_names), (*SHAPES, *rules.secret_shapes)
        self._redactor = Redactor.with_more(names, shapes, WHOLE)
        self._plain = rules.plain
        self._is_usual = not rules.secret_shapes

    def is_secret(self, name: str) -> bool:
        """Whether what bears this name is never told."""
        return name not in self._plain and self._redactor.is_secret(name)

    def text(self, text: str) -> str:
        """Without what looks like a secret, however often it is encoded."""
        if self._looks_plain(text):
            return text
        if len(text) > LONGEST or text == REDACTED or _is_deep(text):
            return REDACTED
        if any(self._settled(plain) != plain for plain in decodings(text) if plain != text):
            return REDACTED
        content = _content(text)
        if content is not None:
            masked = self.value(content)
            return text if masked == content else json.dumps(masked, ensure_ascii=False)
        return self._settled(text)

    def value(self, value: Any, name: str = "") -> Any:
        """A copy of JSON. Truth values and null stay: they are no secret."""
        if value is None or isinstance(value, bool) or (name in self._plain and not isinstance(value, dict | list)):
            return value
        if name and self.is_secret(name):
            return REDACTED
        if isinstance(value, dict):
            return {self.text(key): self.value(item, key) for key, item in value.items()}
        if isinstance(value, list):
            return [self.value(item, name) for item in value]
        if isinstance(value, str):
            return self.text(value)
        return REDACTED if abs(value) >= _CARD else value

    def named(self, name: str, text: str) -> str:
        """The value of a parameter."""
        if not text or name in self._plain:
            return text
        return REDACTED if self.is_secret(name) else self.text(text)

    def path(self, path: str, template: str) -> str:
        """A path as sent: what the template has literally stays, and every other segment is a parameter's value."""
        places = template.split("/")
        shown = []
        for number, segment in enumerate(path.split("/")):
            place = places[min(number, len(places) - 1)]
            literal = number < len(places) and "{" not in place and place == unquote(segment)
            shown.append(segment if literal else self._segment(segment, place))
        return "/".join(shown)

    def query(self, query: str) -> str:
        """A query as sent, but for the values that are masked. What has no value is looked at as one."""
        return "&".join(map(self._parameter, query.split("&"))) if query else ""

    def _looks_plain(self, text: str) -> bool:
        """Most texts are a short word: nothing usual looks like that. A team's own secrets may."""
        return self._is_usual and _WORD.fullmatch(text) is not None

    def _segment(self, segment: str, place: str) -> str:
        name = place.partition("{")[2].partition("}")[0].partition(":")[0]
        text = unquote(segment)
        masked = self.named(name, text)
        return segment if masked == text else quote(masked, safe="")

    def _parameter(self, part: str) -> str:
        name, equals, value = part.partition("=")
        plain = unquote_plus(name)
        shown = self.text(plain)
        if shown != plain:
            name = quote_plus(shown)
        if not equals:
            return name
        text = unquote_plus(value)
        masked = self.named(plain, text)
        return f"{name}={value if masked == text else quote_plus(masked)}"

    def _settled(self, text: str) -> str:
        """Masked until nothing is left to mask: what was cut out may lay bare something else."""
        for _ in range(_PASSES):
            shown = _TOKEN.sub(_random, self._redactor.text(text))
            if shown == text:
                return text
            text = shown
        return REDACTED


def decodings(text: str) -> Iterator[str]:
    """The text, and what it says once its percent signs are read, as often as that changes anything."""
    for _ in range(_PASSES):
        yield text
        spaced, plain = unquote_plus(text), unquote(text)
        if plain == text:
            return
        if spaced != plain:
            yield spaced
        text = plain


def _is_deep(text: str) -> bool:
    """Whether it is encoded more often than anybody does."""
    for _ in range(_PASSES):
        plain = unquote(text)
        if plain == text:
            return False
        text = plain
    return unquote(text) != text


def _content(text: str) -> Any:
    """JSON within a text; None where it is none."""
    if not text.lstrip().startswith(("{", "[")):
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _random(match: re.Match[str]) -> str:
    """Kinds of letters change often in what chance made, and seldom in words."""
    token = match[0]
    return REDACTED if len(_CHANGE.findall(token)) * 4 >= len(token) else token
