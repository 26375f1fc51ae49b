"""The load generator beside `wrk`, where there is one: a figure must not be the tool's own."""

import shutil
from statistics import median

from benchmarks.generator import Load, generate, request
from benchmarks.load import measure
from benchmarks.targets import Ratio
from tests.servers.web import Web

SECONDS = 1
"""wrk counts in whole ones."""


def second_opinion(server: Web, path: str, *, rounds: int, core: int, connections: int) -> Ratio | None:
    """What the generator finds of a server, over what wrk finds, in turns; None without wrk. Raises `LoadFailed`."""
    if shutil.which("wrk") is None:
        return None
    load = Load(int(server.base.rpartition(":")[2]), (request("GET", path),), connections, SECONDS)
    found = []
    for _ in range(rounds):
        theirs = measure(server.base + path, seconds=SECONDS, core=core, connections=connections)
        found.append(generate(load, core).rate / theirs.requests_per_second)
    return Ratio(f"GET {path}", "the load generator", "wrk", median(found), min(found), max(found))
