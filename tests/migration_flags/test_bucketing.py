"""A visitor stays where he was, raising only adds, and journeys are drawn apart."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migration_flags import bucket
from migration_flags.bucketing import BUCKETS, threshold

VECTORS: list[dict[str, Any]] = json.loads((Path(__file__).parent / "vectors" / "bucketing.json").read_text())
CRITICAL_99 = 148.23
"""Chi-square with 99 degrees of freedom: exceeded once in a thousand draws. The ids are fixed, so this is no gamble."""

percents = st.integers(0, BUCKETS).map(lambda steps: steps / 1000)


def _chi_square(counts: list[int]) -> float:
    expected = sum(counts) / len(counts)
    return sum((count - expected) ** 2 / expected for count in counts)


def test_buckets_are_what_they_were() -> None:
    assert [bucket(vector["salt"], vector["unit"]) for vector in VECTORS] == [vector["bucket"] for vector in VECTORS]


@pytest.mark.long
def test_a_million_visitors_are_spread_evenly() -> None:
    counts = [0] * 100
    for number in range(1_000_000):
        counts[bucket("GET /api/videos", f"user:{number}") // 1000] += 1
    assert _chi_square(counts) < CRITICAL_99


def test_two_journeys_are_drawn_apart() -> None:
    """The first tenth of one journey is spread evenly over the other's tenths."""
    counts = [0] * 10
    for number in range(100_000):
        unit = f"user:{number}"
        if bucket("checkout", unit) < BUCKETS // 10:
            counts[bucket("search", unit) * 10 // BUCKETS] += 1
    assert _chi_square(counts) < 27.88  # 9 degrees of freedom, once in a thousand


@given(st.text(), st.text())
def test_salt_and_unit_make_a_bucket_whatever_they_hold(salt: str, unit: str) -> None:
    assert 0 <= bucket(salt, unit) < BUCKETS
    assert bucket(salt, unit) == bucket(salt, unit)


@given(st.text(), percents, percents)
def test_raising_only_adds(unit: str, one: float, other: float) -> None:
    low, high = sorted((one, other))
    number = bucket("GET /a", unit)
    assert number >= threshold(low) or number < threshold(high)


@given(st.text())
def test_nobody_and_everybody_are_exact(unit: str) -> None:
    assert not bucket("GET /a", unit) < threshold(0)
    assert bucket("GET /a", unit) < threshold(100)


@given(st.integers(0, BUCKETS))
def test_every_step_is_one_bucket(steps: int) -> None:
    assert threshold(steps / 1000) == steps


@pytest.mark.parametrize("percent", [None, float("nan"), -1.0, float("-inf")])
def test_what_is_no_percentage_takes_nobody(percent: float | None) -> None:
    assert threshold(percent) == 0


def test_half_a_character_is_a_unit_as_any_other() -> None:
    assert 0 <= bucket("\ud800", "user:\udfff") < BUCKETS
    assert bucket("\ud800", "user:1") != bucket("\ud801", "user:1")


@pytest.mark.parametrize(("percent", "share"), [(-5.0, 0), (0.001, 1), (100.0, BUCKETS), (1000.0, BUCKETS)])
def test_a_percentage_never_takes_less_than_none_or_more_than_all(percent: float, share: int) -> None:
    assert threshold(percent) == share
