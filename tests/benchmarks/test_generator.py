"""The load generator: nobody's waiting is forgotten, and an answer that is none is no figure."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from benchmarks import generator
from benchmarks.generator import Load, Run, generate, outcome, request
from benchmarks.load import LoadFailed

Answer = Callable[[BaseHTTPRequestHandler], None]


class Server(ThreadingHTTPServer):
    """``answer`` writes each answer; ``bodies`` are the uploads that came whole."""

    daemon_threads = True

    def __init__(self) -> None:
        self.answer: Answer = fine
        self.bodies: list[bytes] = []
        self.paths: list[str] = []
        super().__init__(("127.0.0.1", 0), Handler)

    def handle_error(self, *_: object) -> None:
        """A client that leaves is part of these tests."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    server: Server

    def do_GET(self) -> None:
        self.server.paths.append(self.path)
        self.server.answer(self)

    def do_POST(self) -> None:
        self.server.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.answer(self)

    def log_message(self, *_: object) -> None:
        """Silent."""


def fine(handler: BaseHTTPRequestHandler) -> None:
    answer(handler, 200)


def answer(handler: BaseHTTPRequestHandler, status: int, *headers: tuple[str, str], length: bool = True) -> None:
    handler.send_response(status)
    for name, value in headers:
        handler.send_header(name, value)
    if length:
        handler.send_header("Content-Length", "2")
    handler.end_headers()
    handler.wfile.write(b"ok")
    handler.wfile.flush()


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.01,))
        thread.start()
        yield running
        running.shutdown()
        thread.join()


def load(server: Server, *requests: bytes, **options: float) -> Load:
    wanted = {"connections": 2, "seconds": 0.3, "rate": None, **options}
    return Load(server.server_address[1], requests or (request("GET", "/"),), **wanted)  # type: ignore[arg-type]


def test_whoever_would_have_come_during_a_stall_is_charged_with_it(server: Server) -> None:
    """One answer takes 0.2 s while 200 requests a second are due on one connection: forty waited, not one."""
    began = time.monotonic()
    stalled = threading.Event()

    def stall(handler: BaseHTTPRequestHandler) -> None:
        if not stalled.is_set() and time.monotonic() > began + 0.1:
            stalled.set()
            time.sleep(0.2)
        fine(handler)

    server.answer = stall
    run = Run(load(server, connections=1, seconds=0.6, rate=200))
    run.run()
    assert len(run.latencies) == 120
    assert sum(latency > 0.02 for latency in run.latencies) >= 30
    assert max(run.latencies) >= 0.2


def test_a_constant_rate_is_that_rate(server: Server) -> None:
    run = Run(load(server, seconds=0.5, rate=100))
    seconds = run.run()
    assert len(run.latencies) == 50
    assert 0.45 < seconds < 2


def test_requests_are_asked_in_turn(server: Server) -> None:
    Run(load(server, *(request("GET", f"/{number}") for number in range(3)), connections=1)).run()
    assert server.paths[:7] == ["/0", "/1", "/2", "/0", "/1", "/2", "/0"]


def test_uploads_arrive_whole(server: Server) -> None:
    body = bytes(range(256)) * 400
    run = Run(load(server, request("POST", "/", body), connections=3))
    run.run()
    assert len(server.bodies) == len(run.latencies) > 0
    assert set(server.bodies) == {body}


@pytest.mark.parametrize("announced", [True, False])
def test_a_server_that_closes_every_connection_is_asked_on_new_ones(server: Server, announced: bool) -> None:
    def close(handler: BaseHTTPRequestHandler) -> None:
        answer(handler, 200, *([("Connection", "close")] if announced else []))
        handler.close_connection = True

    server.answer = close
    run = Run(load(server))
    run.run()
    assert len(run.latencies) > 2


@pytest.mark.parametrize("status", [204, 302, 404, 500, 503])
def test_an_answer_that_is_not_a_200_is_no_figure(server: Server, status: int) -> None:
    server.answer = lambda handler: answer(handler, status)
    with pytest.raises(LoadFailed, match=str(status)):
        Run(load(server)).run()


def test_an_answer_of_unknown_length_is_no_figure(server: Server) -> None:
    server.answer = lambda handler: answer(handler, 200, length=False)
    with pytest.raises(LoadFailed, match="Content-Length"):
        Run(load(server)).run()


def test_an_answer_that_is_cut_is_no_figure(server: Server) -> None:
    def cut(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
        handler.close_connection = True

    server.answer = cut
    with pytest.raises(LoadFailed, match="middle"):
        Run(load(server)).run()


def test_no_answer_at_all_is_no_figure(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generator, "ANSWER_WITHIN", 0.2)
    leave = threading.Event()
    server.answer = lambda handler: fine(handler) if leave.wait(5) else None
    with pytest.raises(LoadFailed, match="no answer within"):
        Run(load(server, seconds=0.1)).run()
    leave.set()


def test_the_process_tells_what_the_run_found(server: Server) -> None:
    found = generate(load(server, rate=50, seconds=0.4, warm_up=0.05), core=min(os.sched_getaffinity(0)))
    assert found.answers == 20
    assert 0 < found.p50 <= found.p90 <= found.p99 <= found.worst
    assert 0 < found.busy <= 1.05


def test_the_process_tells_why_it_failed(server: Server) -> None:
    server.answer = lambda handler: answer(handler, 500)
    with pytest.raises(LoadFailed, match="500"):
        generate(load(server, warm_up=0.05), core=min(os.sched_getaffinity(0)))


def test_a_single_answer_has_figures_too(server: Server) -> None:
    run = Run(load(server, rate=5, seconds=0.2))
    found = outcome(run, run.run(), 0.0)
    assert found.answers == 1
    assert found.p50 == found.p99 == found.worst > 0
