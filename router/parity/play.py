"""Asks one side everything that a corpus has."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any

from router.comparison.answer import Answer
from router.comparison.jsonpath import find
from router.lifespan import Lifespan
from router.parity.client import Client
from router.parity.recording import NOBODY, Recording, encode, in_order
from router.parity.rehearsal import Login, Rehearsal, Rows
from router.types import Headers

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Played:
    """What one side answered, by request, and the rows that it left behind."""

    answers: dict[str, Answer]
    rows: Rows


async def play(rehearsal: Rehearsal, recordings: Sequence[Recording], progress: Progress = lambda _id: None) -> Played:
    """Reads first, each by itself; then every sequence. Raises `AskedInVain` and `BackendFailed`."""
    state: dict[str, Any] = {}
    lifespan = Lifespan(rehearsal.router, "rehearsed")
    await lifespan.start({"type": "lifespan", "asgi": {"version": "3.0"}, "state": state})
    try:
        client = Client(rehearsal.router, state)
        reads, sequences = in_order(recordings)
        answers: dict[str, Answer] = {}
        for group in (reads, *sequences):
            await Visit(client, rehearsal.logins).play(group, answers, progress)
    finally:
        await lifespan.stop()
    return Played(answers, rehearsal.rows())


@dataclass
class Visit:
    """One set of cookies per label, and the values captured so far."""

    client: Client
    logins: Mapping[str, Login]
    jars: dict[str, dict[str, str]] = field(default_factory=dict)
    variables: dict[str, Any] = field(default_factory=dict)

    async def play(self, recordings: Iterable[Recording], answers: dict[str, Answer], progress: Progress) -> None:
        for recording in recordings:
            answer = answers[recording.id] = await self._ask(recording)
            if recording.sequence:
                self.remember(recording.auth, answer)
            for name, path in recording.capture.items():
                self.variables[name] = _captured(answer, path)
            progress(recording.id)

    async def _ask(self, recording: Recording) -> Answer:
        asked = recording.filled(self.variables)
        body, kind = asked.content()
        headers: Headers = [(name.lower().encode(), value.encode()) for name, value in asked.headers.items()]
        if kind is not None and all(name != b"content-type" for name, _ in headers):
            headers.append((b"content-type", kind.encode()))
        headers += await self.cookies(asked.auth)
        return await self.client.ask(asked.method, asked.path, headers, body)

    async def cookies(self, label: str) -> Headers:
        """The label's Cookie header, if it has any: it logs in when it asks for the first time."""
        jar = await self._jar(label)
        return [(b"cookie", "; ".join(f"{name}={value}" for name, value in jar.items()).encode())] if jar else []

    async def _jar(self, label: str) -> dict[str, str]:
        if label not in self.jars:
            self.jars[label] = {}
            login = None if label == NOBODY else self.logins.get(label)
            if login is not None:
                body, kind = encode(login.body)
                headers = [(b"content-type", kind.encode())] if kind else []
                self.remember(label, await self.client.ask(login.method, login.path, headers, body))
        return self.jars[label]

    def remember(self, label: str, answer: Answer) -> None:
        """Keeps what the answer sets, and forgets what it removes."""
        for header in answer.all("set-cookie"):
            for name, morsel in SimpleCookie(header).items():
                if morsel["max-age"] == "0" or "1970" in morsel["expires"]:
                    self.jars[label].pop(name, None)
                else:
                    self.jars[label][name] = morsel.value


def _captured(answer: Answer, path: str) -> Any:
    if path.startswith("header:"):
        return answer.header(path.removeprefix("header:").lower())
    content = answer.json()
    found = find(content, path) if content is not None else []
    return found[0] if found else None
