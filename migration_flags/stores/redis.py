"""Flags in Redis: one document, changed by optimistic transactions. Give it a Redis that keeps its data (AOF).

Keys, below a prefix: ``state`` (the document), ``epoch`` (polled), ``audit`` (a list), ``workers`` (a hash), and
``evidence:<route>`` (a hash each).
"""

import json
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Any

from migration_flags.audit import AuditRow
from migration_flags.change import Signature, check_signature
from migration_flags.document import DocumentInvalid, to_text
from migration_flags.errors import StoreInvalid, StoreUnavailable, StoreWentBack
from migration_flags.evidence import KEPT, Evidence, EvidenceKind, check_piece
from migration_flags.snapshot import Snapshot
from migration_flags.stores.birth import Birth, born, marked
from migration_flags.stores.ledger import Ledger, Work, utc_now
from migration_flags.stores.redis_client import Client, WatchFailed, connect, translated
from migration_flags.stores.state_document import parsed, read_row, read_state, row_text, state_text
from migration_flags.transition import State, instant, restore, state_after
from migration_flags.workers import Worker, alive, check_worker, forgotten

PREFIX = "strangler:"
ATTEMPTS = 50
"""Times that a change is worked out again because another one came first."""
PRUNE_EVERY = 100


class RedisStore(Ledger):
    """A `FlagStore` in Redis. ``clock`` dates the audit; beats are dated by Redis.

    A Redis that came back empty, older or as another one is refused by every process that knew it (`StoreWentBack`),
    and by writers who see live workers ahead of it. `repair` writes back what this process knows.
    """

    def __init__(
        self,
        url: str,
        clock: Callable[[], datetime] = utc_now,
        *,
        prefix: str = PREFIX,
        token: Callable[[], str] = lambda: secrets.token_hex(8),
    ) -> None:
        super().__init__(clock)
        self._url = url
        self._prefix = prefix
        self._token = token
        self._lock = threading.Lock()
        self._client: Client | None = None
        self._birth = Birth()
        self._last = Snapshot()

    def __repr__(self) -> str:
        return f"RedisStore({self.name!r})"

    @property
    def name(self) -> str:
        """The URL, without user, password and query."""
        scheme, _, rest = self._url.partition("?")[0].partition("://")
        return f"{scheme}://{rest.rpartition('@')[2]}"

    def epoch(self) -> int:
        known = self._birth
        with self._connected() as client:
            text = client.get(self._key("epoch"))
        epoch, _, births = (text or "0").partition(" ")
        if not epoch.isdecimal():
            raise StoreInvalid(self.name, f"the epoch is {epoch[:40]!r}")
        self._accept(Birth(int(epoch), tuple(births.split())), known)
        return int(epoch)

    def snapshot(self) -> Snapshot:
        known = self._birth
        with self._connected() as client:
            state, birth = self._read(client.get(self._key("state")))
        self._accept(birth, known)
        self._remember(state.snapshot)
        return state.snapshot

    def history(self, key: str | None = None, *, limit: int | None = None) -> tuple[AuditRow, ...]:
        first = 0 if limit is None or key is not None else -limit
        with self._connected() as client:
            lines = client.lrange(self._key("audit"), first, -1)
            rows = [read_row(line, "the audit") for line in reversed(lines)]
        return tuple([row for row in rows if key is None or row.key == key][:limit])

    def beat(self, worker: Worker) -> None:
        check_worker(worker)
        with self._connected() as client:
            now = _instant(client.time())
            fresh = client.hset(self._key("workers"), worker.id, to_text(asdict(replace(worker, seen_at=instant(now)))))
            if fresh:
                for old in forgotten(_workers(client.hvals(self._key("workers"))), now):
                    client.hdel(self._key("workers"), old.id)

    def workers(self) -> tuple[Worker, ...]:
        with self._connected() as client:
            return _workers(client.hvals(self._key("workers")))

    def now(self) -> datetime:
        with self._connected() as client:
            return _instant(client.time())

    def keep(self, evidence: Evidence) -> None:
        check_piece(evidence)
        place = self._key(f"evidence:{evidence.key}")
        with self._connected() as client:
            number = client.incr(self._key("evidence"))
            field = f"{evidence.kind} {evidence.source}" if evidence.source else f"{evidence.kind} #{number}"
            client.hset(place, field, to_text([number, asdict(evidence)]))
            if number % PRUNE_EVERY == 0:
                _prune(client, place, evidence.kind)

    def evidence(self, key: str, *, kind: EvidenceKind | None = None, limit: int | None = None) -> tuple[Evidence, ...]:
        with self._connected() as client:
            pieces = _pieces(client.hgetall(self._key(f"evidence:{key}")))
        return tuple([piece for _, _, piece in pieces if kind in {None, piece.kind}][:limit])

    def repair(self, *, actor: str, reason: str) -> tuple[AuditRow, ...]:
        """Gives a Redis that lost flags those that this process read last, at an epoch above all that is known."""
        check_signature(actor, reason)
        known = self._last
        if not known.epoch:
            raise StoreUnavailable(self.name, "this process never read flags to repair it with")
        signature = Signature(actor, reason, self._clock())
        return self._transact(lambda state: restore(state, known, signature), repairing=True)

    def close(self) -> None:
        with self._lock:
            client, self._client = self._client, None
        if client is not None:
            client.close()

    def _commit(self, work: Work) -> tuple[AuditRow, ...]:
        return self._transact(work)

    def _transact(self, work: Work, *, repairing: bool = False) -> tuple[AuditRow, ...]:
        tried: tuple[AuditRow, ...] = ()
        for _ in range(ATTEMPTS):
            known = self._birth
            with suppress(WatchFailed), self._connected() as client, client.pipeline() as pipe:
                pipe.watch(self._key("state"))
                state, birth = self._read(pipe.get(self._key("state")))
                if tried and self._is_there(pipe, tried[-1]):
                    return tried
                if not repairing:
                    self._accept(birth, known)
                    self._refuse_behind(birth, pipe)
                tried = work(state)
                if tried:
                    births = born(birth, known if repairing else Birth(), self._token)
                    self._write(pipe, state_after(state, tried), births, tried)
                return tried
        raise StoreUnavailable(self.name, f"others changed it {ATTEMPTS} times in between")

    def _is_there(self, pipe: Any, row: AuditRow) -> bool:
        """A transaction that seemed to fail was done where the connection broke before its answer."""
        line: str | None = pipe.lindex(self._key("audit"), row.sequence - 1)
        return line is not None and read_row(line, "the audit").hash == row.hash

    def _write(self, pipe: Any, after: State, births: tuple[str, ...], rows: tuple[AuditRow, ...]) -> None:
        """Raises `WatchFailed` where somebody else was quicker."""
        birth = Birth(after.snapshot.epoch, births)
        pipe.multi()
        pipe.set(self._key("state"), to_text([list(births), state_text(after)]))
        pipe.set(self._key("epoch"), marked(birth))
        pipe.rpush(self._key("audit"), *[row_text(row) for row in rows])
        pipe.execute()
        self._accept(birth, birth)
        self._remember(after.snapshot)

    def _read(self, text: str | None) -> tuple[State, Birth]:
        if text is None:
            return State(), Birth()
        try:
            births, document = json.loads(text)
            state = read_state(parsed(document))
        except (ValueError, TypeError) as error:
            raise StoreInvalid(self.name, f"the state: {error}") from error
        return state, Birth(state.snapshot.epoch, tuple(births))

    def _accept(self, found: Birth, known: Birth) -> None:
        """``known`` is from before ``found`` was read: what another thread learned meanwhile is no going back."""
        if not found.follows(known):
            raise StoreWentBack(self.name, known.epoch, found.epoch)
        with self._lock:
            if found.epoch >= self._birth.epoch:
                self._birth = found

    def _remember(self, snapshot: Snapshot) -> None:
        with self._lock:
            if snapshot.epoch >= self._last.epoch:
                self._last = snapshot

    def _refuse_behind(self, found: Birth, pipe: Any) -> None:
        """A process that starts knows nothing; the workers that live do."""
        now = _instant(pipe.time())
        ahead = max((worker.epoch for worker in alive(_workers(pipe.hvals(self._key("workers"))), now)), default=0)
        if ahead > found.epoch:
            raise StoreWentBack(self.name, ahead, found.epoch)

    def _key(self, name: str) -> str:
        return f"{self._prefix}{name}"

    @contextmanager
    def _connected(self) -> Iterator[Client]:
        with translated(self.name):
            with self._lock:
                client = self._client = self._client or connect(self.name, self._url)
            try:
                yield client
            except DocumentInvalid as error:
                raise StoreInvalid(self.name, str(error)) from error


def _instant(time: tuple[int, int]) -> datetime:
    seconds, microseconds = time
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=microseconds)


def _workers(texts: list[str]) -> tuple[Worker, ...]:
    try:
        found = [Worker(**json.loads(text)) for text in texts]
    except (ValueError, TypeError) as error:
        raise DocumentInvalid("a worker's beat", "can't be read") from error
    return tuple(sorted(found, key=lambda worker: worker.id))


def _pieces(fields: dict[str, str]) -> list[tuple[int, str, Evidence]]:
    """Number, field and piece, newest first."""
    try:
        found = [(field, json.loads(text)) for field, text in fields.items()]
        pieces = [(int(number), field, Evidence(**piece)) for field, (number, piece) in found]
    except (ValueError, TypeError) as error:
        raise DocumentInvalid("a piece of evidence", "can't be read") from error
    return sorted(pieces, key=lambda piece: piece[0], reverse=True)


def _prune(client: Client, place: str, kind: EvidenceKind) -> None:
    same = [field for _, field, piece in _pieces(client.hgetall(place)) if piece.kind == kind]
    for field in same[KEPT:]:
        client.hdel(place, field)
