"""A change of a flag reaches every worker in time: four on one host, and two on each of two, over every store.

SQLite and MariaDB under four workers are asked in `tests/router/test_workers.py`, too.
"""

import time
from pathlib import Path

import pytest

from migration_flags import Change, FlagStore, Stage
from migration_flags.stores.address import store_at
from tests.hybrid.fleet_toy import FACTORY, KEY, PATH
from tests.servers.flag_stores import address_of
from tests.servers.fleet import Line, fleet, seconds_until_all

ONE_HOST, TWO_NODES = (4,), (2, 2)
WITHIN = {ONE_HOST: 1.0, TWO_NODES: 5.0}
"""Seconds."""


def flips_arrive(store: FlagStore, lines: list[Line], flips: int, within: float) -> None:
    for number in range(flips):
        stage = (Stage.MODERN, Stage.LEGACY)[number % 2]
        began = time.monotonic()
        store.apply([Change(KEY, stage)], actor="test", reason="back and forth")
        seconds_until_all(lines, PATH, stage.value, began, within)


@pytest.mark.parametrize(
    ("kind", "nodes", "flips"),
    [
        ("redis", TWO_NODES, 6),
        pytest.param("file", ONE_HOST, 30, marks=pytest.mark.long),
        pytest.param("sqlite", ONE_HOST, 30, marks=pytest.mark.long),
        pytest.param("redis", ONE_HOST, 30, marks=pytest.mark.long),
        pytest.param("mariadb", ONE_HOST, 30, marks=[pytest.mark.long, pytest.mark.mariadb]),
        pytest.param("mariadb", TWO_NODES, 30, marks=[pytest.mark.long, pytest.mark.mariadb]),
    ],
)
def test_every_worker_answers_by_a_change_in_time(
    kind: str, nodes: tuple[int, ...], flips: int, tmp_path: Path
) -> None:
    with (
        address_of(kind, tmp_path) as address,
        fleet(FACTORY, nodes, {"TOY_STORE": address}, tmp_path) as lines,
    ):
        assert len({line.pid for line in lines}) == sum(nodes)
        store = store_at(address)
        flips_arrive(store, lines, flips, WITHIN[nodes])
        store.close()
