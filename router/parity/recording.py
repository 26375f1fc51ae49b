"""One request to be asked of both sides, as a line of a corpus has it."""

import json
import re
from base64 import b64decode
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from router.comparison.rules import Rules
from router.parity.errors import CorpusUnreadable

NOBODY = "none"
VARIABLE = re.compile(r"\$\{(\w+)\}")
_BOUNDARY = "strangler-parity-boundary"


@dataclass(frozen=True)
class Recording:
    """One line of JSON: ``id``, ``method``, ``path`` (with its query, as sent); the rest may be absent.

    ``headers`` by name. ``body`` is ``{"json": …}``, ``{"raw": "…"}``, ``{"form": {…}}`` or ``{"multipart": [{name,
    filename, content_type, text or base64}]}``. ``auth`` labels who asks. ``state`` is ``read``, or
    ``sequence:NAME:STEP``: the steps of a sequence are asked in their order, with one set of cookies per label, and
    ``capture`` (variable → JSON path, or ``header:NAME``) fills ``${variable}`` in later steps. ``volatile``, ``loose``
    and ``unordered`` are JSON paths, ``order`` is ``{list, key}``: see `Rules`.
    """

    id: str
    method: str
    path: str
    auth: str
    headers: Mapping[str, str]
    body: Mapping[str, Any] | None
    sequence: str
    step: int
    capture: Mapping[str, str]
    rules: Rules

    def filled(self, variables: Mapping[str, Any]) -> "Recording":
        """With every ``${name}`` that is known replaced."""
        values = {"path": self.path, "headers": self.headers, "body": self.body}
        return Recording(**{**vars(self), **filled(values, variables)})

    def content(self) -> tuple[bytes, str | None]:
        """The body's bytes, and the content type that they imply."""
        return encode(self.body)


def read_corpus(places: Iterable[Path]) -> list[Recording]:
    """Every line of the files, and of the ``*.jsonl`` in the folders. Raises `CorpusUnreadable`."""
    return [
        recording
        for place in places
        for file in (sorted(place.glob("*.jsonl")) if place.is_dir() else [place])
        for recording in _read_file(file)
    ]


def in_order(recordings: Iterable[Recording]) -> tuple[list[Recording], list[list[Recording]]]:
    """What only reads; and the sequences, each in the order of its steps.

    Sequences come by name: what disturbs the others is named to come last.
    """
    reads: list[Recording] = []
    sequences: dict[str, list[Recording]] = {}
    for recording in recordings:
        (sequences.setdefault(recording.sequence, []) if recording.sequence else reads).append(recording)
    return reads, [sorted(sequences[name], key=lambda one: one.step) for name in sorted(sequences)]


def encode(body: Mapping[str, Any] | None) -> tuple[bytes, str | None]:
    """The bytes of a corpus body, and the content type that they imply. Raises KeyError for an unknown kind."""
    if body is None:
        return b"", None
    kind, value = next(iter(body.items()))
    match kind:
        case "json":
            return json.dumps(value).encode(), "application/json"
        case "form":
            return urlencode(value).encode(), "application/x-www-form-urlencoded"
        case "raw":
            return value.encode(), None
        case "multipart":
            return _multipart(value), f"multipart/form-data; boundary={_BOUNDARY}"
    raise KeyError(kind)


def _multipart(parts: Iterable[Mapping[str, str]]) -> bytes:
    lines: list[bytes] = []
    for part in parts:
        name = f'; filename="{part["filename"]}"' if "filename" in part else ""
        lines.append(f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="{part["name"]}"{name}'.encode())
        if "content_type" in part:
            lines.append(f"Content-Type: {part['content_type']}".encode())
        lines += [b"", b64decode(part["base64"]) if "base64" in part else part.get("text", "").encode()]
    return b"\r\n".join([*lines, f"--{_BOUNDARY}--\r\n".encode()])


def _read_file(file: Path) -> Iterator[Recording]:
    """The last line may be torn: then it has no end, and whoever wrote it was killed."""
    try:
        whole = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CorpusUnreadable(str(file), "it can't be read") from error
    *lines, last = whole.split("\n")
    if _is_json(last) or not any(lines):
        lines.append(last)
    for number, text in enumerate(lines, 1):
        if text.strip():
            try:
                yield _read_line(json.loads(text))
            except (ValueError, KeyError, AttributeError, TypeError) as error:
                raise CorpusUnreadable(f"{file}:{number}", f"no request: {type(error).__name__} {error}") from error


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _read_line(values: Mapping[str, Any]) -> Recording:
    _, _, place = values.get("state", "read").partition(":")
    sequence, _, step = place.partition(":")
    encode(values.get("body"))
    return Recording(
        id=values["id"],
        method=values["method"],
        path=values["path"],
        auth=values.get("auth", NOBODY),
        headers=values.get("headers") or {},
        body=values.get("body"),
        sequence=sequence,
        step=int(step or 0),
        capture=values.get("capture") or {},
        rules=Rules.of(values),
    )


def filled(value: Any, variables: Mapping[str, Any]) -> Any:
    """With every ``${name}`` that is known replaced. A text that is nothing else takes the variable's own type."""
    if isinstance(value, Mapping):
        return {key: filled(item, variables) for key, item in value.items()}
    if isinstance(value, list):
        return [filled(item, variables) for item in value]
    if not isinstance(value, str):
        return value
    alone = VARIABLE.fullmatch(value)
    if alone and alone[1] in variables:
        return variables[alone[1]]
    return VARIABLE.sub(lambda match: str(variables.get(match[1], match[0])), value)
