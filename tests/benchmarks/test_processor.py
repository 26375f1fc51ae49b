"""How busy a server was is read from the system, children included."""

import os
import subprocess
import sys
import time

from benchmarks.processor import processor_seconds, settle

BURN = "import time\nwhile time.process_time() < 0.2: pass\nprint('done', flush=True)\ninput()"
PARENT = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {BURN!r}])"


def test_the_time_of_children_counts() -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == b"done\n"
        assert 0.15 < processor_seconds(process.pid) < 2
    finally:
        process.communicate(b"\n", timeout=10)


def test_a_group_without_processes_used_nothing() -> None:
    assert processor_seconds(2**22 + 1) == 0


def test_our_own_group_has_used_something() -> None:
    deadline = time.process_time() + 0.05
    while time.process_time() < deadline:
        pass
    assert processor_seconds(os.getpgrp()) > 0


def test_what_is_left_of_a_load_is_waited_for_and_not_for_ever() -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", BURN], stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
    )
    try:
        began = time.monotonic()
        while processor_seconds(process.pid) < 0.05 and time.monotonic() < began + 5:
            time.sleep(0.01)
        settle(process.pid, 5.0)
        assert processor_seconds(process.pid) > 0.18
        began = time.monotonic()
        settle(process.pid, 0.0)
        assert time.monotonic() < began + 1
    finally:
        process.communicate(b"\n", timeout=10)
