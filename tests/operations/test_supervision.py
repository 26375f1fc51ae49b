"""Children that live and die together, in small."""

import os
import signal
import sys
import threading
import time
from pathlib import Path

import pytest

from fastapi_app.operations.refusal import ProgramFailed
from fastapi_app.operations.supervision import (
    StopRequested,
    Supervisor,
    batches,
    describe_exit,
    restart_delay,
)
from tests.operations.processes import lives, until

SLEEPER = [sys.executable, "-c", "import time; time.sleep(60)"]
STUBBORN = [
    sys.executable,
    "-c",
    "import signal, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); open(sys.argv[1], 'w'); time.sleep(60)",
]


def test_the_block_ends_all_children_last_first() -> None:
    with Supervisor() as supervisor:
        children = [supervisor.start(name, SLEEPER) for name in ("One", "Two")]
    assert [child.process.returncode for child in children] == [-signal.SIGTERM] * 2


def test_a_child_that_does_not_listen_is_killed_after_its_grace(tmp_path: Path) -> None:
    with Supervisor() as supervisor:
        child = supervisor.start("Stubborn", [*STUBBORN, str(tmp_path / "up")], grace_seconds=0.3)
        supervisor.wait_until((tmp_path / "up").exists, seconds=10, otherwise="never up")
    assert child.process.returncode == -signal.SIGKILL


def test_what_a_child_started_goes_with_it(tmp_path: Path) -> None:
    script = "import subprocess, sys; open(sys.argv[1], 'w').write(str(subprocess.Popen(['sleep', '60']).pid))"
    note = tmp_path / "pid"
    with Supervisor() as supervisor:
        supervisor.start("Parent", [sys.executable, "-c", f"{script}; import time; time.sleep(60)", str(note)])
        supervisor.wait_until(lambda: note.exists() and note.read_text() != "", seconds=10, otherwise="no child")
        grandchild = int(note.read_text())
    until(lambda: not lives(grandchild))


def test_a_death_is_told_with_the_name_and_the_reason() -> None:
    with Supervisor() as supervisor:
        supervisor.start("The clerk", [sys.executable, "-c", "raise SystemExit(7)"])
        with pytest.raises(ProgramFailed, match=r"The clerk ended unexpectedly \(exit code 7\)"):
            supervisor.watch()


def test_waiting_ends_with_the_sentence_given() -> None:
    with Supervisor() as supervisor, pytest.raises(ProgramFailed, match="It never came"):
        supervisor.wait_until(lambda: False, seconds=0.2, otherwise="It never came.")


def test_a_signal_ends_the_watch_and_handlers_are_put_back() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with Supervisor() as supervisor:
        supervisor.start("One", SLEEPER)
        os.kill(os.getpid(), signal.SIGTERM)
        with pytest.raises(StopRequested):
            supervisor.watch()
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_second_signal_ends_the_patience(tmp_path: Path) -> None:
    impatient = threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT))
    with Supervisor() as supervisor:
        child = supervisor.start("Stubborn", [*STUBBORN, str(tmp_path / "up")], grace_seconds=60)
        supervisor.wait_until((tmp_path / "up").exists, seconds=10, otherwise="never up")
        begun = time.monotonic()
        impatient.start()
    impatient.join()
    assert time.monotonic() - begun < 10
    assert child.process.returncode == -signal.SIGKILL


def test_a_child_that_may_die_is_started_again(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    script = "import sys, time; open(sys.argv[1], 'a').write('x'); time.sleep(60 * (len(open(sys.argv[1]).read()) > 1))"
    note = tmp_path / "starts"
    with Supervisor() as supervisor:
        supervisor.start("The clerk", [sys.executable, "-c", script, str(note)], restarts=True)
        supervisor.wait_until(lambda: note.exists() and note.read_text() == "xx", seconds=20, otherwise="not again")
    assert "The clerk ended (exit code 0); it starts again in 1 s." in caplog.text


def test_who_dies_again_and_again_is_waited_for() -> None:
    assert [restart_delay(deaths) for deaths in (1, 2, 3, 4, 7, 100)] == [1, 2, 4, 8, 60, 60]


def test_those_who_join_are_asked_to_end_together(tmp_path: Path) -> None:
    with Supervisor() as supervisor:
        first, second, third = (
            supervisor.start(name, SLEEPER, joins=joins) for name, joins in (("1", False), ("2", False), ("3", True))
        )
        assert batches([first, second, third]) == [[second, third], [first]]


@pytest.mark.parametrize(("code", "words"), [(3, "exit code 3"), (-9, "signal SIGKILL"), (-99, "signal 99")])
def test_an_exit_is_described(code: int, words: str) -> None:
    assert describe_exit(code) == words
