"""The mirror finds what differs, keeps no secret, and takes nothing from a visitor."""

import asyncio
import contextvars
import gc
import json
import logging
import threading
import time
import tracemalloc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from flask import Flask, jsonify

from migration_flags import Evidence, StoreUnavailable
from migration_flags.stores.memory import MemoryStore
from router.comparison.mismatch import Kind
from router.comparison.noise import Meaning
from router.comparison.summary import total
from router.comparison.waiver import Waiver
from router.mirror.control import control_of
from router.mirror.limits import MirrorLimits
from router.mirror.mirror import Mirror
from router.mirror.skip import Skip
from router.mirror.ticket import EXTENSION
from router.types import Message, Receive, Scope, Send
from router.wsgi import WSGIBackend
from tests.router.mirror.visits import (
    EVERYTHING,
    ROW,
    answering,
    compared,
    nothing_more,
    plan_of,
    running,
    scope_of,
    seen,
    until,
    visit,
)

pytestmark = pytest.mark.anyio

TODAY = datetime.now(UTC).date()
LEGACY = answering({"id": 7, "name": "one"})
HTML: list[tuple[bytes, bytes]] = [(b"content-type", b"text/html; charset=utf-8")]


async def never(scope: Scope, receive: Receive, send: Send) -> None:
    await asyncio.Event().wait()


async def raising(scope: Scope, receive: Receive, send: Send) -> None:
    raise RuntimeError("the password is hunter2")


async def test_equal_answers_are_counted_and_nothing_is_found() -> None:
    async with running(answering({"name": "one", "id": 7})) as mirror:
        sent = await visit(mirror, LEGACY)
        summary = await compared(mirror)
    assert [message["type"] for message in sent] == ["http.response.start", "http.response.body"]
    assert (summary.results, summary.findings(TODAY)) == ({"bytes": 1}, ())


async def test_equal_content_in_other_bytes_is_no_finding() -> None:
    loose = answering(body=b'{"name": "one", "id": 7}')
    async with running(loose) as mirror:
        await visit(mirror, LEGACY)
        summary = await compared(mirror)
    assert (summary.results, summary.findings(TODAY)) == ({"canonical": 1}, ())


@pytest.mark.parametrize(
    ("candidate", "field", "kind"),
    [
        (answering({"id": 7, "name": "two"}), "$.name", Kind.VALUE),
        (answering({"id": "7", "name": "one"}), "$.id", Kind.SHAPE),
        (answering({"id": 7}), "$.name", Kind.SHAPE),
        (answering({"id": 7, "name": "one"}, 404), "status", Kind.STATUS),
        (answering(body=b"<p>", headers=HTML), "header:content-type", Kind.CONTENT_TYPE),
        (raising, "exception", Kind.EXCEPTION),
    ],
)
async def test_what_differs_is_named_by_place_and_class(candidate: Any, field: str, kind: Kind) -> None:
    async with running(candidate) as mirror:
        await visit(mirror, LEGACY)
        summary = await compared(mirror)
    (found,) = summary.findings(TODAY)
    assert (found.field, found.kind) == (field, kind)
    assert summary.results == {kind.value: 1}
    assert found.meaning is (Meaning.UNSURE if kind is Kind.VALUE else Meaning.FINDING)


async def test_places_in_lists_are_one_field() -> None:
    rows, others = ({"rows": [{"name": f"{word}{number}"} for number in range(30)]} for word in ("a", "b"))
    async with running(answering(others)) as mirror:
        await visit(mirror, answering(rows))
        summary = await compared(mirror)
    assert [(one.field, one.raw) for one in summary.findings(TODAY)] == [("$.rows[*].name", 1)]


async def test_headers_of_the_server_do_not_count_and_a_clients_do() -> None:
    json_type = (b"content-type", b"application/json")
    ours = [json_type, (b"date", b"1"), (b"etag", b"1"), (b"x-request-id", b"1"), (b"set-cookie", b"s=1; HttpOnly")]
    same = [json_type, (b"date", b"2"), (b"etag", b"2"), (b"x-request-id", b"2"), (b"set-cookie", b"s=2; HttpOnly")]
    other = [json_type, (b"cache-control", b"no-store"), (b"set-cookie", b"s=1"), (b"x-powered-by", b"modern")]
    async with running(answering(1, headers=same)) as mirror:
        await visit(mirror, answering(1, headers=ours))
        assert (await compared(mirror)).findings(TODAY) == ()
    async with running(answering(1, headers=other)) as mirror:
        await visit(mirror, answering(1, headers=ours))
        found = {one.field: one.kind for one in (await compared(mirror)).findings(TODAY)}
    assert found == {
        "header:cache-control": Kind.VALUE,
        "header:set-cookie": Kind.VALUE,
        "header:x-powered-by": Kind.HEADER,
    }


async def test_a_candidate_that_hangs_is_cut_and_counted() -> None:
    async with running(never, limits=replace(EVERYTHING, least_timeout=0.05, timeout=0.05)) as mirror:
        await visit(mirror, LEGACY)
        summary = await compared(mirror)
    assert [(one.field, one.kind) for one in summary.findings(TODAY)] == [("timeout", Kind.EXCEPTION)]


async def test_a_full_queue_drops_the_newest_and_serves_everybody() -> None:
    async with running(never, limits=replace(EVERYTHING, queue=3, concurrency=2)) as mirror:
        for _ in range(9):
            assert len(await visit(mirror, LEGACY)) == 2
        assert seen(mirror).skipped == {Skip.QUEUE: 4}


async def test_the_queue_is_bounded_in_bytes() -> None:
    large = answering("x" * 1000)
    async with running(never, limits=replace(EVERYTHING, queue_bytes=2500, concurrency=1)) as mirror:
        for _ in range(5):
            await visit(mirror, large)
        assert seen(mirror).skipped == {Skip.MEMORY: 2}


async def test_so_many_a_second_and_no_more() -> None:
    async with running(LEGACY, limits=replace(EVERYTHING, rate=5), clock=lambda: 1.0) as mirror:
        for _ in range(8):
            await visit(mirror, LEGACY)
        assert seen(mirror).skipped == {Skip.RATE: 3}


async def test_the_share_is_the_flags() -> None:
    chances = iter([0.09, 0.11, 0.5, 0.0999])
    async with running(LEGACY, chance=lambda: next(chances, 1.0)) as mirror:
        for _ in range(4):
            await visit(mirror, LEGACY, at=plan_of(10))
        assert seen(mirror).skipped == {Skip.SAMPLE: 2}
        assert mirror.wants(ROW, scope_of(), plan_of(0)) is Skip.OFF


async def test_only_what_reads_is_asked_twice_and_not_where_reading_changes_something() -> None:
    async with running(LEGACY, unmirrored=["GET /other"]) as mirror:
        for method in ("POST", "PUT", "DELETE", "OPTIONS"):
            assert mirror.wants(ROW, scope_of(method=method), plan_of(100)) is Skip.METHOD
        assert mirror.wants(replace(ROW, key="GET /other"), scope_of(), plan_of(100)) is Skip.UNMIRRORED


async def test_an_answer_that_the_visitor_did_not_get_is_not_compared() -> None:
    async def leaving(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"half", "more_body": True})
        raise ConnectionError

    async with running(LEGACY) as mirror:
        with pytest.raises(ConnectionError):
            await visit(mirror, leaving)
        await visit(mirror, answering("broken", 503))
        assert seen(mirror).skipped == {Skip.CLIENT_LEFT: 1, Skip.PRIMARY_FAILED: 1}
        assert seen(mirror).compared == 0


@pytest.mark.parametrize(("size", "found"), [(300_000, []), (300_001, ["body"])])
async def test_a_large_answer_counts_by_its_digest(size: int, found: list[str]) -> None:
    plain: list[tuple[bytes, bytes]] = [(b"content-type", b"text/plain")]
    async with running(answering(body=b"x" * size, headers=plain)) as mirror:
        await visit(mirror, answering(body=b"x" * 300_000, headers=plain))
        summary = await compared(mirror)
    assert [one.field for one in summary.findings(TODAY)] == found
    assert all("xxxx" not in json.dumps(one.samples) for one in summary.findings(TODAY))


async def test_a_large_listing_is_compared_in_a_thread_and_well() -> None:
    rows = [{"id": number, "name": "a name"} for number in range(2000)]
    async with running(answering({"rows": [*rows[:-1], {"id": 1999, "name": "b"}]})) as mirror:
        await visit(mirror, answering({"rows": rows}))
        summary = await compared(mirror)
    assert [one.field for one in summary.findings(TODAY)] == ["$.rows[*].name"]


async def test_an_endless_answer_is_not_compared_and_an_endless_candidate_ends() -> None:
    async def endless(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        while True:
            await send({"type": "http.response.body", "body": b"x" * 1000, "more_body": True})
            await asyncio.sleep(0)

    async def long(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for _ in range(50):
            await send({"type": "http.response.body", "body": b"x" * 1000, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    limits = replace(EVERYTHING, response_bytes=10_000, digest_bytes=40_000)
    async with running(endless, limits=limits) as mirror:
        await visit(mirror, long)
        assert seen(mirror).skipped == {Skip.ANSWER: 1}
        await visit(mirror, answering(body=b"short", headers=[]))
        summary = await compared(mirror)
    assert [one.field for one in summary.findings(TODAY)] == ["body"]


async def test_a_streamed_answer_is_compared_when_it_is_whole() -> None:
    async def streaming(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
        for part in (b'{"id":7,', b'"name":', b'"one"}'):
            await send({"type": "http.response.body", "body": part, "more_body": True})
            await asyncio.sleep(0)
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async with running(streaming) as mirror:
        await visit(mirror, streaming)
        assert (await compared(mirror)).results == {"bytes": 1}


async def test_the_mirrored_request_is_a_detached_copy_that_says_what_it_is() -> None:
    seen_by: list[tuple[Scope, str, bytes]] = []
    whose = contextvars.ContextVar("whose", default="nobody's")

    async def candidate(scope: Scope, receive: Receive, send: Send) -> None:
        scope["state"]["database"] = "taken"
        seen_by.append((scope, whose.get(), (await receive())["body"]))
        await LEGACY(scope, receive, send)

    asked = scope_of(headers=[(b"x-strangler-shadow", b"forged"), (b"cookie", b"session=1")], query=b"a=1")
    async with running(candidate) as mirror:
        whose.set("the visitor's")
        await visit(mirror, LEGACY, asked)
        await compared(mirror)
    ((scope, context, body),) = seen_by
    assert scope["headers"] == [(b"cookie", b"session=1"), (b"x-strangler-shadow", b"1")]
    assert (scope["extensions"], context, body) == ({EXTENSION: {}}, "nobody's", b"")
    assert asked["state"] == {"database": "the real one"}


async def test_an_application_may_isolate_what_a_mirrored_request_finds() -> None:
    found: list[Any] = []

    @asynccontextmanager
    async def isolate(state: dict[str, Any]) -> AsyncIterator[dict[str, Any]]:
        yield {**state, "database": "read only"}
        found.append("closed")

    async def candidate(scope: Scope, receive: Receive, send: Send) -> None:
        found.append(scope["state"]["database"])
        await LEGACY(scope, receive, send)

    async with running(candidate, isolate=isolate) as mirror:
        await visit(mirror, LEGACY)
        await compared(mirror)
    assert found == ["read only", "closed"]


@pytest.mark.parametrize(("size", "skipped"), [(100, {}), (70_000, {Skip.REQUEST_BODY: 1})])
async def test_a_body_is_copied_as_far_as_it_is_small(size: int, skipped: dict[str, int]) -> None:
    bodies: list[bytes] = []

    async def candidate(scope: Scope, receive: Receive, send: Send) -> None:
        bodies.append((await receive())["body"])
        await LEGACY(scope, receive, send)

    async def reading(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await LEGACY(scope, receive, send)

    async def body() -> Message:
        return {"type": "http.request", "body": b"b" * size, "more_body": False}

    async with running(candidate) as mirror:
        ticket: Any = mirror.wants(ROW, scope_of(headers=[(b"content-length", b"%d" % size)]), plan_of(100))

        async def send(message: Message) -> None: ...

        await reading(ticket.scope, ticket.overhear(body), ticket.tap(send))
        mirror.offer(ticket)
        assert seen(mirror).skipped == skipped
        if not skipped:
            await compared(mirror)
            assert bodies == [b"b" * size]


SECRETS = ("hunter2", "eyJhbGciOiJIUzI1NiJ9", "anna@example.org", "0123456789abcdef0123456789abcdef", "s3cr3t-cookie")


async def test_no_secret_is_kept(caplog: pytest.LogCaptureFixture) -> None:
    def content(extra: str) -> dict[str, Any]:
        return {
            "password": f"{SECRETS[0]}{extra}",
            "note": f"{SECRETS[1]}.eyJzdWIiOiIxIn0.abc{extra} of {SECRETS[2]}, api_key={SECRETS[0]} {extra}",
            "digest": f"{SECRETS[3]}{extra}",
            SECRETS[2]: extra,
            "nested": [{"apiKey": {"deep": f"{SECRETS[0]}{extra}"}}],
        }

    cookies: list[tuple[bytes, bytes]] = [
        (b"content-type", b"application/json"),
        (b"set-cookie", f"session={SECRETS[4]}; Path=/".encode()),
    ]
    page = f"<p>token={SECRETS[0]} {SECRETS[2]}</p>".encode()
    asked = scope_of(f"/items/{SECRETS[2]}", query=f"token={SECRETS[0]}&email={SECRETS[2]}&page=2".encode())
    stored: list[Evidence] = []
    async with running(answering(content("b")), keep=stored.append, source="w") as mirror:
        await visit(mirror, answering(content("a"), headers=cookies), asked)
        await visit(mirror, answering(body=page, headers=HTML), asked)
        await visit(mirror, LEGACY, asked)
        await compared(mirror, 3)
        exposed = "".join(map(str, mirror.collect()))
    async with running(raising, keep=stored.append, source="w") as mirror:
        await visit(mirror, LEGACY, asked)
        await compared(mirror)
    written = json.dumps([piece.summary for piece in stored]) + exposed + caplog.text
    assert len(stored) == 2
    assert "$.note" in written
    assert [secret for secret in SECRETS if secret in written] == []


async def test_a_clock_is_learned_to_be_noise_and_a_difference_is_not() -> None:
    legacy = answering(lambda call: {"at": f"moment {call}", "name": "one"})
    control = answering(lambda call: {"at": f"another {call}", "name": "one"})
    candidate = answering(lambda call: {"at": f"third {call}", "name": "two" if call % 2 else "one"})
    limits = replace(EVERYTHING, noise=0.1, queue=1000, answers=1000)
    numbers = iter(range(10**6))
    async with running(candidate, control, limits=limits, chance=lambda: next(numbers) % 10 / 10) as mirror:
        for _ in range(300):
            await visit(mirror, legacy)
        summary = await compared(mirror, 300)
    assert summary.probed == 30
    assert {one.field: one.meaning for one in summary.findings(TODAY)} == {
        "$.at": Meaning.NOISE,
        "$.name": Meaning.FINDING,
    }
    assert summary.results["noise"] > 50


async def test_the_control_is_asked_in_threads_of_its_own() -> None:
    asked_in: list[str] = []
    app = Flask("legacy", static_folder=None)

    @app.get("/items/<int:number>")
    def item(number: int) -> Any:
        asked_in.append(threading.current_thread().name)
        return jsonify(id=number, name="one")

    serving = WSGIBackend(app)
    limits = replace(EVERYTHING, noise=1.0)
    async with running(answering({"id": 7, "name": "one"}), control_of(serving), limits=limits) as mirror:
        await visit(mirror, serving)
        summary = await compared(mirror)
        assert (summary.probed, serving.busy) == (1, 0)
    assert len(asked_in) == 2
    await serving.close()


async def test_a_control_that_fails_teaches_nothing() -> None:
    async with running(LEGACY, raising, limits=replace(EVERYTHING, noise=1.0)) as mirror:
        await visit(mirror, LEGACY)
        assert (await compared(mirror)).probed == 0
    async with running(LEGACY, answering("busy", 503), limits=replace(EVERYTHING, noise=1.0)) as mirror:
        await visit(mirror, LEGACY)
        assert (await compared(mirror)).probed == 0


async def test_a_waived_difference_counts_again_when_the_waiver_expires() -> None:
    waiver = Waiver("GET /items/.*", "anna", "known", date(2030, 1, 1), fields=r"\$\.name")
    moments = iter([datetime(2029, 12, 31, tzinfo=UTC)] * 2 + [datetime(2030, 1, 1, tzinfo=UTC)] * 9)
    candidate = answering({"id": 7, "name": "two"})
    async with running(candidate, waivers=[waiver], now=lambda: next(moments)) as mirror:
        await visit(mirror, LEGACY)
        summary = await compared(mirror)
        assert summary.results == {"bytes": 1}
        assert summary.findings(date(2029, 12, 31)) == ()
        assert [one.raw for one in summary.findings(date(2030, 1, 1))] == [1]
        await visit(mirror, LEGACY)
        assert (await compared(mirror, 2)).results == {"bytes": 1, "value": 1}


async def test_the_mirror_goes_off_under_strain_and_comes_back_after_a_calm(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    mirror = Mirror(None, lambda _row: LEGACY)
    mirror.running = True
    mirror.feel(0.051, 0.0)
    assert mirror.wants(ROW, scope_of(), plan_of(100)) is Skip.STRAIN
    for at, lag in ((1.0, 0.0), (5.0, 0.03), (6.0, 0.0), (15.9, 0.0)):
        mirror.feel(lag, at)
        assert mirror.off
    mirror.feel(0.0, 16.0)
    assert not mirror.off
    mirror.waited(0.2)
    mirror.feel(0.0, 17.0)
    assert "200 ms" in mirror.off
    assert [record.message.split(":")[0] for record in caplog.records] == [
        "The mirror is off",
        "The mirror is on again.",
        "The mirror is off",
    ]


async def test_workers_add_up_and_a_lost_store_loses_nothing() -> None:
    store = MemoryStore()
    down = True

    def keep(piece: Evidence) -> None:
        if down:
            raise StoreUnavailable("memory", "a test")
        store.keep(piece)

    async with running(LEGACY, keep=keep, source="one") as one, running(LEGACY, keep=store.keep, source="two") as two:
        await visit(one, LEGACY)
        await compared(one)
        await one.flush()
        assert store.evidence(ROW.key) == ()
        down = False
        await visit(two, LEGACY)
        await compared(two)
    found = store.evidence(ROW.key, kind="shadow")
    assert {piece.source for piece in found} == {"one", "two"}
    assert total(found).compared == 2
    assert total(found).shapes == {"id:int": (2, 2)}


async def test_shapes_of_requests_are_told_without_their_values() -> None:
    async with running(LEGACY) as mirror:
        await visit(mirror, LEGACY, scope_of("/items/7"))
        await visit(mirror, LEGACY, scope_of("/items/abc", query=b"page=1&sort=name&page=2"))
        await visit(mirror, LEGACY, scope_of("/items/8", query=b"anna%40example.org=1"), at=plan_of(0.001))
        summary = await compared(mirror, 2)
    assert summary.shapes == {"id:int": (1, 1), "id:text ?page&sort": (1, 1), "id:int ?[redacted]": (1, 0)}
    assert summary.coverage == pytest.approx(2 / 3)


async def test_a_thousand_mirrored_requests_leave_nothing_behind() -> None:
    async def some(mirror: Mirror, count: int) -> None:
        done = seen(mirror).compared
        for number in range(count):
            await visit(mirror, LEGACY, scope_of(f"/items/{number}"))
            if number % 50 == 49:
                await compared(mirror, done + number + 1)

    threads, tasks = set(threading.enumerate()), len(asyncio.all_tasks())
    async with running(answering({"id": 7, "name": "two"}), limits=replace(EVERYTHING, answers=1000)) as mirror:
        await some(mirror, 200)
        gc.collect()
        tracemalloc.start()
        before = tracemalloc.get_traced_memory()[0]
        await some(mirror, 1000)
        gc.collect()
        grown = tracemalloc.get_traced_memory()[0] - before
        tracemalloc.stop()
        assert len(asyncio.all_tasks()) == tasks + 2
    assert (set(threading.enumerate()) - threads, len(asyncio.all_tasks())) == (set(), tasks)
    assert grown < 100_000


async def test_a_stop_in_the_middle_is_over_in_two_seconds() -> None:
    hold = threading.Event()
    tasks = len(asyncio.all_tasks())

    async def stubborn(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            await asyncio.sleep(1.2)
            raise

    def keep(_piece: Evidence) -> None:
        hold.wait(3)

    mirror = Mirror(None, lambda _row: stubborn, EVERYTHING, keep=keep)
    await mirror.start()
    for _ in range(10):
        await visit(mirror, LEGACY)
    ended = answering({"id": 8})
    mirror._ledgers[ROW.key].compare((), datetime.now(UTC))  # so that there is something to store
    started = time.monotonic()
    await mirror.stop()
    assert time.monotonic() - started < 2.0
    assert seen(mirror).skipped == {Skip.STOPPED: 8}
    await visit(mirror, ended)
    assert seen(mirror).skipped == {Skip.STOPPED: 9}
    hold.set()
    await until(lambda: len(asyncio.all_tasks()) == tasks)


async def test_what_is_offered_never_raises() -> None:
    async with running(LEGACY) as mirror:
        ticket: Any = mirror.wants(ROW, scope_of(), plan_of(100))
        ticket.primary = None
        mirror.offer(ticket)
        assert seen(mirror).skipped == {Skip.BROKEN: 1}


async def test_metrics_count_results_drops_and_findings() -> None:
    async with running(answering({"id": "7", "name": "one"})) as mirror:
        await visit(mirror, LEGACY)
        await compared(mirror)
        await visit(mirror, answering("broken", 500))
        samples = {
            (sample.name, *sorted(sample.labels.values())): sample.value
            for family in mirror.collect()
            for sample in family.samples
        }
    assert samples == {
        ("strangler_shadow_total", ROW.key, "shape"): 1,
        ("strangler_shadow_dropped_total", "primary failed"): 1,
        ("strangler_diff_findings", ROW.key, "shape"): 1,
    }


async def test_a_mirror_can_start_again() -> None:
    mirror = Mirror(None, lambda _row: LEGACY, MirrorLimits())
    for count in (1, 2):
        await mirror.start()
        await visit(mirror, LEGACY)
        await compared(mirror, count)
        await mirror.stop()
    assert await nothing_more()
