"""The runner keeps what is finished, takes again what a busy machine spoiled, and goes on after a part that failed."""

import json
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from benchmarks import bench, program
from benchmarks.bench import chosen, parts_of
from benchmarks.claims import read_claims
from benchmarks.load import LoadFailed
from benchmarks.mixes import Mixes, Program, read_mixes
from benchmarks.quiet import REFUSED
from benchmarks.scenario import Run, Setting, described, settings
from benchmarks.servers import command

MIXES = read_mixes()


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "calibrated", lambda _core: 1.0)
    monkeypatch.setattr(bench, "sleep", lambda _seconds: None)
    monkeypatch.setattr("os.getloadavg", lambda: (0.0, 0.0, 0.0))
    monkeypatch.setattr("os.sched_setaffinity", lambda _pid, _cores: None)
    monkeypatch.setattr("os.sched_getaffinity", lambda _pid: {0, 1})


def with_parts(monkeypatch: pytest.MonkeyPatch, **parts: Any) -> None:
    def known(_mixes: Mixes) -> dict[str, Any]:
        return parts

    monkeypatch.setattr(bench, "parts_of", known)
    monkeypatch.setattr(bench, "minutes", lambda _part, _mixes: 1.0)


def fine(run: Run) -> Iterator[dict[str, Any]]:
    run.quiet.look()
    yield {"rate": 1.0}


def failing(_run: Run) -> Iterator[dict[str, Any]]:
    yield {"rate": 1.0}
    raise LoadFailed("500 Internal Server Error")


def interrupted(_run: Run) -> Iterator[dict[str, Any]]:
    yield {}
    raise KeyboardInterrupt


def test_a_part_that_is_finished_is_kept_with_what_it_was_measured_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_parts(monkeypatch, one=fine)
    assert bench.main(["--into", str(tmp_path)]) == 0
    kept = json.loads((tmp_path / "one.json").read_text())
    assert kept["cells"] == [{"rate": 1.0}]
    assert kept["environment"]["python"]
    assert kept["calibrations"] == [1.0]
    assert kept["timing"]["rounds"] == MIXES.plan.rounds


def test_one_that_fails_is_noted_and_the_others_go_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with_parts(monkeypatch, one=failing, two=fine)
    assert bench.main(["--into", str(tmp_path)]) == 1
    assert not (tmp_path / "one.json").exists()
    assert (tmp_path / "two.json").exists()
    assert "one: LoadFailed: 500" in (tmp_path / "failures.txt").read_text()


def test_ctrl_c_keeps_what_is_finished_and_the_run_goes_on_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_parts(monkeypatch, one=fine, two=interrupted, three=fine)
    assert bench.main(["--into", str(tmp_path)]) == 130
    assert sorted(one.name for one in tmp_path.glob("*.json")) == ["one.json", "run.json"]
    before = (tmp_path / "one.json").read_bytes()
    with_parts(monkeypatch, one=failing, two=fine, three=fine)
    assert bench.main(["--into", str(tmp_path)]) == 0
    assert (tmp_path / "one.json").read_bytes() == before


def test_a_busy_machine_is_refused_unless_one_insists(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with_parts(monkeypatch, one=fine)
    monkeypatch.setattr("os.getloadavg", lambda: (4.0, 0.0, 0.0))
    assert bench.main(["--into", str(tmp_path / "a")]) == REFUSED == 3
    assert "load average is 4.0" in capsys.readouterr().err
    assert not (tmp_path / "a" / "one.json").exists()
    assert bench.main(["--into", str(tmp_path / "b"), "--even-if-noisy"]) == 0
    assert json.loads((tmp_path / "b" / "one.json").read_text())["noise"]


def test_what_goes_wrong_in_an_unknown_way_does_not_cost_the_other_parts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_run: Run) -> Iterator[dict[str, Any]]:
        yield {}
        raise KeyError("access_token")

    with_parts(monkeypatch, one=broken, two=fine)
    assert bench.main(["--into", str(tmp_path)]) == 1
    assert (tmp_path / "two.json").exists()
    assert "one: KeyError" in (tmp_path / "failures.txt").read_text()


def with_paces(monkeypatch: pytest.MonkeyPatch, *seconds: float) -> None:
    paces = iter(seconds)
    monkeypatch.setattr(bench, "calibrated", lambda _core: next(paces))


def test_a_program_is_run_once_and_the_pace_around_it_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    figures = iter([1])
    monkeypatch.setattr(bench, "_program", lambda _program, smallest: {"results": [next(figures)]})
    with_paces(monkeypatch, 1.0, 1.5)
    with_parts(monkeypatch, one=Program("one", "m", 1.0))
    assert bench.main(["--into", str(tmp_path)]) == 0
    kept = json.loads((tmp_path / "one.json").read_text())
    assert (kept["results"], kept["noise"]) == ([1], [])
    assert kept["calibrations"] == [1.0, 1.5]


def test_an_unknown_part_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert bench.main(["nonsense"]) == 2
    assert "there is no part nonsense" in capsys.readouterr().err


def test_parts_run_in_the_order_of_the_file() -> None:
    names = chosen([], MIXES)
    assert names == list(parts_of(MIXES)) == list(MIXES.order)
    assert chosen(["sockets", "list"], MIXES) == ["list", "sockets"]


def test_what_a_promise_is_held_against_comes_first() -> None:
    wanted = {one.part for one in read_claims() if one.origin != "report" and one.part}
    assert set(MIXES.order[: len(wanted)]) == wanted


def test_the_list_says_how_long_each_part_takes(capsys: pytest.CaptureFixture[str]) -> None:
    assert bench.main(["--list"]) == 0
    told = {line.split()[0]: float(line.split()[1]) for line in capsys.readouterr().out.splitlines()}
    assert told.pop("minutes") == pytest.approx(sum(told.values()), abs=2.0)
    assert list(told) == list(MIXES.order)
    assert all(told.values())
    assert 60 < sum(told.values()) < 150


def test_every_combination_is_asked() -> None:
    assert len(settings(MIXES.scenario("list"))) == 2
    assert [one.delay for one in settings(MIXES.scenario("database-delay"))] == [0.0, 2.0, 10.0]
    assert [one.routes for one in settings(MIXES.scenario("routes"))] == [10, 100, 300, 2_000]
    assert len(settings(MIXES.scenario("list"), smallest=True)) == 1
    assert described(Setting("mariadb", "large", 2.0, 0)) == "mariadb, library large, 2 ms to the database"


def test_each_server_is_started_as_it_would_be() -> None:
    plan, of = MIXES.plan, MIXES.contenders
    assert command(of["werkzeug"], "a:app", 1, plan) == ["benchmarks.development", "1", "a:app"]
    gunicorn = command(of["gunicorn"], "a:app", 1, plan)
    assert gunicorn[gunicorn.index("--threads") + 1] == "10"
    assert command(of["fastapi"], "a:make()", 1, plan)[:3] == ["uvicorn", "--factory", "a:make"]


def test_a_program_is_told_nothing_unless_it_is_the_smallest_run() -> None:
    one = Program("a", "m", 1.0, smallest=("--few",), constants={"ROUNDS": 1})
    assert program.told(one, smallest=False) == {"arguments": []}
    assert program.told(one, smallest=True)["constants"] == {"ROUNDS": 1}


def test_a_program_runs_in_a_process_of_its_own_for_so_long_at_most(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bench, "given_up_after", lambda _program: 0.06)
    arguments = Namespace(smallest=True, even_if_noisy=False)
    decision = next(one for one in MIXES.programs if one.name == "decision")
    with pytest.raises(LoadFailed, match="longer than"):
        bench._part("decision", decision, MIXES, arguments, [], tmp_path)


def test_every_constant_that_the_smallest_run_changes_exists(tmp_path: Path) -> None:
    for one in MIXES.programs:
        source = (Path(bench.__file__).parent / f"{one.module.rpartition('.')[2]}.py").read_text()
        for name in one.constants:
            assert f"{name} = " in source or f"{name}, " in source, f"{one.name}: {name}"
