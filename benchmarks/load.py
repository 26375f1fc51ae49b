"""Load from `wrk`, pinned to one core, and what it measured."""

import re
import shutil
import subprocess
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

CONNECTIONS = 4
_LATENCY_UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0}


class LoadGeneratorMissing(Exception):
    """There is no `wrk`."""

    def __init__(self) -> None:
        super().__init__("wrk is not installed: apt-get install wrk")


class LoadFailed(Exception):
    """Some answers were no answers, so the figures mean nothing."""


@dataclass(frozen=True)
class Measurement:
    """One run at saturation. Latencies in milliseconds."""

    requests_per_second: float
    p50: float
    p99: float
    requests: int


def measure(url: str, *, seconds: int, core: int, connections: int = CONNECTIONS) -> Measurement:
    """Asks `url` as fast as it answers. Raises LoadFailed when any answer was not 2xx or 3xx."""
    wrk = shutil.which("wrk")
    if wrk is None:
        raise LoadGeneratorMissing
    argv = ["taskset", "-c", str(core), wrk, "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", url]
    output = subprocess.run(argv, check=True, capture_output=True, text=True, timeout=seconds + 20).stdout
    return parse(output)


def warm_up(url: str, *, connections: int = CONNECTIONS) -> None:
    """Asks once per connection, so that pools are filled and statements compiled before anything is measured."""
    with ThreadPoolExecutor(connections) as clients:
        for answer in clients.map(lambda _: urllib.request.urlopen(url, timeout=30), range(connections)):
            answer.close()


def parse(output: str) -> Measurement:
    """Reads the text that wrk prints."""
    for trouble in ("Socket errors", "Non-2xx"):
        if trouble in output:
            raise LoadFailed(output)
    requests = int(_found(r"(\d+) requests in", output))
    if requests == 0:
        raise LoadFailed(f"no answer came in time:\n{output}")
    return Measurement(
        requests_per_second=float(_found(r"Requests/sec:\s+([\d.]+)", output)),
        p50=_milliseconds(_found(r"^\s+50%\s+(\S+)", output)),
        p99=_milliseconds(_found(r"^\s+99%\s+(\S+)", output)),
        requests=requests,
    )


def _found(pattern: str, output: str) -> str:
    match = re.search(pattern, output, re.MULTILINE)
    if match is None:
        raise LoadFailed(output)
    return match[1]


def _milliseconds(text: str) -> float:
    match = re.fullmatch(r"([\d.]+)(us|ms|s)", text)
    if match is None:
        raise LoadFailed(f"not a latency: {text!r}")
    return float(match[1]) * _LATENCY_UNITS[match[2]]
