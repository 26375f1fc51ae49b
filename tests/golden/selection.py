"""Which lines of the corpus belong to routes that exist by now. Pure."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from tests.golden.line import Line, sequences
from tests.golden.stand_in import IMPORT, stands_in

Knows = Callable[[str, str], bool]
"""Whether the product has a route for a method and a decoded path."""

_METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE")
_VARIABLE = re.compile(r"\$\{\w+\}")
_SLASHES = re.compile("/{2,}")


@dataclass(frozen=True)
class Selection:
    """What is run, and what waits for a later release, by name."""

    reads: tuple[Line, ...]
    sequences: dict[str, tuple[Line, ...]]
    left_out: tuple[str, ...]


def select(lines: Iterable[Line], knows: Knows) -> Selection:
    """Reads one by one. A sequence runs whole; harmless steps on missing routes may be left out of it."""
    known = list(lines)
    reads = [line for line in known if not line.sequence]
    kept = {name: _kept(steps, knows) for name, steps in sequences(known).items()}
    left_out = [line.id for line in reads if not _is_answerable(line, knows)]
    left_out += [name for name, steps in kept.items() if not steps]
    for name, steps in sequences(known).items():
        left_out += [line.id for line in steps if kept[name] and line not in kept[name]]
    return Selection(
        tuple(line for line in reads if _is_answerable(line, knows)),
        {name: steps for name, steps in kept.items() if steps},
        tuple(left_out),
    )


def _kept(steps: Sequence[Line], knows: Knows) -> tuple[Line, ...]:
    """The steps that can be asked, none when a missing one matters to the others or nothing is left."""
    missing = [line for line in steps if not _is_answerable(line, knows) and not stands_in(line)]
    if any(_matters(line, steps) for line in missing):
        return ()
    if any("set-cookie" in line.response_headers for line in missing if line.sequence.startswith("auth")):
        return ()
    kept = tuple(line for line in steps if line not in missing)
    return kept if any(knows(line.method, _path(line)) for line in kept) else ()


def _matters(line: Line, steps: Sequence[Line]) -> bool:
    """Whether later steps may see what this one did. A repeated import is refused, and the last step only tidies up."""
    if line.get("capture"):
        return True
    return line.method not in ("GET", "HEAD") and line.path != IMPORT and line is not steps[-1]


def _is_answerable(line: Line, knows: Knows) -> bool:
    path = _path(line)
    return knows(line.method, path) or _needs_no_route(line, path, knows)


def _needs_no_route(line: Line, path: str, knows: Knows) -> bool:
    """Whether 0.9's router, or its gate, gave this answer before any view could."""
    is_page = str(line.response_headers.get("content-type", "")).startswith("text/html")
    other_methods = any(knows(method, path) for method in _METHODS)
    if line.status in (200, 405) and line.response_headers.get("allow"):
        return other_methods
    if line.status == 308:
        merged = _SLASHES.sub("/", path)
        return any(knows(method, target) for method in _METHODS for target in (f"{path}/", merged))
    if line.status == 404:
        return is_page and not other_methods
    body = line.get("response_json", {})
    is_refused = isinstance(body, dict) and body.get("code") == "AUTH_REQUIRED" and "login_url" in body
    leads_to_login = str(line.response_headers.get("location", "")).startswith("/simple-login?next=")
    return (line.status == 401 and is_refused) or (line.status == 302 and leads_to_login)


def _path(line: Line) -> str:
    return unquote(_VARIABLE.sub("1", line.path.partition("?")[0]))
