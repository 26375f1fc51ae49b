"""The page's pure parts, by values, where they run: in the browser."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.pages.browser import Browser
from tests.router.console.page.desk import Desk

pytestmark = pytest.mark.browser

Call = Callable[[str, str], Any]


@pytest.fixture
def call(desk: Desk, window: Browser) -> Call:
    """The value of an expression over a module of the page, which is called ``it``."""
    desk.open()

    def called(module: str, expression: str) -> Any:
        done = "const done = arguments[0];"
        script = f"{done} import(`${{location.pathname}}assets/{module}.js`).then(it => done({expression}))"
        return window.driver.execute_async_script(script)

    return called


def test_numbers_never_look_rounder_than_they_are(call: Call) -> None:
    pairs = [[0, 50], [1, 20000], [1, 900], [7, 100], [25, 50], [2791, 2840], [99999, 100000], [50, 50], [0, 0]]
    shares = ["0 %", "< 0.01 %", "0.11 %", "7 %", "50 %", "98.3 %", "> 99.99 %", "100 %", "–"]
    assert call("numbers", f"{pairs}.map(([part, whole]) => it.share(part, whole))") == shares
    durations = ["0 ms", "0.42 ms", "3.3 ms", "18 ms", "180 ms", "1.23 s", "65.0 s", "–"]
    assert call("numbers", "[0, 0.42, 3.25, 18, 180.4, 1234, 65000, null].map(it.duration)") == durations
    spans = ["just now", "12 s ago", "1 min ago", "2 h ago", "1 day ago", "2 days ago"]
    began = "'1970-01-01T00:00:00Z'"
    assert call("numbers", f"[0, 12, 70, 7300, 90000, 200000].map(s => it.ago({began}, s * 1000))") == spans


def test_a_difference_keeps_lines_beside_each_other(call: Call) -> None:
    shown = call("difference", "it.difference({ a: 1, b: [1, 2], c: 3 }, { a: 1, b: [1, 2, 4], d: 3 })")
    assert len(shown["left"]) == len(shown["right"])
    kinds = [[line["kind"] for line in shown[side]] for side in ("left", "right")]
    assert kinds[0][0] == kinds[1][0] == "same"
    assert "changed" in kinds[0]
    for side, value in (("left", '"c": 3'), ("right", '"d": 3')):
        assert any(value in "".join(part["text"] for part in line["parts"]) for line in shown[side])


def test_values_alike_have_no_mark_and_long_ones_end_soon(call: Call) -> None:
    assert (
        call("difference", "it.difference('{\"a\": [1]}', { a: [1] }).left.every(line => line.kind === 'same')") is True
    )
    twice, thrice = (f"Array.from({{ length: 4000 }}, (_, at) => at * {by})" for by in (2, 3))
    lines = call("difference", f"it.difference({twice}, {thrice}).left.length")
    assert lines >= 4000
    assert (
        call("difference", "it.difference(null, undefined).right[0].parts.map(part => part.text).join('')")
        == "(nothing)"
    )


def test_an_alignment_is_the_longest_one(call: Call) -> None:
    pairs = call("difference", "it.align([...'ABCBDAB'], [...'BDCABA'], (one, other) => one === other)")
    assert sum(one is not None and other is not None for one, other in pairs) == 4
    assert "".join(one for one, _ in pairs if one) == "ABCBDAB"
    assert "".join(other for _, other in pairs if other) == "BDCABA"


def test_an_address_is_read_back_as_it_was_written(call: Call) -> None:
    address = "?q=GET+%2Fapi&stage=canary&owner=both&route=PUT+%2Fa%2F%7Bid%7D&attention=1&sort=-p95"
    assert call("view", f"it.write(it.read('{address}'))") == address
    assert call("view", "it.write(it.read('?sort=-__proto__&x=1'))") == "?"


def test_a_trip_is_told_in_words_whatever_was_recorded(call: Call) -> None:
    told = call(
        "trip", "['burst', 'rate', 'sequential', 'latency', 'contract', 'other'].map(trip => it.sentence({ trip }))"
    )
    assert all(one.endswith(".") and "undefined" not in one for one in told)
    slow = "it.sentence({ trip: 'latency', evidence: { latency: { modern_p95_ms: 820, legacy_p95_ms: 120 } } })"
    assert call("trip", slow) == "Modern's p95 was 820 ms, legacy's 120 ms."


def test_a_step_that_holds_for_long_is_stuck_and_a_flat_chart_has_no_gaps(call: Call) -> None:
    route = "{ owner: 'both', stage: 'shadow', updated_at: '2026-01-01T00:00:00Z', demands: 'laxer' }"
    now = "Date.parse('2026-01-09T00:00:00Z')"
    assert call("route", f"it.attention({route}, {now}).map(one => one.kind)") == ["laxer", "stuck"]
    point = "{ at: '2026-01-01T00:00:00Z', legacy: 3, shadow: 0, canary: 0, modern: 1, retired: 0 }"
    areas = call("chart", f"it.layout([{point}], 400).areas.map(one => one.path)")
    assert len(areas) == 5
    assert all("NaN" not in path for path in areas)
    assert areas[0].startswith("M34 ")
    assert "H399V" in areas[0]
