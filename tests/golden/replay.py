"""Plays golden lines against a server: logs in per label, keeps cookies, fills in captured values."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any

from router.comparison.jsonpath import find
from router.parity.recording import encode, filled
from tests.golden.line import Line
from tests.golden.stand_in import stands_in
from tests.golden.wire import Answer, Sent, Wire

_LOGINS = {
    # 0.9 had a second, single-user login behind this label; its door leads to the same accounts now.
    "simple": ("/simple-login", "admin_1", "Golden-Admin1!"),
    "admin": ("/auth/login", "admin_1", "Golden-Admin1!"),
    "manager": ("/auth/login", "manager_1", "Golden-Manager1!"),
    "user": ("/auth/login", "user_1", "Golden-User1!"),
    "readonly": ("/auth/login", "readonly_1", "Golden-Readonly1!"),
}


@dataclass
class Visitors:
    """One cookie jar per label. Labels log in when they are first needed."""

    wire: Wire
    jars: dict[str, dict[str, str]] = field(default_factory=dict)

    def cookie(self, label: str) -> str:
        jar = self.jars.setdefault(label, {} if label == "none" else self._log_in(label))
        return "; ".join(f"{name}={value}" for name, value in jar.items())

    def remember(self, label: str, answer: Answer) -> None:
        for header in answer.all("set-cookie"):
            for name, morsel in SimpleCookie(header).items():
                if morsel["max-age"] == "0":
                    self.jars[label].pop(name, None)
                else:
                    self.jars[label][name] = morsel.value

    def _log_in(self, label: str) -> dict[str, str]:
        path, name, password = _LOGINS[label]
        body, kind = encode({"json": {"username": name, "password": password}})
        answer = self.wire.send(Sent("POST", path, (("Content-Type", kind or ""),), body))
        assert answer.status == 200, f"{name} can't log in: {answer.status} {answer.body!r}"
        return {key: morsel.value for key, morsel in SimpleCookie(answer.header("set-cookie") or "").items()}


def play_reads(lines: Sequence[Line], wire: Wire) -> Iterator[tuple[Line, Answer, Mapping[str, Any]]]:
    """Each line with its answer. The cookies of the labels stay those of their login."""
    visitors = Visitors(wire)
    for line in lines:
        yield line, _ask(line, visitors, {}), {}


def play_sequence(
    lines: Sequence[Line], wire: Wire, import_video: Callable[[Mapping[str, Any]], int]
) -> Iterator[tuple[Line, Answer, Mapping[str, Any]]]:
    """Each step with its answer and the variables captured so far. `import_video` makes what stand-ins stand for."""
    visitors = Visitors(wire)
    variables: dict[str, Any] = {}
    for line in lines:
        if stands_in(line):
            made = import_video(filled(line.body or {}, variables)["json"])
            variables |= dict.fromkeys(line.get("capture", {}), made)
            continue
        answer = _ask(line, visitors, variables)
        visitors.remember(line.auth, answer)
        for name, path in line.get("capture", {}).items():
            variables[name] = _captured(answer, path)
        yield line, answer, dict(variables)


def _ask(line: Line, visitors: Visitors, variables: Mapping[str, Any]) -> Answer:
    asked = filled(_with_account(line.body), variables)
    body, kind = encode(asked) if asked is not None else (None, None)
    headers = [(name, filled(value, variables)) for name, value in line.headers.items()]
    if kind and "content-type" not in {name.lower() for name, _ in headers}:
        headers.append(("Content-Type", kind))
    cookie = visitors.cookie(line.auth)
    if cookie:
        headers.append(("Cookie", cookie))
    return visitors.wire.send(Sent(line.method, filled(line.path, variables), tuple(headers), body))


def _with_account(body: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """0.9's published single-user login, replaced by an account, so that the steps after it mean something."""
    published = {"json": {"username": "admin", "password": "mvidarr"}}
    _, name, password = _LOGINS["simple"]
    return {"json": {"username": name, "password": password}} if body == published else body


def _captured(answer: Answer, path: str) -> Any:
    if path.startswith("header:"):
        return answer.header(path.removeprefix("header:").lower())
    try:
        found = find(answer.json(), path)
    except ValueError:
        return None
    return found[0] if found else None
