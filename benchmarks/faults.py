"""How long four live workers take over what goes wrong: `python -m benchmarks.faults`, about two minutes.

Over a Redis that keeps its data, while every worker is asked all the time: one worker trips, one is killed, the store
is killed and started again. Seconds until the rest has noticed, and how many answers were none.
"""

import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.table import Table

from benchmarks.raw import RESULTS, keep
from migration_flags import Change, FlagStore, Stage, acknowledged, may_promote
from migration_flags.stores.redis import RedisStore
from tests.hybrid.fleet_toy import FACTORY, KEY, PATH
from tests.servers.fleet import Line, Node, Watch, node, seconds_until_all, until, watching
from tests.servers.redis import Redis, start_redis

WORKERS, ROUNDS = 4, 3
GIVE_UP = 60.0


@dataclass(frozen=True)
class Round:
    """Seconds by event. ``answers`` are those of workers that lived; ``wrong``: those that were no 200."""

    seconds: dict[str, float]
    answers: int
    wrong: int


def measure(folder: Path) -> Round:
    """One round with a fresh store and fresh workers."""
    seconds: dict[str, float] = {}
    with start_redis(folder / "redis", keeps=True) as redis:
        store = RedisStore(redis.url)
        with _fleet(redis, folder) as (one, lines):
            seen = [*_trip(store, lines, seconds), *_death(store, one, lines, seconds)]
        with _fleet(redis, folder) as (_, lines):
            seen += _outage(store, redis, lines, seconds, folder)
        store.close()
    answers = [answer for watch in seen for answer in watch.answers]
    return Round(seconds, len(answers), sum(answer.status != 200 for answer in answers))


def _trip(store: FlagStore, lines: list[Line], seconds: dict[str, float]) -> list[Watch]:
    """One worker's visitors have faults, at a canary of all visitors."""
    began = time.monotonic()
    store.apply([Change(KEY, Stage.CANARY, 100.0)], actor="benchmark", reason="a canary")
    seconds_until_all(lines, PATH, "modern", began, GIVE_UP)
    while lines[0].state()["reason"] != "latch":
        for visitor in ("1", "2"):
            lines[0].ask(PATH, authorization=visitor, x_fault="1")
    tripped = time.monotonic()
    with watching(lines[1:], PATH) as watches:
        seconds["a trip: the other workers answer by legacy"] = _since(
            tripped, lambda: all(watch.answers and watch.answers[-1].side == "legacy" for watch in watches)
        )
        seconds["a trip: every worker has acknowledged"] = _since(
            tripped, lambda: acknowledged(store.workers(), store.epoch(), store.now())
        )
    return watches


def _death(store: FlagStore, one: Node, lines: list[Line], seconds: dict[str, float]) -> list[Watch]:
    """kill -9, and a change right after it."""
    victim, *others = lines
    with watching(others, PATH) as watches:
        os.kill(victim.pid, signal.SIGKILL)
        died = time.monotonic()
        store.apply([Change(KEY, Stage.MODERN)], actor="benchmark", reason="after a death")
        seconds["kill -9: the others answer by the next change"] = max(
            seconds_until_all(others, PATH, "modern", died, GIVE_UP).values()
        )
        seconds["kill -9: another worker is there"] = _since(died, lambda: one.started == WORKERS + 1)
        seconds["kill -9: nobody waits for the dead one"] = _since(
            died, lambda: not may_promote(store.workers(), store.epoch(), store.now())
        )
    return watches


def _outage(store: FlagStore, redis: Redis, lines: list[Line], seconds: dict[str, float], folder: Path) -> list[Watch]:
    """The store is killed, and comes back with what it had."""
    with watching(lines, PATH) as watches:
        redis.kill()
        killed = time.monotonic()
        seconds["store killed: every worker says so"] = _since(killed, lambda: all(_troubles(lines)))
    with start_redis(folder / "redis", keeps=True):
        back = time.monotonic()
        seconds["store back: every worker follows it"] = _since(back, lambda: not any(_troubles(lines)))
        began = time.monotonic()
        store.apply([Change(KEY, Stage.LEGACY)], actor="benchmark", reason="after an outage")
        seconds["store back: a change is answered by"] = max(
            seconds_until_all(lines, PATH, "legacy", began, GIVE_UP).values()
        )
    return watches


@contextmanager
def _fleet(redis: Redis, folder: Path) -> Iterator[tuple[Node, list[Line]]]:
    with (
        node(FACTORY, WORKERS, {"TOY_STORE": redis.url}, folder) as one,
        one.lines(authorization="1") as lines,
    ):
        yield one, lines


def _troubles(lines: Sequence[Line]) -> list[object]:
    return [line.state()["trouble"] for line in lines]


def _since(began: float, condition: Callable[[], object]) -> float:
    until(condition, GIVE_UP)
    return time.monotonic() - began


def main(results: Path = RESULTS) -> int:
    """Measures, prints, keeps the raw figures. Returns the exit code."""
    console, others = Console(), os.getloadavg()[0]
    rounds = []
    for number in range(ROUNDS):
        console.print(f"Round {number + 1} of {ROUNDS} …")
        with tempfile.TemporaryDirectory() as folder:
            rounds.append(measure(Path(folder)))
    found = Table("what", "median s", "worst s")
    for what in rounds[0].seconds:
        waits = [one.seconds[what] for one in rounds]
        found.add_row(what, f"{median(waits):.2f}", f"{max(waits):.2f}")
    answers, wrong = sum(one.answers for one in rounds), sum(one.wrong for one in rounds)
    console.print(found, f"{answers} answers of workers that lived, {wrong} of them no 200.")
    console.print(f"Load average before the start: {others:.1f} on {os.cpu_count()} cores.")
    file = keep("faults", {"others": others, "rounds": [asdict(one) for one in rounds]}, results)
    console.print(f"Raw figures: {file.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
