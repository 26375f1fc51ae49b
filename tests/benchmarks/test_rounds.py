"""A server that refuses does not take the others' figures with it; one that is slow is asked for longer, and by us."""

from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from benchmarks import holding, scenario
from benchmarks.generator import Load, Outcome
from benchmarks.load import LoadFailed
from benchmarks.mixes import Contender, read_mixes
from benchmarks.quiet import Quiet
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
    scenario_name: str = "list",
    heard: list[str] | None = None,
) -> list[dict[str, Any]]:
    """``heard``: who was asked. Each rate says how many were."""
    names = [] if heard is None else heard

    def one_round(_self: Asked, name: str, _rate: float | None) -> dict[str, Any]:
        if name in refusing:
            raise LoadFailed("an answer began with 503")
        names.append(name)
        return {"rate": float(len(names))}

    monkeypatch.setattr(Asked, "_round", one_round)
    monkeypatch.setattr(scenario, "_served_by", lambda _base, _request: "")
    run = Run(MIXES, MIXES.plan, Quiet(False, lambda: 1.0), lambda _text: None, Path())
    servers = {name: Web("http://127.0.0.1:1", 1, Path()) for name in ("gunicorn", "hybrid-modern")}
    return list(Asked(MIXES.scenario(scenario_name), Setting("sqlite", "fixture", 0.0, 0), run, servers).cells())


def test_one_that_refuses_says_so_and_the_others_are_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = reversed(asked(monkeypatch, {"gunicorn"}))
    assert (theirs["failed"], theirs["rounds"]) == ("an answer began with 503", [])
    assert len(ours["rounds"]) == MIXES.plan.rounds


def test_the_order_is_reversed_in_every_other_round(monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[str] = []
    theirs, ours = asked(monkeypatch, set(), heard=heard)
    one, other = "gunicorn", "hybrid-modern"
    assert heard == [one, other, other, one] * (MIXES.plan.rounds // 2)
    assert [each["rate"] for each in theirs["rounds"]][:3] == [1.0, 4.0, 5.0]
    assert [each["rate"] for each in ours["rounds"]][:3] == [2.0, 3.0, 6.0]


def test_the_rate_that_is_offered_is_a_share_of_the_slower_control(monkeypatch: pytest.MonkeyPatch) -> None:
    cells = asked(monkeypatch, set(), scenario_name="list-offered")
    assert [one["offered"] for one in cells] == [1.0, 1.0]


def test_servers_that_are_started_anew_take_turns_too_and_one_start_is_a_round(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    heard: list[str] = []
    timing = replace(MIXES.smallest, rounds=2)
    mixes = replace(MIXES, contenders={name: MIXES.contenders[name] for name in ("werkzeug", "gunicorn")})
    run = Run(mixes, timing, Quiet(False, lambda: 1.0), lambda _text: None, Path())

    def take(one: Contender, *_more: Any) -> dict[str, float]:
        heard.append(one.name)
        return {"seconds": float(len(heard))}

    monkeypatch.setattr(holding, "_start", take)
    monkeypatch.setattr(holding, "libraries", lambda *_: nullcontext({}))
    theirs, ours = holding.started(run)
    assert heard == ["werkzeug", "gunicorn", "gunicorn", "werkzeug"]
    assert theirs == {"contender": "werkzeug", "rounds": [{"seconds": 1.0}, {"seconds": 4.0}]}
    assert ours == {"contender": "gunicorn", "rounds": [{"seconds": 2.0}, {"seconds": 3.0}]}


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
