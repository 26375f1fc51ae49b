"""The gate does not cry wolf, and does not sleep either: both by simulation."""

import json
import math
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from benchmarks import gate
from benchmarks.compare import look_until_told
from benchmarks.gate import Judgement, chance_of, opinions, passes

PAIRS = 12


def rounds(dice: random.Random, number: int, loss: float, *, heavy: bool = True, drift: float = 0.0) -> list[float]:
    """Ratios of B over A: noise of 3 %, now and then a wild one; `drift` makes later pairs noisier, not slower."""
    found = []
    for place in range(number):
        noise = dice.gauss(0, 0.03 + drift * place / number)
        wild = dice.gauss(0, 0.3) if heavy and dice.random() < 0.1 else 0.0
        found.append(math.exp(noise + wild) * (1 - loss))
    return found


def slower(dice: random.Random, loss: float, runs: int, routes: int = 2, **more: Any) -> int:
    """In how many runs some route is called slower."""
    found = 0
    for _ in range(runs):
        ratios = {f"{one}": rounds(dice, PAIRS, loss, **more) for one in range(routes)}
        found += not passes(opinions(ratios))
    return found


@pytest.mark.parametrize("more", [{}, {"heavy": False}, {"drift": 0.1}])
def test_when_nothing_changed_it_is_silent(more: dict[str, Any]) -> None:
    assert slower(random.Random(1), 0.0, 100, **more) == 0


def test_at_the_very_edge_it_is_wrong_at_most_as_often_as_it_says() -> None:
    """A loss of just what is allowed is the worst case: one run in a hundred, over all routes and looks."""
    assert slower(random.Random(2), gate.THRESHOLD, 300) <= 5


def test_a_real_loss_is_found() -> None:
    assert slower(random.Random(3), 0.15, 20, heavy=False) >= 19


def test_one_wild_round_accuses_nobody() -> None:
    calm = [1.0, 1.01, 0.99, 1.0, 1.02, 0.98, 1.0, 1.0, 1.01, 0.99, 1.0]
    assert passes(opinions({"list": [*calm, 0.01]}))


def test_the_chance_is_counted_exactly() -> None:
    """All of four below: only one of sixteen flips is as low. Three of four equal ones: five of sixteen."""
    assert chance_of([0.5] * 4, 0.0) == 1 / 16
    assert chance_of([0.5, 0.5, 0.5, 2.0], 0.0) == 5 / 16


def test_many_pairs_are_drawn_and_agree_with_counting(monkeypatch: pytest.MonkeyPatch) -> None:
    ratios = rounds(random.Random(4), 12, 0.07, heavy=False)
    counted = chance_of(ratios, gate.THRESHOLD)
    monkeypatch.setattr(gate, "_EVERY_FLIP", 3)
    drawn = chance_of(ratios, gate.THRESHOLD)
    assert abs(drawn - counted) < 0.02
    assert drawn == chance_of(ratios, gate.THRESHOLD)


@pytest.mark.parametrize("number", [0, 1, 9])
def test_too_few_rounds_say_nothing(number: int) -> None:
    assert opinions({"list": [0.5] * number})[0].judgement is Judgement.FEW


def test_more_is_asked_only_while_something_is_open() -> None:
    asked: list[int] = []

    def looks(loss: float) -> Iterator[dict[str, list[float]]]:
        dice = random.Random(5)
        while True:
            asked.append(1)
            yield {"list": rounds(dice, PAIRS, loss, heavy=False)}

    assert look_until_told(looks(0.0))[1][0].judgement is Judgement.FINE
    assert len(asked) == 1
    ratios, found = look_until_told(looks(0.06))
    assert len(asked) <= 1 + gate.LOOKS
    assert len(ratios["list"]) == PAIRS * (len(asked) - 1)
    assert found[0].judgement in {Judgement.OPEN, Judgement.SLOWER}


@pytest.mark.parametrize(("ratios", "code"), [([1.0] * 12, 0), ([0.5] * 12, 1), ([0.5] * 3, 2), (None, 2)])
def test_the_exit_code_tells(tmp_path: Path, ratios: list[float] | None, code: int) -> None:
    file = tmp_path / "compare.json"
    file.write_text(json.dumps({"ratios": {} if ratios is None else {"list": ratios}}))
    assert gate.main([str(file)]) == code
