"""A clock is noise, a difference is a finding, and few requests say nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.comparison.mismatch import Kind
from router.comparison.noise import AT_ONCE, Counts, Meaning, meaning


@pytest.mark.parametrize(
    ("kind", "counts", "expected"),
    [
        (Kind.VALUE, Counts(300, 30, 300, 30), Meaning.NOISE),  # a clock
        (Kind.VALUE, Counts(300, 0, 300, 30), Meaning.FINDING),
        (Kind.VALUE, Counts(199, 0, 199, 20), Meaning.UNSURE),  # too few
        (Kind.VALUE, Counts(200, 0, 200, 20), Meaning.FINDING),
        (Kind.VALUE, Counts(150, 10, 1000, 100), Meaning.NOISE),  # 150 against 100: 20 % of both, and no more
        (Kind.VALUE, Counts(151, 10, 1000, 100), Meaning.FINDING),
        (Kind.VALUE, Counts(3, 0, 10_000, 1000), Meaning.NOISE),  # 0.03 %, and no more
        (Kind.VALUE, Counts(4, 0, 10_000, 1000), Meaning.FINDING),
        (Kind.VALUE, Counts(0, 0, 1000, 100), Meaning.NOISE),
        (Kind.VALUE, Counts(50, 9, 1000, 100), Meaning.NOISE),  # legacy differs from itself more often
        (Kind.STATUS, Counts(1, 0, 1, 0), Meaning.FINDING),
        (Kind.STATUS, Counts(1, 0, 1_000_000, 1000), Meaning.FINDING),
        (Kind.SHAPE, Counts(10, 1, 100, 10), Meaning.NOISE),
        (Kind.EXCEPTION, Counts(1, 0, 5, 1), Meaning.FINDING),
    ],
)
def test_what_counts_mean(kind: Kind, counts: Counts, expected: Meaning) -> None:
    assert meaning(kind, counts) is expected


@given(
    st.sampled_from(sorted(Kind)),
    st.integers(0, 5000),
    st.integers(0, 500),
    st.integers(1, 5000),
    st.integers(0, 500),
)
def test_more_noise_never_makes_a_finding(kind: Kind, raw: int, noise: int, compared: int, probed: int) -> None:
    counts = Counts(min(raw, compared), min(noise, probed), compared, probed)
    noisier = Counts(counts.raw, min(counts.noise + 1, probed), compared, probed)
    if meaning(kind, noisier) is Meaning.FINDING:
        assert meaning(kind, counts) is Meaning.FINDING
    assert kind not in AT_ONCE or meaning(kind, counts) is not Meaning.UNSURE
