"""A change of a flag reaches every worker in time: four on one host, and two on each of two, over every store.

The short form is elsewhere: SQLite and MariaDB in `tests/router/test_workers.py`, Redis in `test_store_outage.py`, a
file in `test_worker_death.py`.
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
FLIPS = 30


def flips_arrive(store: FlagStore, lines: list[Line], flips: int, within: float) -> None:
    for number in range(flips):
        stage = (Stage.MODERN, Stage.LEGACY)[number % 2]
        began = time.monotonic()
        store.apply([Change(KEY, stage)], actor="test", reason="back and forth")
        seconds_until_all(lines, PATH, stage.value, began, within)


@pytest.mark.long
@pytest.mark.parametrize(
    ("kind", "nodes"),
    [
        ("file", ONE_HOST),
        ("sqlite", ONE_HOST),
        ("redis", ONE_HOST),
        ("redis", TWO_NODES),
        pytest.param("mariadb", ONE_HOST, marks=pytest.mark.mariadb),
        pytest.param("mariadb", TWO_NODES, marks=pytest.mark.mariadb),
    ],
)
def test_every_worker_answers_by_a_change_in_time(kind: str, nodes: tuple[int, ...], tmp_path: Path) -> None:
    with (
        address_of(kind, tmp_path) as address,
        fleet(FACTORY, nodes, {"TOY_STORE": address}, tmp_path) as lines,
    ):
        assert len({line.pid for line in lines}) == sum(nodes)
        store = store_at(address)
        flips_arrive(store, lines, FLIPS, WITHIN[nodes])
        store.close()
