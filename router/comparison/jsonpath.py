"""A few JSON paths: `$.a.b`, `[0]`, `[*]`. Pure."""

import re
from collections.abc import Callable
from typing import Any

_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+|\*)\]")


def find(content: Any, path: str) -> list[Any]:
    """Every value at `path`."""
    found: list[Any] = []

    def keep(value: Any) -> Any:
        found.append(value)
        return value

    change(content, path, keep)
    return found


def change(content: Any, path: str, replace: Callable[[Any], Any]) -> int:
    """Replaces, in place, every value at `path`; how many there were."""
    steps = [match[1] if match[1] is not None else match[2] for match in _STEP.finditer(path)]
    return _change(content, steps, replace)


def _change(content: Any, steps: list[str], replace: Callable[[Any], Any]) -> int:
    step, *others = steps
    if isinstance(content, dict):
        keys: list[Any] = list(content) if step == "*" else [step] if step in content else []
    elif isinstance(content, list) and (step == "*" or step.isdigit()):
        keys = list(range(len(content))) if step == "*" else [int(step)] if int(step) < len(content) else []
    else:
        keys = []
    if others:
        return sum(_change(content[key], others, replace) for key in keys)
    for key in keys:
        content[key] = replace(content[key])
    return len(keys)
