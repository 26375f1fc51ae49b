"""The mirror's rate holds, whatever the clock does."""

from hypothesis import given
from hypothesis import strategies as st

from router.mirror.rate import Rate


@given(st.lists(st.floats(-1.0, 1.0), max_size=200), st.floats(0.5, 50.0))
def test_never_more_than_the_rate_and_one_pause_allow(steps: list[float], per_second: float) -> None:
    rate = Rate(per_second)
    times = [0.0]
    passed = 0
    for step in steps:
        times.append(times[-1] + step)
        passed += rate.take(times[-1])
        elapsed = max(times[1:]) - times[1]
        assert passed <= max(1.0, per_second) + elapsed * per_second + 1e-6


def test_a_pause_fills_it_up() -> None:
    rate = Rate(5)
    assert [rate.take(0.0) for _ in range(6)] == [True] * 5 + [False]
    assert [rate.take(0.2) for _ in range(2)] == [True, False]
    assert [rate.take(100.0) for _ in range(6)] == [True] * 5 + [False]
