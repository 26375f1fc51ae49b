"""wrk asks what it is told, byte for byte, and what it found is read, or refused."""

import re

import pytest

from benchmarks.generator import Load
from benchmarks.load import LoadFailed
from benchmarks.wrk import can_ask, read, script_of

FOUND = (
    'Running 1s test\nFOUND {"answers": 200, "microseconds": 2000000, "size": 5000, "refused": 0, "broken": 0, '
    '"p50": 1000.0, "p90": 2000.0, "p95": 3000.0, "p99": 4000.0, "worst": 5000.0}\n'
)


def unescaped(text: str) -> bytes:
    return bytes(int(one[1:]) if one.startswith("\\") else ord(one) for one in re.findall(r"\\\d{3}|.", text))


def test_requests_survive_with_all_their_bytes() -> None:
    request = b'POST / HTTP/1.1\r\n\r\n{"a": "\\n"}' + bytes(range(256)) + b"7"
    line = script_of([request]).splitlines()[1]
    assert line.isascii()
    assert unescaped(line.removeprefix('"').removesuffix('"')) == request


def test_what_was_found_is_in_our_units() -> None:
    outcome = read(FOUND, used=1.0)
    assert (outcome.answers, outcome.rate, outcome.busy, outcome.size) == (200, 100.0, 0.5, 5000)
    assert (outcome.p50, outcome.p95, outcome.worst) == (1.0, 3.0, 5.0)


@pytest.mark.parametrize(
    "output",
    [
        "unable to connect",
        FOUND.replace('"refused": 0', '"refused": 1'),
        FOUND.replace('"broken": 0', '"broken": 3'),
        FOUND.replace('"answers": 200', '"answers": 0'),
    ],
)
def test_answers_that_are_errors_are_no_figure(output: str) -> None:
    with pytest.raises(LoadFailed):
        read(output, used=1.0)


def test_a_constant_rate_and_parts_of_seconds_are_not_for_wrk() -> None:
    assert not can_ask(Load(1, (b"x",), 1, seconds=1.0, rate=10.0))
    assert not can_ask(Load(1, (b"x",), 1, seconds=0.3))
