"""Pure: a recording as one line of a corpus, and as a command for a shell."""

import json
import shlex
from collections.abc import Mapping
from typing import Any

from router.comparison.rules import Rules
from router.parity.recording import NOBODY, Recording


def as_line(recording: Recording) -> str:
    """JSON: what `read_corpus` reads as the same recording. What is empty is left out."""
    values: dict[str, Any] = {"id": recording.id, "method": recording.method, "path": recording.path}
    if recording.auth != NOBODY:
        values["auth"] = recording.auth
    if recording.headers:
        values["headers"] = dict(recording.headers)
    if recording.body is not None:
        values["body"] = recording.body
    if recording.sequence:
        values["state"] = f"sequence:{recording.sequence}:{recording.step}"
    if recording.capture:
        values["capture"] = dict(recording.capture)
    return json.dumps({**values, **_rules(recording.rules)})


def as_curl(recording: Recording, base: str) -> str:
    """A command for a shell, against ``base``. A role's cookie stands in a variable: a line holds no secret."""
    words = ["curl", "-sS", "--path-as-is"]
    words += ["-I"] if recording.method == "HEAD" else ["-i", "-X", recording.method]
    body, kind = recording.content()
    headers: Mapping[str, str] = recording.headers
    if kind is not None and all(name.lower() != "content-type" for name in headers):
        headers = {**headers, "content-type": kind}
    for name, value in headers.items():
        words += ["-H", f"{name}: {value}"]
    if not all(word.isprintable() for word in (*words, recording.path)):
        return "# This request holds letters that no shell should see: ask it with `strangler replay`."
    shown = " ".join(map(shlex.quote, words))
    if recording.auth != NOBODY:
        shown += f' -b "${cookie_variable(recording.auth)}"'
    return f"{shown}{_data(body)} {shlex.quote(base.rstrip('/') + recording.path)}"


def cookie_variable(role: str) -> str:
    """The variable of the environment that holds a role's Cookie header."""
    letters = "".join(letter if letter.isalnum() and letter.isascii() else "_" for letter in role)
    return f"STRANGLER_COOKIE_{letters.upper()}"


def _data(body: bytes) -> str:
    """Text as it is; what no shell should see, through printf's octal numbers."""
    if not body:
        return ""
    text = body.decode("utf-8", "replace")
    if text.isprintable() and text.encode() == body:
        return f" --data-raw {shlex.quote(text)}"
    return " --data-binary @<(printf '" + "".join(f"\\{byte:03o}" for byte in body) + "')"


def _rules(rules: Rules) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if rules.masked:
        found["volatile"] = list(rules.masked)
    if rules.unordered:
        found["unordered"] = list(rules.unordered)
    if rules.tied is not None:
        found["order"] = {"list": rules.tied.path, "key": list(rules.tied.keys), "cut": rules.tied.cut}
    return found
