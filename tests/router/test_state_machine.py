"""Flags that move, requests and faults, in any order: what must hold whatever happens.

Exactly one answer to each request, never two writes, no answer of modern once it was taken back (by somebody, or by
itself) and that was acknowledged, nobody who alternates, counters that sum, and threads and connections back where they
were.
"""

import asyncio
import os
import tempfile
import threading
from collections import Counter, defaultdict
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from migration_flags import Change, ChangeRefused, Stage, Visitor, evaluate
from migration_flags.stores.sql import SQLStore
from router import Observation, Route, Router
from router.override import sign
from router.row import Side
from router.visitor_cookie import derived_key
from tests.router.asking import http_scope, until
from tests.router.rig import running

READ, WRITE, REPLAYED, ONLY_MODERN = "GET /a", "POST /a", "PUT /a", "GET /new"
KEYS = (READ, WRITE, REPLAYED)
SECRET = "a secret of the machine"
OVERRIDE = sign(derived_key(SECRET, b"override"), Side.MODERN, 4_000_000_000, "machine")

FAULTS = (
    *("none", "none", "none", "raise", "raise after start", "raise after a part", "raise after the end"),
    *("500", "501", "not implemented", "timeout", "nothing"),
)
LEAVES = ("stays", "stays", "stays", "stays", "is gone", "breaks at 0", "breaks at 1", "cancels")


@dataclass
class World:
    """What both applications are told to do, and did, by request: a thread may come to one that was given up."""

    modern_fault: str = "none"
    legacy_fault: str = "none"
    writes: Counter[int] = field(default_factory=Counter)
    entered: defaultdict[int, list[str]] = field(default_factory=lambda: defaultdict(list))


def legacy_of(world: World) -> Any:
    def legacy(environ: Any, start_response: Any) -> Any:
        number = int(environ["HTTP_X_NUMBER"])
        if "HTTP_X_STRANGLER_SHADOW" not in environ:
            world.entered[number].append("legacy")
        world.writes[number] += environ["REQUEST_METHOD"] != "GET"
        if world.legacy_fault == "raise":
            raise RuntimeError("legacy")
        start_response("200 OK", [])
        return [b"legacy"]

    return legacy


def modern_of(world: World) -> Any:
    async def modern(scope: Any, receive: Any, send: Any) -> None:
        assert scope["type"] == "http"
        headers = dict(scope["headers"])
        number = int(headers[b"x-number"])
        if b"x-strangler-shadow" not in headers:
            world.entered[number].append("modern")
        await receive()
        fault = world.modern_fault
        world.writes[number] += scope["method"] == "POST" or (scope["method"] == "PUT" and fault in {"none", "500"})
        if fault in _RAISED:
            raise _RAISED[fault]("modern")
        if fault == "nothing":
            return
        await send({"type": "http.response.start", "status": int(fault) if fault.isdigit() else 200, "headers": []})
        if fault == "raise after start":
            raise RuntimeError("modern")
        await send({"type": "http.response.body", "body": b"mod", "more_body": True})
        if fault == "raise after a part":
            raise RuntimeError("modern")
        await send({"type": "http.response.body", "body": b"ern"})
        if fault == "raise after the end":
            raise RuntimeError("modern")

    return modern


_RAISED: dict[str, type[Exception]] = {
    "raise": RuntimeError,
    "not implemented": NotImplementedError,
    "timeout": TimeoutError,
}


def identify(scope: Any) -> str | None:
    return next((f"user:{value.decode()}" for name, value in scope["headers"] if name == b"x-user"), None)


def connections() -> int:
    """Sockets and database files that this process has open."""
    found = 0
    for number in os.listdir("/proc/self/fd"):  # noqa: PTH208  # a Path would open it once more
        try:
            target = os.readlink(f"/proc/self/fd/{number}")  # noqa: PTH115  # as above
        except FileNotFoundError:
            continue  # the one that listed the folder
        found += target.startswith("socket:") or "flags.db" in target
    return found


class Broken(Exception):
    """The server can't write any more."""


class Machine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.threads, self.connections = set(threading.enumerate()), connections()
        self.runner = asyncio.Runner()
        self.world = World()
        self.folder = tempfile.TemporaryDirectory(prefix="machine-")
        self.store = SQLStore(f"sqlite:///{self.folder.name}/flags.db")
        self.seen: list[Observation] = []
        self.served: Counter[tuple[str, str, int]] = Counter()
        self.router = Router(
            legacy_of(self.world),
            modern_of(self.world),
            self.store,
            routes=[*map(Route, KEYS), Route(ONLY_MODERN, legacy=False)],
            identify=identify,
            secret=SECRET,
            replayable=[REPLAYED],
            observers=[self.seen.append],
            poll_interval=3600,
        )
        self.stack = AsyncExitStack()
        self.requests = 0
        self.latched: set[str] = set()

    @initialize()
    def start(self) -> None:
        self.runner.run(self.stack.enter_async_context(running(self.router)))

    @rule(
        key=st.sampled_from(KEYS),
        stage=st.sampled_from([*Stage, Stage.CANARY, Stage.MODERN, Stage.MODERN]),
        percent=st.sampled_from([0.0, 1.0, 50.0, 99.999, 100.0]),
        seen=st.booleans(),
    )
    def move(self, key: str, stage: Stage, percent: float, seen: bool) -> None:
        change = Change(key, stage, percent if stage is Stage.CANARY else None)
        try:
            self.store.apply([change], actor="machine", reason="moves")
        except ChangeRefused:
            return
        if seen:
            self.acknowledge()

    @rule(on=st.booleans())
    def kill(self, on: bool) -> None:
        self.store.kill(on, actor="machine", reason="kills")
        self.acknowledge()

    @rule(key=st.sampled_from(KEYS))
    def latch(self, key: str) -> None:
        """As the guard does, before the store knows."""
        self.router._refresher.latch(key)
        self.latched.add(key)

    @rule()
    def acknowledge(self) -> None:
        before = {flag.key: flag.epoch for flag in self.router._refresher.picture.snapshot}
        self.router.refresh()
        after = {flag.key: flag.epoch for flag in self.router._refresher.picture.snapshot}
        self.latched = {key for key in self.latched if after.get(key) == before.get(key)}

    @rule(
        key=st.sampled_from([*KEYS, ONLY_MODERN]),
        user=st.none() | st.integers(0, 9),
        overridden=st.sampled_from([False, False, False, True]),
        modern_fault=st.sampled_from(FAULTS),
        legacy_fault=st.sampled_from(["none", "none", "raise"]),
        client=st.sampled_from(LEAVES),
    )
    def request(
        self,
        key: str,
        user: int | None,
        overridden: bool,
        modern_fault: str,
        legacy_fault: str,
        client: str,
    ) -> None:
        world = self.world
        world.modern_fault, world.legacy_fault = modern_fault, legacy_fault
        self.requests += 1
        expected = self.expected(key, user, overridden)
        trips = self.router._oversight.rollback.trips.copy()
        sent = self.runner.run(self._request(key, user, overridden, client))
        self.latched |= {route for route, _ in self.router._oversight.rollback.trips - trips}
        entered = world.entered[self.requests]
        first = entered[0] if entered else expected
        assert first == expected, "another side was asked than the flags say"
        assert entered in ([], ["legacy"], ["modern"], ["modern", "legacy"])
        assert world.writes[self.requests] <= 1, "two writes"
        starts = [message for message in sent if message["type"] == "http.response.start"]
        ends = [message for message in sent if message["type"] == "http.response.body" and not message.get("more_body")]
        assert len(starts) <= 1, "two answers"
        assert len(ends) <= 1, "two answers"
        if starts:
            self.served[key, dict(starts[0]["headers"])[b"x-served-by"].decode(), starts[0]["status"] // 100] += 1
        if client == "stays":
            self._whole(modern_fault, starts, ends, sent)

    @rule(key=st.sampled_from(KEYS), users=st.permutations(range(10)))
    def bad_day(self, key: str, users: list[int]) -> None:
        """Modern fails everybody. Whoever still gets it by then must not: two of its trips are sure by that time."""
        asked = Counter(self.expected(key, user, False) for user in users)
        for user in users:
            self.request(key, user, False, "raise", "none", "stays")
        if asked["modern"] == len(users) and not self._firm(key):
            assert {self.expected(key, user, False) for user in users} == {"legacy"}, "nobody took it back"

    def _firm(self, key: str) -> bool:
        """Legacy's handler is gone, so there is nobody to go back to."""
        flag = self.router._refresher.picture.snapshot.get(key)
        return flag is not None and flag.stage is Stage.RETIRED

    def _whole(self, fault: str, starts: list[Any], ends: list[Any], sent: list[Any]) -> None:
        assert len(starts) == 1, "no answer"
        served = dict(starts[0]["headers"])[b"x-served-by"].decode()
        cut = self.world.entered[self.requests] == ["modern"] and fault in {"raise after start", "raise after a part"}
        assert cut or len(ends) == 1, "half an answer"
        said = b"".join(message.get("body", b"") for message in sent)
        if served != "router" and not cut:
            assert said == served.encode(), "an answer of two halves"
        if self.world.entered[self.requests] == ["modern", "legacy"]:
            assert served in {"legacy", "router"}

    def expected(self, key: str, user: int | None, overridden: bool) -> str:
        """Who must be asked first, by what was acknowledged."""
        if key == ONLY_MODERN:
            return "modern"
        snapshot = self.router._refresher.picture.snapshot
        flag = snapshot.get(key)
        retired = flag is not None and flag.stage is Stage.RETIRED
        if key in self.latched and not retired:
            return "legacy"
        visitor = Visitor(None if user is None else f"user:{user}", header=True if overridden else None)
        return "modern" if evaluate(snapshot, key, visitor).modern else "legacy"

    async def _request(self, key: str, user: int | None, overridden: bool, client: str) -> list[Any]:
        method, _, path = key.partition(" ")
        headers = [("x-number", str(self.requests))]
        headers += [] if user is None else [("x-user", str(user))]
        headers += [("x-strangler-side", OVERRIDE)] if overridden else []
        sent: list[Any] = []
        told = [{"type": "http.request", "body": b"x" if method != "GET" else b"", "more_body": False}]
        gone = client == "is gone"

        async def receive() -> Any:
            if told and not gone:
                return told.pop()
            if not gone:
                await asyncio.Event().wait()
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            if client.startswith("breaks") and len(sent) >= int(client[-1]):
                raise Broken
            sent.append(message)
            await asyncio.sleep(0)

        if method != "GET":
            headers.append(("content-length", "1"))
        task = asyncio.ensure_future(self.router(http_scope(method, path, headers), receive, send))
        if client == "cancels":
            await asyncio.sleep(0)
            task.cancel()
        await asyncio.wait([task], timeout=10)
        assert task.done(), "no end"
        if not task.cancelled():
            error = task.exception()
            assert error is None or isinstance(error, RuntimeError | Broken), error
        return sent

    @invariant()
    def counters_sum(self) -> None:
        counted = self.router.metrics.requests()
        assert sum(counted.values()) == self.requests == len(self.seen)
        assert all(counted.get((key, Side(by), status), 0) >= told for (key, by, status), told in self.served.items())
        fallbacks: Counter[Any] = self.router.stages._delivery.fallbacks
        assert sum(fallbacks.values()) <= self.requests
        assert self.router.stages._delivery.budget.under_way == 0
        assert self.router.stages._delivery.budget.retries == 0

    def teardown(self) -> None:
        try:
            self.runner.run(until(lambda: self.router.legacy.busy == 0))
            self.runner.run(self.stack.aclose())
        finally:
            self.runner.close()
            self.store.close()
            self.folder.cleanup()
        assert not any(count > 1 for count in self.world.writes.values()), "two writes, the second of them late"
        assert set(threading.enumerate()) <= self.threads, "threads were left"
        assert connections() <= self.connections, "connections were left"


TestMachine = Machine.TestCase
TestMachine.settings = settings(
    max_examples=40,
    stateful_step_count=30,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # shrinking takes minutes
    suppress_health_check=[HealthCheck.too_slow],
)
