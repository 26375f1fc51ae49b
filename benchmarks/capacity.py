"""Visitors within a limit of p95, for each contender and mix: see `visitors` for the search."""

import tempfile
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from benchmarks.asking import statuses
from benchmarks.generator import Load, generate
from benchmarks.load import LoadFailed
from benchmarks.mixes import PRODUCT, Mix, Visitors
from benchmarks.processor import settle
from benchmarks.scenario import SETTLED_WITHIN, Run, requests_to, size_of
from benchmarks.servers import contenders_running
from benchmarks.site import Place, libraries
from benchmarks.visitors import Trial, capacity, searched
from tests.servers.web import Web

_LIBRARY = "fixture"


def measured(run: Run) -> Iterator[dict[str, Any]]:
    """For every database, mix and contender, each search with its trials. Raises `LoadFailed`."""
    wanted = _smallest(run.mixes.visitors) if run.smallest else run.mixes.visitors
    mixes, size = run.mixes, size_of(_LIBRARY, run)
    for database in wanted.databases:
        with (
            tempfile.TemporaryDirectory() as folder,
            libraries(Place(database, size), mixes.plan, run.shelf, Path(folder)) as told,
            contenders_running(mixes.chosen(), mixes.applications[PRODUCT], told, mixes.plan, Path(folder)) as servers,
        ):
            for mix in wanted.mixes:
                run.say(f"Visitors on {database}, {mix.title}")
                yield from _searches(database, mix, wanted, run, servers)


def _searches(database: str, mix: Mix, wanted: Visitors, run: Run, servers: dict[str, Web]) -> Iterator[dict[str, Any]]:
    found: dict[str, list[tuple[Trial, ...]]] = {name: [] for name in servers}
    for number in range(wanted.searches):
        run.quiet.look()
        names = list(servers)
        for name in names if number % 2 == 0 else reversed(names):
            found[name].append(_searched(servers[name], mix, wanted, run))
    for name, searches in found.items():
        yield {
            "database": database,
            "mix": mix.name,
            "contender": name,
            "visitors": [capacity(trials, wanted.p95) for trials in searches],
            "trials": [[asdict(one) for one in trials] for trials in searches],
        }


def _searched(web: Web, mix: Mix, wanted: Visitors, run: Run) -> tuple[Trial, ...]:
    requests = requests_to(web, mix.requests, size_of(_LIBRARY, run))
    port = int(web.base.rpartition(":")[2])

    def ask(visitors: int) -> Trial:
        rate = visitors / wanted.think
        load = Load(
            port,
            requests,
            wanted.connections,
            wanted.seconds,
            rate,
            run.timing.warm_up,
            statuses(mix.requests),
        )
        try:
            return Trial(visitors, rate, generate(load, run.mixes.plan.load_core).p95)
        except LoadFailed as trouble:
            run.say(f"{visitors} visitors: {trouble}")
            return Trial(visitors, rate, None)
        finally:
            settle(web.pid, SETTLED_WITHIN)

    return searched(
        ask,
        limit=wanted.p95,
        fewest=wanted.fewest,
        most=wanted.most,
        exactness=wanted.exactness,
    )


def _smallest(visitors: Visitors) -> Visitors:
    return replace(visitors, most=64, searches=1, seconds=0.3, exactness=0.5, databases=visitors.databases[:1])
