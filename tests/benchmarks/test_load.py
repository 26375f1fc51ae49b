"""A figure is what the load generator printed, or there is none."""

import pytest

from benchmarks.load import LoadFailed, Measurement, parse

GOOD = """Running 1s test @ http://127.0.0.1:5000/api/health
  1 threads and 32 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency    13.42ms    2.10ms  31.20ms   75.50%
    Req/Sec     2.40k   120.00     2.60k    66.67%
  Latency Distribution
     50%   13.10ms
     75%   14.00ms
     90%  900.50us
     99%    1.02s
  2390 requests in 1.00s, 1.20MB read
Requests/sec:   2388.12
Transfer/sec:      1.20MB
"""


def test_units_become_milliseconds() -> None:
    assert parse(GOOD) == Measurement(requests_per_second=2388.12, p50=13.1, p99=1020.0, requests=2390)


@pytest.mark.parametrize(
    "trouble",
    [
        "  Non-2xx or 3xx responses: 7\n",
        "  Socket errors: connect 0, read 3, write 0, timeout 0\n",
    ],
)
def test_answers_that_were_none_are_no_figure(trouble: str) -> None:
    with pytest.raises(LoadFailed):
        parse(GOOD + trouble)


def test_no_answer_at_all_is_no_figure() -> None:
    with pytest.raises(LoadFailed, match="no answer"):
        parse(GOOD.replace("2390 requests", "0 requests"))


def test_an_output_that_nobody_knows_is_no_figure() -> None:
    with pytest.raises(LoadFailed):
        parse("unable to connect to 127.0.0.1:5000 Connection refused\n")
