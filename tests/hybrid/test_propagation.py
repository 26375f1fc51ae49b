"""A change of a flag reaches every worker in time: four on one host, and two on each of two, over every store."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from migration_flags import Change, FlagStore, Stage
from migration_flags.stores.address import store_at
from tests.hybrid.fleet_toy import KEY, PATH
from tests.servers.fleet import Line, node, seconds_until_all
from tests.servers.mariadb import start_mariadb
from tests.servers.redis import start_redis

TOY = "tests.hybrid.fleet_toy:create"
ONE_HOST, TWO_NODES = (4,), (2, 2)
WITHIN = {ONE_HOST: 1.0, TWO_NODES: 5.0}
"""Seconds."""


@contextmanager
def address_of(kind: str, folder: Path) -> Iterator[str]:
    """A store of that kind that is there."""
    if kind == "file":
        yield f"file:{folder / 'flags.json'}"
    elif kind == "sqlite":
        yield f"sqlite:///{folder / 'flags.db'}"
    elif kind == "redis":
        with start_redis(folder / "redis") as redis:
            yield redis.url
    else:
        (folder / "mariadb").mkdir()
        with start_mariadb(folder / "mariadb") as mariadb:
            yield mariadb.create_database("flags")


@contextmanager
def fleet(
    address: str, nodes: tuple[int, ...], folder: Path, visitor: str = "", **environment: str
) -> Iterator[list[Line]]:
    """A line to every worker of every node, with the name of a visitor."""
    with ExitStack() as stack:
        told = {"TOY_STORE": address, **environment}
        started = [stack.enter_context(node(TOY, workers, told, folder)) for workers in nodes]
        yield [line for one in started for line in stack.enter_context(one.lines(authorization=visitor))]


def flips_arrive(store: FlagStore, lines: list[Line], flips: int, within: float) -> None:
    for number in range(flips):
        stage = (Stage.MODERN, Stage.LEGACY)[number % 2]
        began = time.monotonic()
        store.apply([Change(KEY, stage)], actor="test", reason="back and forth")
        seconds_until_all(lines, PATH, stage.value, began, within)


@pytest.mark.parametrize(
    ("kind", "nodes", "flips"),
    [
        ("file", ONE_HOST, 6),
        ("redis", TWO_NODES, 6),
        pytest.param("sqlite", ONE_HOST, 30, marks=pytest.mark.long),
        pytest.param("redis", ONE_HOST, 30, marks=pytest.mark.long),
        pytest.param("mariadb", ONE_HOST, 30, marks=[pytest.mark.long, pytest.mark.mariadb]),
        pytest.param("mariadb", TWO_NODES, 30, marks=[pytest.mark.long, pytest.mark.mariadb]),
    ],
)
def test_every_worker_answers_by_a_change_in_time(
    kind: str, nodes: tuple[int, ...], flips: int, tmp_path: Path
) -> None:
    with address_of(kind, tmp_path) as address, fleet(address, nodes, tmp_path) as lines:
        assert len({line.pid for line in lines}) == sum(nodes)
        store = store_at(address)
        flips_arrive(store, lines, flips, WITHIN[nodes])
        store.close()
