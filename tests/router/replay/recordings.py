"""Recordings with what a test does not care about left out."""

from typing import Any

from router.comparison.rules import Rules
from router.parity.recording import Recording


def recording(**values: Any) -> Recording:
    usual: dict[str, Any] = {
        "id": "one",
        "method": "GET",
        "path": "/",
        "auth": "none",
        "headers": {},
        "body": None,
        "sequence": "",
        "step": 0,
        "capture": {},
        "rules": Rules(),
    }
    return Recording(**{**usual, **values})
