"""The table in a real Chromium: search, filters, order, the keyboard, and a route opened."""

import pytest
from selenium.webdriver.common.keys import Keys

from tests.router.console.page.desk import Desk
from tests.router.console.page.world import BACK, DIFFERING, GATED, READY, World

pytestmark = pytest.mark.browser


def test_every_route_is_there_with_its_stage_and_both_sides(desk: Desk) -> None:
    desk.open()
    assert len(desk.keys) == 300
    row = desk.row("GET /api/videos/{id}/history")
    assert "canary" not in row or "legacy" in row
    assert desk.stage(DIFFERING) == "shadow"
    assert "rolled back: too many faults, 3 min ago" in desk.row(BACK)
    assert "2 findings" in desk.row(DIFFERING)
    assert "only legacy has it" in desk.row(next(k for k, r in desk.world.routes.items() if r["owner"] == "legacy"))
    assert "legacymodern" in desk.row(DIFFERING)


@pytest.mark.long
def test_search_finds_words_in_any_order_and_stays_in_the_address(desk: Desk) -> None:
    desk.open()
    desk.press("/")
    desk.browser.until("document.activeElement.id === 'q'")
    desk.press("delete genres")
    desk.browser.until("document.querySelectorAll('#rows tr').length === 3")
    assert all(key.startswith("DELETE /api/genres") for key in desk.keys)
    assert desk.text("#found") == "3 of 300 routes"
    assert desk.browser.path == "/?q=delete+genres"
    desk.open("?q=delete+genres")
    assert len(desk.keys) == 3
    desk.press("/", Keys.CONTROL + "a", "nothing at all")
    desk.browser.until("!document.getElementById('empty').hidden")
    desk.browser.click("[data-act=reset]")
    desk.browser.until("document.querySelectorAll('#rows tr').length === 300")


@pytest.mark.long
def test_filters_agree_with_their_counts(desk: Desk) -> None:
    desk.open()
    for stage in ("legacy", "shadow", "canary", "modern"):
        desk.browser.click(f"#stages [data-value={stage}]")
        desk.browser.until(f"document.querySelector('#stages [data-value={stage}]').ariaPressed === 'true'")
        told = int(desk.browser.run(f"document.querySelector('#stages [data-value={stage}] b').textContent"))
        assert len(desk.keys) == told > 0
        desk.browser.click(f"#stages [data-value={stage}]")
    desk.browser.click("#attention button")
    desk.browser.until("location.search === '?attention=1'")
    assert set(desk.keys) == {BACK, DIFFERING, GATED}


@pytest.mark.long
def test_columns_sort_both_ways_and_nothing_known_comes_last(desk: Desk) -> None:
    desk.open()
    desk.browser.click("[data-act=sort][data-value=p95]")
    desk.browser.until("location.search === '?sort=-p95'")
    assert desk.browser.run("document.querySelector('th.c-p95').ariaSort") == "descending"
    slow = [route["traffic"] for route in (desk.world.routes[key] for key in desk.keys)]
    values = [(one["modern"] or one["legacy"] or {"p95_ms": -1.0})["p95_ms"] for one in slow]
    assert values == sorted(values, reverse=True)
    desk.browser.click("[data-act=sort][data-value=p95]")
    desk.browser.until("location.search === '?sort=p95'")
    assert desk.browser.run("document.activeElement.dataset.value") == "p95"
    last = desk.world.routes[desk.keys[-1]]["traffic"]
    assert last == {"legacy": None, "modern": None}


def test_the_keyboard_alone_moves_opens_and_closes(desk: Desk) -> None:
    desk.open()
    first, second, third = desk.keys[:3]
    desk.press("j")
    desk.browser.until(f"document.activeElement.dataset.key === {first!r}")
    desk.press("j", Keys.ARROW_DOWN, "k", Keys.ENTER)
    desk.until_opened(second)
    assert desk.browser.run("document.activeElement.dataset.focus") == "panel"
    desk.press("j")
    desk.until_opened(third)
    desk.press(Keys.ESCAPE)
    desk.browser.until("document.getElementById('panel').hidden")
    assert desk.browser.run("document.activeElement.dataset.key") == third
    desk.press("?")
    desk.browser.until("document.querySelector('dialog[open]')")
    assert "roll them back" in desk.text("dialog[open]")
    desk.press(Keys.ESCAPE)
    desk.browser.until("!document.querySelector('dialog')")


def test_a_route_has_an_address_and_the_way_back_leads_to_the_table(desk: Desk) -> None:
    desk.open()
    desk.browser.run(f"document.querySelector('#rows tr[data-key=\"{DIFFERING}\"] a').click()")
    desk.until_opened(DIFFERING)
    assert desk.browser.path == "/?route=GET+%2Fapi%2Fplaylists"
    desk.browser.driver.back()
    desk.browser.until("document.getElementById('panel').hidden")
    desk.open_route(DIFFERING)
    assert desk.browser.run("document.querySelector('#rows tr[aria-current]').dataset.key") == DIFFERING
    desk.open("?route=GET+%2Fnowhere")
    desk.until_text("#panel", "There is no such route.")


def test_a_mismatch_stands_side_by_side_with_the_difference_marked(desk: Desk) -> None:
    desk.open_route(DIFFERING)
    marks = "[...document.querySelectorAll('.finding:first-of-type {}')].map(one => one.textContent)"
    assert desk.browser.run(marks.format("del")) == ["Jóga"]
    assert desk.browser.run(marks.format("ins"))[0] == "Joga"
    assert '"c"' in "".join(desk.browser.run(marks.format("ins")))
    left, right = (desk.browser.run(marks.format(f"figure:nth-child({side}) .line")) for side in (1, 2))
    assert len(left) == len(right)
    assert left[0] == right[0] == "{\n"
    desk.browser.click(".finding [aria-label='Next sample']")
    desk.until_text(".finding .target", "page=1")


def test_a_rollback_says_why_in_words_and_numbers(desk: Desk) -> None:
    desk.open_route(BACK)
    told = desk.text(".part.latch")
    assert "It took itself back from canary 5 % 3 min ago." in told
    assert "In the last minute 9 of 31 requests failed on modern, 0 of 590 requests failed on legacy." in told
    assert "9 of 412 2.2 %" in told
    desk.browser.click(".part.latch summary")
    assert '"e_value": 214.2' in desk.text(".part.latch pre")
    assert "canary 5 %" in desk.text(".part.history")


def test_the_gate_says_what_is_missing_and_the_ladder_where_it_stands(desk: Desk) -> None:
    desk.open_route(GATED)
    assert "The mirror compared 512 of 3000 requests: leave the route at shadow." in desk.text(".part.gate .missing")
    assert "strangler" not in desk.text(".part.gate .missing")
    assert desk.browser.run("document.querySelector('[aria-current=step]').title") == "shadow"
    assert "Modern asks less of its visitors than legacy does" in desk.text(".summary")
    desk.open_route(READY)
    assert "Allows the step to shadow" in desk.text(".part.gate").replace("\n", " ")


@pytest.mark.long
def test_the_history_of_all_routes_can_be_read(desk: Desk) -> None:
    desk.open()
    desk.browser.click("[data-act=history]")
    desk.until_text("#panel", "No entry was changed or taken out.")
    assert BACK in desk.text(".trail").replace("\n", " ")
    desk.browser.click(".trail a")
    desk.until_opened(BACK)


def test_the_burn_down_can_be_read_without_seeing_it(desk: Desk) -> None:
    desk.open()
    rows = desk.browser.run("[...document.querySelectorAll('#chart tbody tr')].map(row => row.textContent)")
    assert len(rows) == 41
    told = desk.browser.run("[...document.querySelectorAll('#chart .legend b')].map(one => Number(one.textContent))")
    assert told == [
        desk.world.state()["stages"][stage] for stage in ("legacy", "shadow", "canary", "modern", "retired")
    ]
    assert desk.browser.run("document.querySelectorAll('#chart path.area').length") == 5


def test_a_console_without_routes_says_so(desk: Desk) -> None:
    desk.stand_in.world = desk.world = World(0)
    desk.browser.open("/")
    desk.browser.until("!document.getElementById('empty').hidden")
    assert "There are no routes" in desk.text("#empty")
    assert "NaN" not in desk.text("body")


def test_a_change_of_colours_is_remembered(desk: Desk) -> None:
    desk.open()
    light = desk.browser.run("getComputedStyle(document.body).backgroundColor")
    desk.browser.click("[data-act=theme]")
    dark = desk.browser.run("getComputedStyle(document.body).backgroundColor")
    assert light != dark
    desk.open()
    assert desk.browser.run("getComputedStyle(document.body).backgroundColor") == dark
    desk.browser.run("localStorage.clear()")
