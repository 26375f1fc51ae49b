"""A server that refuses does not take the others' figures with it; one that is slow is asked for longer, and by us.

A round during which the machine's pace changed leaves no figures behind.
"""

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace
from itertools import chain, repeat
from pathlib import Path
from typing import Any

import pytest

from benchmarks import capacity, holding, scenario
from benchmarks.generator import Load, Outcome
from benchmarks.load import LoadFailed
from benchmarks.mixes import Contender, read_mixes
from benchmarks.quiet import Noisy, Quiet
from benchmarks.scenario import FEWEST, Asked, Run, Setting, warmed
from tests.servers.web import Web

MIXES = read_mixes()
LOAD = Load(1, (b"",), connections=32, seconds=2.0, warm_up=0.5)


def answering(monkeypatch: pytest.MonkeyPatch, rate: float) -> None:
    found = Outcome(answers=1, rate=rate, p50=1.0, p90=1.0, p99=1.0, worst=1.0, busy=0.0, late_p99=0.0)
    monkeypatch.setattr(scenario, "generate", lambda _load, _core: found)


def asked(
    monkeypatch: pytest.MonkeyPatch,
    refusing: set[str],
    *,
    paces: Sequence[float] = (),
    scenario_name: str = "list",
    heard: list[str] | None = None,
) -> list[dict[str, Any]]:
    """``paces``: of the first calibrations; ``heard``: who was asked. Each rate says how many were."""
    names = [] if heard is None else heard
    given = chain(paces, repeat(1.0))

    def one_round(_self: Asked, name: str, _rate: float | None) -> dict[str, Any]:
        if name in refusing:
            raise LoadFailed("an answer began with 503")
        names.append(name)
        return {"rate": float(len(names))}

    monkeypatch.setattr(Asked, "_round", one_round)
    monkeypatch.setattr(scenario, "_served_by", lambda _base, _request: "")
    run = Run(MIXES, MIXES.plan, Quiet(0.1, 3, False, lambda: next(given)), lambda _text: None, Path())
    servers = {name: Web("http://127.0.0.1:1", 1, Path()) for name in ("gunicorn", "hybrid-modern")}
    return list(Asked(MIXES.scenario(scenario_name), Setting("sqlite", "fixture", 0.0, 0), run, servers).cells())


def test_one_that_refuses_says_so_and_the_others_are_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = reversed(asked(monkeypatch, {"gunicorn"}))
    assert (theirs["failed"], theirs["rounds"]) == ("an answer began with 503", [])
    assert len(ours["rounds"]) == MIXES.plan.rounds


def test_who_was_asked_while_the_pace_changed_is_asked_again_in_his_turn_and_nothing_of_it_is_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    heard: list[str] = []
    theirs, ours = asked(monkeypatch, set(), paces=(1.0, 1.0, 1.0, 1.5), heard=heard)
    one, other = "gunicorn", "hybrid-modern"
    assert heard == [one, other, other, other, one, one, other]
    assert [each["rate"] for each in theirs["rounds"]] == [1.0, 5.0, 6.0]
    assert [each["rate"] for each in ours["rounds"]] == [3.0, 4.0, 7.0]


def test_the_rate_that_is_offered_is_found_at_an_even_pace(monkeypatch: pytest.MonkeyPatch) -> None:
    cells = asked(monkeypatch, set(), paces=(1.0, 1.5) * 2, scenario_name="list-offered")
    assert [one["offered"] for one in cells] == [1.5, 1.5], "half of the third, which was the first steady one"


def test_who_is_disturbed_at_every_try_is_left_out_and_the_others_are_measured(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    theirs, ours = asked(monkeypatch, set(), paces=(1.0, 1.5) * 3)
    assert "the last of 3 tries" in theirs["failed"]
    assert len(ours["rounds"]) == MIXES.plan.rounds


def test_where_all_are_disturbed_nothing_was_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Noisy, match="the last of 3 tries"):
        asked(monkeypatch, set(), paces=(1.0, 1.5) * 6)


def test_a_search_that_is_disturbed_at_every_try_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted, given = replace(MIXES.visitors, searches=1), chain((1.0, 1.5) * 3, repeat(1.0))
    found = Outcome(answers=1, rate=1.0, p50=1.0, p90=1.0, p99=1.0, worst=1.0, busy=0.0, late_p99=0.0, p95=300.0)
    monkeypatch.setattr(capacity, "generate", lambda _load, _core: found)
    monkeypatch.setattr(capacity, "requests_to", lambda *_: (b"",))
    monkeypatch.setattr(capacity, "settle", lambda *_: None)
    run = Run(MIXES, MIXES.plan, Quiet(0.1, 3, False, lambda: next(given)), lambda _text: None, Path())
    servers = {name: Web("http://127.0.0.1:1", 1, Path()) for name in ("gunicorn", "hybrid-modern")}
    theirs, ours = capacity._searches("sqlite", wanted.mixes[0], wanted, run, servers)
    assert "the last of 3 tries" in theirs["failed"]
    assert "failed" not in ours
    assert len(ours["visitors"]) == 1


def test_servers_that_are_started_anew_take_turns_too_and_one_start_is_a_round(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    heard: list[str] = []
    given = chain((1.0, 1.5), repeat(1.0))
    timing = replace(MIXES.smallest, rounds=2)
    mixes = replace(MIXES, contenders={name: MIXES.contenders[name] for name in ("werkzeug", "gunicorn")})
    run = Run(mixes, timing, Quiet(0.1, 3, False, lambda: next(given)), lambda _text: None, Path())

    def take(one: Contender, *_more: Any) -> dict[str, float]:
        heard.append(one.name)
        return {"seconds": float(len(heard))}

    monkeypatch.setattr(holding, "_start", take)
    monkeypatch.setattr(holding, "libraries", lambda *_: nullcontext({}))
    theirs, ours = holding.started(run)
    assert heard == ["werkzeug", "werkzeug", "gunicorn", "gunicorn", "werkzeug"]
    assert theirs == {"contender": "werkzeug", "rounds": [{"seconds": 2.0}, {"seconds": 5.0}]}
    assert ours == {"contender": "gunicorn", "rounds": [{"seconds": 3.0}, {"seconds": 4.0}]}


def test_a_trial_with_so_many_visitors_is_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted, given = replace(MIXES.visitors, searches=1, fewest=8, most=8), chain((1.0, 1.5), repeat(1.0))
    found = Outcome(answers=1, rate=1.0, p50=1.0, p90=1.0, p99=1.0, worst=1.0, busy=0.0, late_p99=0.0, p95=300.0)
    made = iter((found, replace(found, p95=10.0)))
    monkeypatch.setattr(capacity, "generate", lambda _load, _core: next(made))
    monkeypatch.setattr(capacity, "requests_to", lambda *_: (b"",))
    monkeypatch.setattr(capacity, "settle", lambda *_: None)
    run = Run(MIXES, MIXES.plan, Quiet(0.1, 3, False, lambda: next(given)), lambda _text: None, Path())
    servers = {"gunicorn": Web("http://127.0.0.1:1", 1, Path())}
    (cell,) = capacity._searches("sqlite", wanted.mixes[0], wanted, run, servers)
    assert cell["visitors"] == [8]
    assert run.quiet.repeated == 1


def test_where_all_refuse_nothing_was_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(LoadFailed, match="503"):
        asked(monkeypatch, {"gunicorn", "hybrid-modern"})


def test_a_slow_server_is_asked_until_there_are_enough_answers_but_not_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answering(monkeypatch, FEWEST / 2)
    load, is_slow = warmed(LOAD, 1)
    assert (load.seconds, is_slow) == (2.0, False)
    answering(monkeypatch, FEWEST / 5)
    load, is_slow = warmed(LOAD, 1)
    assert (load.seconds, is_slow) == (5.0, True)
    answering(monkeypatch, 1.0)
    assert warmed(LOAD, 1)[0].seconds == 6.0
