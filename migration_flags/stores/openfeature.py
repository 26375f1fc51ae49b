"""Stages that an OpenFeature provider names (flagd, Unleash, LaunchDarkly, …), over a store that keeps all the rest.

Needs the extra ``openfeature``.

    api.set_provider(FlagdProvider())
    store = OpenFeatureStore(SQLStore("sqlite:///flags.db"), api.get_client())
"""

import logging
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from openfeature.client import OpenFeatureClient
from openfeature.evaluation_context import EvaluationContext
from openfeature.event import EventDetails, ProviderEvent
from openfeature.exception import ErrorCode

from migration_flags.audit import AuditRow
from migration_flags.change import Change
from migration_flags.document import DocumentInvalid, to_text
from migration_flags.errors import ChangeRefused, EpochMoved, FlagError
from migration_flags.evidence import Evidence, EvidenceKind
from migration_flags.flag import JSON, Stage
from migration_flags.snapshot import Snapshot
from migration_flags.stores import FlagStore
from migration_flags.told import change_told
from migration_flags.workers import Worker

ACTOR = "openfeature:"
"""How the actor of every change begins that a provider brought; the provider's name follows."""
POLL = 5.0
"""Seconds between two looks at a provider that tells of no change."""
FIRST_WITHIN = 2.0
"""Seconds that the first reader waits for the first look."""
STOP_WITHIN = 2.0
SAID, ROUTES = "said", "routes"
"""Members of the evidence of such a change: the value, and whose."""
_EVENTS = (ProviderEvent.PROVIDER_CONFIGURATION_CHANGED, ProviderEvent.PROVIDER_READY)

Wanted = dict[str, tuple[JSON, list[Change]]]
"""Values as JSON, each with the changes of the routes of which it is said."""

logger = logging.getLogger(__name__)


class OpenFeatureStore:
    """A `FlagStore`. Latches, switch, audit, evidence and workers are ``inner``'s; so is every flag, once it is known.

    The provider is asked for every route that ``inner`` has a flag of, and for those that ``keys`` names; ``named``
    makes the provider's key of ours, for providers that take no slashes. What it says anew is written to ``inner``, as
    by the actor ``openfeature:<provider>``: so workers with different providers, or with none, agree all the same. What
    it said before is not said again: a rollback, and a person who decides otherwise, count until it says something
    else. A latched route stays where it is until a person has lifted the latch.

    Following begins when the epoch is first asked for, in a thread of its own, and ends with `close`. While the
    provider is away or says nonsense, the last known good stands; ``trouble`` tells by route, or for all with "".
    """

    def __init__(
        self,
        inner: FlagStore,
        client: OpenFeatureClient,
        *,
        keys: Callable[[], Iterable[str]] = tuple,
        named: Callable[[str], str] = str,
        poll: float = POLL,
    ) -> None:
        self._inner = inner
        self._client = client
        self._keys = keys
        self._named = named
        self._poll = poll
        self._looking = threading.Lock()
        self._starting = threading.Lock()
        self._news = threading.Event()
        self._looked = threading.Event()
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None
        self._said: dict[str, str | None] = {}
        self.trouble: Mapping[str, str] = {}

    def __repr__(self) -> str:
        return f"OpenFeatureStore({self._inner!r}, {self.actor!r})"

    @property
    def actor(self) -> str:
        return ACTOR + self._client.provider.get_metadata().name

    # What the provider brings.

    def look(self) -> tuple[AuditRow, ...]:
        """Asks the provider now, and writes what it says anew. Blocks. Raises `StoreUnavailable` of the inner store."""
        with self._looking:
            snapshot = self._inner.snapshot()
            found: dict[str, str] = {}
            wanted: Wanted = {}
            for key in dict.fromkeys((*(flag.key for flag in snapshot), *self._keys())):
                flag = snapshot.get(key)
                if flag is not None and (flag.latch is not None or flag.stage is Stage.RETIRED):
                    continue
                said, why = self._ask(key)
                if why:
                    found[key] = why
                elif said is not None and not self._is_old(key, said):
                    self._want(key, said, wanted, found)
            rows = self._write(wanted, snapshot.epoch, found)
            self._report(found)
            return rows

    def _ask(self, key: str) -> tuple[JSON, str]:
        """What the provider says of a route, and why that is not known; None: it says nothing."""
        method, _, template = key.partition(" ")
        about = EvaluationContext("strangler", {"route": key, "method": method, "template": template})
        name = self._named(key)
        answer: Any = self._client.get_object_details(name, {}, about)
        if answer.error_code is ErrorCode.TYPE_MISMATCH:
            answer = self._client.get_string_details(name, "", about)
        if answer.error_code is ErrorCode.FLAG_NOT_FOUND:
            return None, ""
        if answer.error_code is not None:
            return None, f"the provider can't tell: {answer.error_code.value.lower().replace('_', ' ')}"
        return (answer.value or None), ""

    def _is_old(self, key: str, said: JSON) -> bool:
        """Whether it was said before: to this process, or to any other, and the audit knows."""
        text = to_text(said)
        if key not in self._said:
            rows = self._inner.history(key, limit=100)
            brought = (row.evidence or {} for row in rows if row.actor.startswith(ACTOR))
            self._said[key] = next((to_text(one.get(SAID)) for one in brought if key in _routes(one)), None)
        return self._said[key] == text

    @staticmethod
    def _want(key: str, said: JSON, wanted: Wanted, found: dict[str, str]) -> None:
        try:
            change = change_told(key, said)
        except DocumentInvalid as error:
            found[key] = str(error)
        else:
            wanted.setdefault(to_text(said), (said, []))[1].append(change)

    def _write(self, wanted: Wanted, epoch: int, found: dict[str, str]) -> tuple[AuditRow, ...]:
        """Each value's routes at once. Where somebody changed the flags meanwhile, they are looked at again first."""
        rows: list[AuditRow] = []
        try:
            for said, changes in wanted.values():
                try:
                    rows += self._apply(said, changes, rows[-1].epoch if rows else epoch)
                except EpochMoved:
                    raise
                except ChangeRefused:
                    for change in changes:
                        rows += self._try(said, change, rows[-1].epoch if rows else epoch, found)
        except EpochMoved:
            self._news.set()
        return tuple(rows)

    def _try(self, said: JSON, change: Change, epoch: int, found: dict[str, str]) -> tuple[AuditRow, ...]:
        """One route alone; what it is refused for may pass, so it is asked for again."""
        try:
            return self._apply(said, [change], epoch)
        except EpochMoved:
            raise
        except ChangeRefused as error:
            found[change.key] = str(error)
            return ()

    def _apply(self, said: JSON, changes: Sequence[Change], epoch: int) -> tuple[AuditRow, ...]:
        if self._stopped.is_set():
            return ()
        keys = [change.key for change in changes]
        text = to_text(said)
        reason = f"{self.actor.removeprefix(ACTOR)} says {text[:200]}"
        evidence: dict[str, JSON] = {SAID: said, ROUTES: keys}
        rows = self._inner.apply(changes, actor=self.actor, reason=reason, evidence=evidence, if_epoch=epoch)
        self._said.update(dict.fromkeys(keys, text))
        return rows

    def _report(self, found: Mapping[str, str]) -> None:
        """Once per change of what is wrong."""
        if found != self.trouble:
            for key, why in found.items():
                if self.trouble.get(key) != why:
                    logger.error("%s: %s; what was last known stays.", key or self.actor, why)
            if not found:
                logger.info("%s answers again.", self.actor)
        self.trouble = found

    def _follow(self) -> None:
        """The thread: looks when the provider has news, and often enough in any case."""
        while not self._stopped.is_set():
            self._news.clear()
            try:
                self.look()
            except FlagError as error:
                self._report({"": str(error)})
            except Exception as error:  # noqa: BLE001  # the thread's edge: a provider's fault must not end it
                self._report({"": f"the provider raised {type(error).__name__}"})
            self._looked.set()
            self._news.wait(self._poll)

    def _begin(self) -> None:
        with self._starting:
            if self._thread is not None:
                return
            self._stopped.clear()
            self._looked.clear()
            for event in _EVENTS:
                self._client.add_handler(event, self._hear)
            self._thread = threading.Thread(target=self._follow, name="strangler-openfeature", daemon=True)
            self._thread.start()
        self._looked.wait(FIRST_WITHIN)

    def _hear(self, _details: EventDetails) -> None:
        self._news.set()

    # What a store does.

    def epoch(self) -> int:
        self._begin()
        return self._inner.epoch()

    def snapshot(self) -> Snapshot:
        return self._inner.snapshot()

    def apply(
        self,
        changes: Sequence[Change],
        *,
        actor: str,
        reason: str,
        gated: bool = False,
        evidence: Mapping[str, JSON] | None = None,
        if_epoch: int | None = None,
    ) -> tuple[AuditRow, ...]:
        return self._inner.apply(changes, actor=actor, reason=reason, gated=gated, evidence=evidence, if_epoch=if_epoch)

    def seed(self, keys: Iterable[str], stage: Stage, *, actor: str, reason: str) -> tuple[AuditRow, ...]:
        return self._inner.seed(keys, stage, actor=actor, reason=reason)

    def kill(self, on: bool, *, actor: str, reason: str) -> tuple[AuditRow, ...]:
        return self._inner.kill(on, actor=actor, reason=reason)

    def history(self, key: str | None = None, *, limit: int | None = None) -> tuple[AuditRow, ...]:
        return self._inner.history(key, limit=limit)

    def beat(self, worker: Worker) -> None:
        self._inner.beat(worker)

    def workers(self) -> tuple[Worker, ...]:
        return self._inner.workers()

    def now(self) -> datetime:
        return self._inner.now()

    def keep(self, evidence: Evidence) -> None:
        self._inner.keep(evidence)

    def evidence(self, key: str, *, kind: EvidenceKind | None = None, limit: int | None = None) -> tuple[Evidence, ...]:
        return self._inner.evidence(key, kind=kind, limit=limit)

    def close(self) -> None:
        """Stops following, and lets go of the inner store's connections. The provider stays the caller's."""
        with self._starting:
            thread, self._thread = self._thread, None
        if thread is not None:
            self._stopped.set()
            self._news.set()
            for event in _EVENTS:
                self._client.remove_handler(event, self._hear)
            thread.join(STOP_WITHIN)  # a provider that hangs keeps its thread, a daemon that writes no more
        self._inner.close()


def _routes(evidence: Mapping[str, JSON]) -> Sequence[Any]:
    named = evidence.get(ROUTES)
    return named if isinstance(named, list | tuple) else ()
