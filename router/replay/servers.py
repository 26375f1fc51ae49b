"""Two servers that run already, asked what changes nothing."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from urllib.parse import SplitResult, urlsplit

from router.comparison.answer import Answer, Digest
from router.parity.errors import AskedInVain
from router.parity.play import Played
from router.parity.recording import NOBODY, Recording
from router.parity.rehearsal import Rehearsal
from router.replay.asking import Outcome, compared
from router.table import RouteTable

SECONDS = 30.0
LARGEST = 4 * 1024 * 1024
"""Bytes of an answer that are compared one by one; of a larger one the digest is."""
BASE = "{base}"
"""Stands for a server's own address in what it answers."""
_READS = frozenset({"GET", "HEAD"})
_CHUNK = 64 * 1024


@dataclass(frozen=True)
class Server:
    """``cookies`` has a Cookie header by role; a role that is missing is not asked for."""

    address: SplitResult
    cookies: Mapping[str, str]

    @classmethod
    def at(cls, url: str, cookies: Mapping[str, str]) -> "Server":
        """Raises ValueError for what is not the address of a server and nothing more."""
        found = urlsplit(url)
        if found.scheme not in {"http", "https"} or not found.hostname or found.path.strip("/"):
            raise ValueError("an address is http:// or https://, a host and a port, and no path.")
        if found.username is not None or found.query or found.fragment:
            raise ValueError("an address carries no name, password or query: cookies come from the environment.")
        found.port  # noqa: B018  # raises ValueError for one that is none
        return cls(found, cookies)

    @property
    def base(self) -> str:
        return f"{self.address.scheme}://{self.address.netloc}"

    def ask(self, recording: Recording) -> Answer:
        """Redirections are answers, and not followed. Raises `AskedInVain`."""
        headers = dict(recording.headers)
        if recording.auth != NOBODY:
            headers["Cookie"] = self.cookies[recording.auth]
        kind = HTTPSConnection if self.address.scheme == "https" else HTTPConnection
        connection = kind(self.address.hostname or "", self.address.port, timeout=SECONDS)
        try:
            connection.request(recording.method, recording.path, headers=headers)
            return _without(self.base, _read(connection.getresponse()))
        except (OSError, HTTPException) as error:
            why = f"{recording.method} {recording.path} had no whole answer of {self.base}: {type(error).__name__}."
            raise AskedInVain(why) from error
        finally:
            connection.close()


@dataclass(frozen=True)
class Servers:
    """Asks two servers, and compares as copies are compared. ``rehearsal`` says how; its router is not asked."""

    legacy: Server
    modern: Server
    rehearsal: Rehearsal

    @property
    def table(self) -> RouteTable:
        return self.rehearsal.router.table

    def can(self, recording: Recording) -> bool:
        """Whether a request changes nothing, needs nothing before it, and who asks it is known on both sides."""
        known = recording.auth == NOBODY or all(recording.auth in one.cookies for one in (self.legacy, self.modern))
        return recording.method in _READS and not recording.sequence and recording.body is None and known

    def play(self, recordings: Sequence[Recording]) -> tuple[Played, Played]:
        """What both answered, by request. Raises `AskedInVain`."""
        control, candidate = ({one.id: side.ask(one) for one in recordings} for side in (self.legacy, self.modern))
        return Played(control, {}), Played(candidate, {})

    def ask(self, recordings: Sequence[Recording]) -> Outcome | None:
        named = [replace(one, id=str(number)) for number, one in enumerate(recordings)]
        try:
            control, candidate = self.play(named)
        except AskedInVain:
            return None
        pairs = [(control.answers[one.id], candidate.answers[one.id]) for one in named]
        return Outcome(compared(recordings, pairs, datetime.now(UTC).replace(tzinfo=None), self.rehearsal))


def _read(response: HTTPResponse) -> Answer:
    headers = tuple((name.lower(), value) for name, value in response.getheaders())
    kept, digest, length = bytearray(), hashlib.sha256(), 0
    while chunk := response.read(_CHUNK):
        length += len(chunk)
        digest.update(chunk)
        if length <= LARGEST:
            kept += chunk
    if length > LARGEST:
        return Answer(response.status, headers, b"", Digest(length, digest.hexdigest()))
    return Answer(response.status, headers, bytes(kept))


def _without(base: str, answer: Answer) -> Answer:
    """With the server's own address replaced: two servers have two."""
    body = answer.body.replace(base.encode(), BASE.encode())
    headers = ((name, value.replace(base, BASE)) for name, value in answer.headers)
    return replace(answer, headers=tuple(headers), body=body)
