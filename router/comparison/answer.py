"""An answer, whole, or what is left of one that was too large to keep."""

import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Digest:
    """Stands for a body that was not kept: how many bytes it had, and their SHA-256 in hexadecimal."""

    length: int
    sha256: str


@dataclass(frozen=True)
class Answer:
    """Names of headers are in lower case. With a ``digest``, ``body`` is empty."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    digest: Digest | None = None

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key == name), None)

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key == name]

    def json(self) -> Any:
        """The content, or None where the body is no JSON."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None
