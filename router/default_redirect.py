"""Where Werkzeug redirects a path that spells out what another rule leaves out: /page/1 leads to /page/."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from router.template import Template

Home = Callable[[str], str | None]


def home_of(rule: Any, method: str, template: Template, url_map: Any, read: Callable[[Any], Template]) -> Home | None:
    """Says where ``rule`` redirects a path that its ``template`` accepts, decoded, or None; None: never anywhere.

    ``read`` gives the template of a rule.
    """
    if not getattr(url_map, "redirect_defaults", False):
        return None
    before = takewhile(lambda other: other is not rule, url_map.iter_rules(rule.endpoint))
    known = tuple(_Shorter(other.defaults, read(other)) for other in before if _leaves_out(other, rule, method))
    return _Homes(template, getattr(rule, "_converters", {}), rule.defaults or {}, known) if known else None


@dataclass(frozen=True)
class _Shorter:
    """A rule of the same endpoint that leaves out what ``defaults`` say."""

    defaults: Mapping[str, Any]
    template: Template


@dataclass(frozen=True)
class _Homes:
    """``fixed`` are the rule's own defaults."""

    template: Template
    converters: Mapping[str, Any]
    fixed: Mapping[str, Any]
    known: tuple[_Shorter, ...]

    def __call__(self, path: str) -> str | None:
        texts = self.template.texts(path)
        for shorter in self.known:
            if all(self._says(name, value, texts) for name, value in shorter.defaults.items()):
                pieces = shorter.template.pieces
                return "".join(one if isinstance(one, str) else self._written(one.name, texts) for one in pieces)
        return None

    def _says(self, name: str, value: object, texts: Mapping[str, str]) -> bool:
        """Whether the path, or the rule itself, says the default.

        A user's own converter is not asked to read: it may ask a database, and this runs on the event loop.
        """
        if name not in texts:
            return bool(self.fixed.get(name) == value)
        read = getattr(self.converters[name], "num_convert", None)
        return texts[name] == str(value) if read is None else bool(read(texts[name]) == value)

    def _written(self, name: str, texts: Mapping[str, str]) -> str:
        """A parameter as Werkzeug writes it."""
        if name not in texts:
            return str(self.fixed[name])
        converter = self.converters[name]
        read = getattr(converter, "num_convert", None)
        return texts[name] if read is None else str(converter.to_url(read(texts[name])))


def _leaves_out(other: Any, rule: Any, method: str) -> bool:
    takes = other.methods is None or method in other.methods
    return bool(takes and other.defaults and not other.build_only and other.arguments == rule.arguments)
