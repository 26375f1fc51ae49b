"""The short form of `make bench-bridge` runs to its end; its figures are of no interest here."""

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from benchmarks import contenders, strangler
from benchmarks.overhead import PROCESSES, measure_overheads
from benchmarks.second_opinion import second_opinion
from benchmarks.strangler import Plan, main
from benchmarks.toys import serve
from benchmarks.toys.legacy import RECORD, ROWS
from benchmarks.toys.modern import create_modern
from tests.servers.web import Web

SHORT = Plan(
    turns=1,
    turn_seconds=0.2,
    close=1,
    closest=1,
    rounds=1,
    seconds=0.2,
    warm_up=0.05,
    calls=100,
    loads=("json",),
    offered_connections=8,
)
TWO_CORES = pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="one core for the server, one for the load")


@TWO_CORES
@pytest.mark.long
def test_everything_is_measured_printed_and_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    absent = replace(contenders.GRANIAN, name="absent", needs="no_such_module")
    among = (*contenders.CONTROLS, contenders.LEGACY_DOOR, absent)
    monkeypatch.setattr(strangler, "ALL_ROUTES", among)
    assert main(SHORT, tmp_path) == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert "absent was skipped: no_such_module is not installed." in printed
    assert "Promised and found" in printed
    (file,) = tmp_path.glob("bridge-*.json")
    kept = json.loads(file.read_text())
    asked = {(cell["load"].partition(" at ")[0], cell["contender"]) for cell in kept["cells"]}
    names = {one.name for one in among if one is not absent}
    assert {name for load, name in asked if load == "json"} == {*names, "gunicorn gthread, again"}
    assert {name for load, name in asked if load.startswith("300")} == {one.name for one in contenders.MANY_ROUTES}
    assert all(outcome["answers"] > 0 for cell in kept["cells"] for outcome in cell["rounds"])
    assert len(kept["verdicts"]) == 6
    assert kept["environment"]["processor"]
    assert (kept["generator_against_wrk"] is None) is (shutil.which("wrk") is None)


def test_what_the_bridge_adds_is_more_than_nothing() -> None:
    first, *others = measure_overheads(200, core=min(os.sched_getaffinity(0)))
    assert 0 < first.bare < first.bridge
    assert first.modern > 0
    assert first.of_bridge == first.bridge - first.bare
    assert len(others) == PROCESSES - 1
    assert sum(one.of_bridge <= first.of_bridge for one in others) == PROCESSES // 2


def test_without_wrk_there_is_no_second_opinion(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert second_opinion(Web("http://127.0.0.1:1", 0, tmp_path), "/json", rounds=1, core=0, connections=1) is None


def test_one_core_is_not_enough(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0})
    assert main(SHORT, tmp_path) == 1


@pytest.mark.parametrize("factory", [serve.bridge, serve.a2wsgi, serve.legacy_behind_the_door, create_modern])
def test_what_is_compared_does_the_same_work(factory: Callable[[], Any]) -> None:
    with TestClient(factory()) as http:
        assert http.get("/json").json() == RECORD
        assert http.get("/page").text.count("<tr>") == ROWS
        assert http.post("/upload", files={"file": b"x" * 1000}).json() == {"received": 1000}


@pytest.mark.parametrize(
    ("factory", "path"),
    [
        (serve.modern_behind_the_door, "/page"),
        (serve.record_behind_the_door, "/json"),
        (serve.nouns_behind_the_door, "/api/noun299/7"),
    ],
)
def test_the_modern_side_answers_where_it_is_measured(factory: Callable[[], Any], path: str) -> None:
    with TestClient(factory()) as http:
        answer = http.get(path)
    assert (answer.status_code, answer.headers["x-served-by"]) == (200, "modern")


def test_every_contender_has_a_pool_of_the_same_size_or_none() -> None:
    for contender in (*contenders.ALL_ROUTES, *contenders.ONE_ROUTE, *contenders.MANY_ROUTES):
        told = [part for part in contender.command if part == str(serve.THREADS)]
        assert len(told) == (1 if contender in {contenders.GUNICORN, contenders.GRANIAN} else 0)
