"""One attempt in this process: every way in which a job's own code can end, and be ended."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Engine, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from fastapi_app.config import Config
from fastapi_app.database import blocking_engine
from fastapi_app.jobs import claiming, running
from fastapi_app.jobs.heartbeat import Pace
from fastapi_app.jobs.interruption import Interruption, Reason
from fastapi_app.jobs.states import Queue, State
from fastapi_app.logs import configure_logs
from fastapi_app.models import WRITES, Artist, Download, Job, JobQueue, Setting
from tests.fastapi_app.conftest import write
from tests.jobs import toys
from tests.jobs.workers import hand_in, job, until

PACE = Pace(look=0.03, beat=0.1, silence=5.0, patience=0.3)


@pytest.fixture(autouse=True)
def log_lines() -> None:
    """As in a worker: without it, tracebacks are drawn with everything that they know."""
    configure_logs("ERROR")


@pytest.fixture
def engine(config: Config) -> Iterator[Engine]:
    made = blocking_engine(config)
    yield made
    made.dispose()


@pytest.fixture
def run(config: Config, engine: Engine) -> Callable[..., Job]:
    """Hands a toy in, runs one attempt, answers the row."""

    def once(kind: str, pace: Pace = PACE, limit: int = 3) -> Job:
        [made] = hand_in(engine, kind, limit=limit)
        assert running.attempt(config, engine, Queue.METADATA, kinds=toys.KINDS, pace=pace)
        return job(engine, made)

    return once


def ask(engine: Engine, **values: Any) -> None:
    """Writes into the only row, as another process would."""
    with Session(engine.execution_options(**{WRITES: True})) as session, session.begin():
        session.execute(update(Job).values(values))


@pytest.fixture
def cancel(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Asks the running job to end, and waits until its heartbeat has heard of it."""
    request, heard = Interruption.request, threading.Event()

    def noted(self: Interruption, reason: Reason) -> None:
        request(self, reason)
        heard.set()

    def ask_and_wait() -> None:
        ask(engine, cancel_requested=True)
        heard.wait(60)

    monkeypatch.setattr(Interruption, "request", noted)
    return ask_and_wait


@contextmanager
def meanwhile(config: Config, act: Callable[[], None], *, go: bool = False, word: str = "began") -> Iterator[None]:
    """Does `act` once the job has begun; with `go` the job may end then."""

    def wait_and_act() -> None:
        until(lambda: bool(toys.marks(config, word)))
        act()
        if go:
            toys.let_go(config)

    thread = threading.Thread(target=wait_and_act)
    thread.start()
    try:
        yield
    finally:
        thread.join()


def test_nothing_to_do_is_told(config: Config, engine: Engine) -> None:
    assert not running.attempt(config, engine, Queue.METADATA, kinds=toys.KINDS)


def test_a_job_that_is_done_leaves_its_result(run: Callable[..., Job]) -> None:
    ended = run("short")
    assert (ended.state, ended.result, ended.attempts, ended.percent) == (State.COMPLETED, {"attempt": 1}, 1, 100.0)
    assert ended.active_key is None
    assert ended.finished_at is not None
    assert ended.sequence > 1_000_000


def test_what_the_job_writes_and_its_end_are_one(run: Callable[..., Job], engine: Engine) -> None:
    assert run("writing").state == State.COMPLETED
    with Session(engine) as session:
        assert session.scalar(select(Setting.value).where(Setting.key == "toy")) == "done"


def test_a_result_that_cannot_be_written_fails_the_job(run: Callable[..., Job]) -> None:
    ended = run("writing_nonsense")
    assert (ended.state, ended.error_class, ended.result) == (State.FAILED, "internal", None)


def test_a_failure_keeps_its_class_its_message_and_the_last_lines(run: Callable[..., Job]) -> None:
    ended = run("failing")
    assert (ended.state, ended.error_class, ended.error_message) == (State.FAILED, "gone", "The video was removed")
    assert ended.error_log == "line 1\nline 2"


def test_a_failure_for_now_waits_as_long_as_it_was_told(run: Callable[..., Job]) -> None:
    ended = run("failing_for_now")
    assert (ended.state, ended.attempts) == (State.RETRYING, 1)
    assert (ended.due_at - ended.created_at).total_seconds() >= 120


def test_a_failure_for_now_is_final_at_the_last_attempt(run: Callable[..., Job]) -> None:
    assert run("failing_for_now", limit=1).state == State.FAILED


@pytest.mark.parametrize(
    ("kind", "shown"),
    [
        ("short", ("completed", 100, None)),
        ("failing", ("failed", 0, "The video was removed")),
        ("failing_for_now", ("pending", 0, "Too many requests")),
    ],
)
def test_the_row_of_0_9_shows_the_end(
    config: Config, engine: Engine, kind: str, shown: tuple[str, int, str | None]
) -> None:
    download = Download(id=5, artist_id=1, title="Glass Harbor", original_url="http://example.org", status="pending")
    write(engine, Artist(id=1, name="Nova Kestrel"), download)
    hand_in(engine, kind)
    ask(engine, download_id=5)
    assert running.attempt(config, engine, Queue.METADATA, kinds=toys.KINDS, pace=PACE)
    with Session(engine) as session:
        row = session.get_one(Download, 5)
        assert (row.status, row.progress, row.error_message) == shown


def test_a_blocked_queue_pauses_itself_and_keeps_the_job(
    run: Callable[..., Job], config: Config, engine: Engine
) -> None:
    waiting = run("blocked")
    assert (waiting.state, waiting.attempts, waiting.error_class) == (State.QUEUED, 0, "disk-full")
    with Session(engine) as session:
        paused = session.get_one(JobQueue, Queue.METADATA)
        assert (paused.cause, paused.reason) == ("disk-full", "The disk is full")
    hand_in(engine, "short")
    assert not running.attempt(config, engine, Queue.METADATA, kinds=toys.KINDS)


@pytest.mark.parametrize("kind", ["broken", "lost"])
def test_a_job_that_breaks_tells_people_nothing_of_its_insides(run: Callable[..., Job], kind: str) -> None:
    ended = run(kind)
    assert (ended.state, ended.error_class) == (State.FAILED, "internal")
    assert ended.error_message == "The job broke; the log says more"
    assert ended.error_log is None


def test_a_job_of_another_version_fails(config: Config, engine: Engine, run: Callable[..., Job]) -> None:
    [made] = hand_in(engine, "short")
    ask(engine, kind="of-tomorrow")
    assert running.attempt(config, engine, Queue.METADATA, kinds=toys.KINDS)
    assert (job(engine, made).state, job(engine, made).error_class) == (State.FAILED, "unknown-kind")


def test_a_note_is_given_to_the_next_attempt(config: Config, engine: Engine, run: Callable[..., Job]) -> None:
    made = run("planning").id
    ask(engine, due_at=job(engine, made).created_at)
    assert running.attempt(config, engine, Queue.METADATA, kinds=toys.KINDS)
    assert job(engine, made).result == {"plan": {"path": "there"}}


def test_programs_answer_what_they_wrote_and_fail_with_their_last_lines(run: Callable[..., Job]) -> None:
    assert run("quick_program").result == {"output": "out\nerr\n"}
    failed = run("failing_program")
    assert (failed.error_class, failed.error_message, failed.error_log) == (
        "program",
        "sh ended with code 3",
        "the reason",
    )
    late = run("slow_program")
    assert (late.error_message, late.error_log) == ("sh took longer than 1 s", "begun")
    assert run("missing_program").error_message == "no-such-program can't be run: No such file or directory"


@pytest.mark.parametrize(
    ("asked", "state", "attempts"), [("cancel_requested", State.CANCELLED, 1), ("pause_requested", State.PAUSED, 0)]
)
def test_a_running_job_hears_what_people_ask(
    run: Callable[..., Job], config: Config, engine: Engine, asked: str, state: State, attempts: int
) -> None:
    with meanwhile(config, lambda: ask(engine, **{asked: True})):
        ended = run("long")
    assert (ended.state, ended.attempts, ended.pause_requested) == (state, attempts, False)
    assert not toys.marks(config, "ran")
    assert (ended.active_key is None) == (state == State.CANCELLED)


def test_a_cancel_ends_a_program_with_everything_it_started(
    run: Callable[..., Job], config: Config, engine: Engine
) -> None:
    note = config.data_dir / "group"

    def cancel() -> None:
        until(lambda: note.exists() and len(note.read_text().split()) == 2)
        ask(engine, cancel_requested=True)

    thread = threading.Thread(target=cancel)
    thread.start()
    begun = time.monotonic()
    assert run("program").state == State.CANCELLED
    thread.join()
    assert time.monotonic() - begun < 10
    for pid in map(int, note.read_text().split()):
        until(lambda pid=pid: not _lives(pid))  # type: ignore[misc]


def test_a_cancel_during_the_final_rename_comes_too_late(
    run: Callable[..., Job], config: Config, cancel: Callable[[], None]
) -> None:
    with meanwhile(config, cancel, go=True):
        ended = run("rename")
    assert (ended.state, ended.result, ended.cancel_requested) == (State.COMPLETED, {"placed": True}, False)


def test_a_job_that_goes_on_after_its_rename_hears_of_the_cancel(
    run: Callable[..., Job], config: Config, cancel: Callable[[], None]
) -> None:
    with meanwhile(config, cancel, go=True):
        assert run("unfinished").state == State.CANCELLED
    assert not toys.marks(config, "went on")


def test_a_library_that_swallows_the_interruption_changes_nothing(
    run: Callable[..., Job], config: Config, engine: Engine
) -> None:
    with meanwhile(config, lambda: ask(engine, cancel_requested=True)):
        assert run("swallowing").state == State.CANCELLED


def test_a_job_that_cannot_be_interrupted_is_given_up(config: Config, engine: Engine) -> None:
    """Its process would end here; the row tells the truth already, and the job's own end is not written any more."""
    [made] = hand_in(engine, "stubborn")

    def abandon() -> None:
        assert job(engine, made).state == State.CANCELLED
        toys.let_go(config)

    with meanwhile(config, lambda: ask(engine, cancel_requested=True)):
        running.attempt(config, engine, Queue.METADATA, kinds=toys.KINDS, pace=PACE, abandon=abandon)
    assert (job(engine, made).state, job(engine, made).result) == (State.CANCELLED, None)


def test_a_job_that_takes_too_long_is_tried_again(run: Callable[..., Job]) -> None:
    ended = run("brief")
    assert (ended.state, ended.error_class) == (State.RETRYING, "overdue")


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM])
def test_a_worker_that_stops_hands_the_job_back(
    run: Callable[..., Job], config: Config, number: signal.Signals
) -> None:
    before = [signal.getsignal(one) for one in (signal.SIGHUP, signal.SIGTERM, signal.SIGUSR2)]
    with meanwhile(config, lambda: os.kill(os.getpid(), number)):
        ended = run("long")
    assert (ended.state, ended.attempts) == (State.QUEUED, 0)
    assert [signal.getsignal(one) for one in (signal.SIGHUP, signal.SIGTERM, signal.SIGUSR2)] == before


def test_a_stop_that_came_before_the_job_did_is_heard(config: Config, engine: Engine) -> None:
    [made] = hand_in(engine, "long")
    assert running.attempt(config, engine, Queue.METADATA, kinds=toys.KINDS, pace=PACE, stopping=lambda: True)
    assert (job(engine, made).state, job(engine, made).attempts) == (State.QUEUED, 0)


def test_a_job_that_was_taken_away_is_left_alone(run: Callable[..., Job], config: Config, engine: Engine) -> None:
    with meanwhile(config, lambda: ask(engine, claim="somebody else", stage="theirs")):
        ended = run("long")
    assert (ended.state, ended.claim, ended.stage) == (State.RUNNING, "somebody else", "theirs")


def test_a_stale_claim_writes_nothing_at_the_end(run: Callable[..., Job], config: Config, engine: Engine) -> None:
    """The heartbeat never looked: only the condition of the last write stands between the two."""
    with meanwhile(config, lambda: ask(engine, claim="somebody else", attempts=2), go=True):
        ended = run("long", Pace(look=60.0))
    assert (ended.state, ended.claim, ended.result) == (State.RUNNING, "somebody else", None)


def test_a_job_without_a_sign_of_life_for_too_long_gives_itself_up(
    run: Callable[..., Job], config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> bool:
        raise OperationalError("", None, ConnectionResetError())

    monkeypatch.setattr("fastapi_app.jobs.heartbeat.Heartbeat._wrote", away)
    ended = run("long", Pace(look=0.03, beat=0.05, silence=0.3))
    assert ended.state == State.RUNNING
    assert not toys.marks(config, "ran")


def test_progress_is_in_the_row_before_the_end(run: Callable[..., Job], config: Config, engine: Engine) -> None:
    seen: list[Any] = []

    def look() -> None:
        def told() -> bool:
            with Session(engine) as session:
                row = session.execute(select(Job.percent, Job.stage, Job.sequence)).one()
            seen[:] = list(row)
            return row.percent is not None

        until(told)

    with meanwhile(config, look, go=True):
        run("long")
    assert seen[:2] == [42.0, "waiting"]
    assert seen[2] > 1_000_000


def test_a_database_that_is_away_at_the_end_is_waited_for(
    run: Callable[..., Job], monkeypatch: pytest.MonkeyPatch
) -> None:
    from fastapi_app.jobs import finishing

    written, tries = finishing._finished, []

    def away_twice(*arguments: Any) -> Any:
        tries.append(1)
        if len(tries) < 3:
            raise OperationalError("", None, ConnectionResetError())
        return written(*arguments)

    monkeypatch.setattr(finishing, "_finished", away_twice)
    assert run("short").state == State.COMPLETED
    assert len(tries) == 3


def test_an_end_whose_answer_was_lost_is_not_written_twice(
    run: Callable[..., Job], engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    from fastapi_app.jobs import finishing

    written = finishing._finished
    answers: list[Any] = []

    def answer_lost(*arguments: Any) -> Any:
        answers.append(written(*arguments))
        if len(answers) == 1:
            raise OperationalError("", None, ConnectionResetError())
        return answers[-1]

    monkeypatch.setattr(finishing, "_finished", answer_lost)
    assert run("writing").state == State.COMPLETED
    assert [answer.state for answer in answers] == [State.COMPLETED] * 2
    with Session(engine) as session:
        assert len(session.scalars(select(Setting).where(Setting.key == "toy")).all()) == 1


def test_one_of_many_gets_a_job(engine: Engine) -> None:
    hand_in(engine, *["short"] * 12)
    taken: list[int] = []
    together = threading.Barrier(4)

    def take_all() -> None:
        together.wait()
        while (found := claiming.take(engine, Queue.METADATA)) is not None:
            taken.append(found[0].task.id)

    threads = [threading.Thread(target=take_all) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == list(range(1, 13))


def _lives(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as status:  # noqa: PTH123
            return status.read().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
