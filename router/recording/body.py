"""Pure: a request's body as a corpus has it."""

import json
from collections import Counter
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

from router.comparison.headers import media_type
from router.recording.mask import Mask

FORM = "application/x-www-form-urlencoded"


class BodyUnknown(ValueError):
    """A body of a kind in which nobody can tell what is secret: files, texts, broken JSON."""


@dataclass(frozen=True)
class Body:
    """What was sent: JSON, or the pairs of a form, or nothing. ``kind`` is the media type."""

    kind: str = ""
    content: Any = None
    pairs: tuple[tuple[str, str], ...] = ()

    @classmethod
    def read(cls, body: bytes, content_type: str) -> "Body":
        """Raises `BodyUnknown`."""
        kind = media_type(content_type)
        if not body:
            return cls()
        try:
            if kind == FORM:
                return cls(kind, None, tuple(parse_qsl(body.decode(), keep_blank_values=True, strict_parsing=True)))
            if kind == "application/json" or kind.endswith("+json"):
                return cls(kind, json.loads(body))
        except (ValueError, RecursionError) as error:
            raise BodyUnknown(kind) from error
        raise BodyUnknown(kind)

    def masked(self, mask: Mask) -> dict[str, Any] | None:
        """The member ``body`` of a line; None where nothing was sent."""
        if not self.kind:
            return None
        if self.kind != FORM:
            return {"json": mask.value(self.content)}
        pairs = [(mask.text(name), mask.named(name, value)) for name, value in self.pairs]
        if max(Counter(name for name, _ in pairs).values()) > 1:
            return {"raw": urlencode(pairs)}
        return {"form": dict(pairs)}

    def form(self, mask: Mask) -> str:
        """Which members it has, without their values."""
        names = self.content if isinstance(self.content, dict) else [name for name, _ in self.pairs]
        return ",".join(sorted({mask.text(name) for name in names}))
