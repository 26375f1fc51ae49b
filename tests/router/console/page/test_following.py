"""The page follows the flags: by its stream, by asking where there is none, and says what it knows no longer."""

import pytest

from tests.router.console.page.desk import Desk
from tests.router.console.page.world import GATED, READY

pytestmark = [pytest.mark.browser, pytest.mark.long]

WATCH = """
window.changed = new Set();
const note = ({ target }) => changed.add(target.parentElement.closest("tr")?.dataset.key);
const told = { subtree: true, childList: true, characterData: true, attributes: true };
new MutationObserver((all) => all.forEach(note)).observe(document.getElementById("rows"), told);
"""


def test_a_rollback_arrives_while_somebody_looks(desk: Desk) -> None:
    desk.open_route(GATED)
    desk.world.routes[GATED].update(stage="canary", percent=5.0)
    desk.world.epoch = 13
    desk.stand_in.news()
    desk.until_stage(GATED, "canary 5 %")
    desk.world.roll_back(GATED)
    desk.stand_in.news()
    desk.until_stage(GATED, "legacy")
    desk.until_text("#toasts", f"{GATED} took itself back: too many faults.")
    desk.until_text("#panel .part.latch", "It took itself back from canary 5 % just now.")
    assert "rolled back" in desk.row(GATED)
    assert desk.browser.run("document.title").startswith("(3)")
    assert desk.browser.run("window.neverReloaded") is True


def test_new_figures_move_no_row_that_is_in_focus_or_selected(desk: Desk) -> None:
    desk.open("?sort=-requests")
    before = desk.keys
    desk.press("j", "x")
    quiet = before[-1]
    desk.world.routes[quiet]["traffic"]["legacy"] = {"requests": 10**6, "faults": 0, "p50_ms": 1.0, "p95_ms": 2.0}
    desk.stand_in.news("figures")
    desk.browser.until("!document.getElementById('again').hidden")
    assert desk.keys == before
    assert "1M" in desk.row(quiet)
    assert desk.browser.run("document.activeElement.dataset.key") == before[0]
    desk.browser.click("#again")
    assert desk.keys[0] == quiet
    assert desk.browser.run("document.querySelectorAll('#rows tr[aria-selected=true]').length") == 1


def test_a_row_is_changed_in_place_and_the_others_not_at_all(desk: Desk) -> None:
    desk.open()
    desk.browser.run("window.rows = [...document.querySelectorAll('#rows tr')]")
    desk.browser.driver.execute_script(WATCH)
    desk.world.routes[READY]["traffic"]["legacy"]["requests"] = 777_777
    desk.stand_in.news("figures")
    desk.browser.until(lambda: "778K" in desk.row(READY) or "777" in desk.row(READY))
    assert desk.browser.run("[...document.querySelectorAll('#rows tr')].every((row, place) => row === rows[place])")
    assert set(desk.browser.run("[...changed]")) <= {READY, "GET /api/artists/{id}"}  # the other tells how long ago


def test_what_somebody_types_survives_news(desk: Desk) -> None:
    desk.open_route(READY)
    desk.press("p")
    desk.until_dialog()
    desk.fill("reason", "Half a sen")
    desk.world.epoch = 14
    desk.stand_in.news()
    desk.until_text("#epoch", "epoch 14")
    desk.press("tence.")
    assert desk.browser.run("document.querySelector('dialog [name=reason]').value") == "Half a sentence."


def test_without_a_stream_it_asks_and_says_so(desk: Desk) -> None:
    desk.stand_in.deaf = True
    desk.browser.open("/")
    desk.until_text("#connection", "No stream: asked every 5 s")
    desk.browser.until("document.querySelectorAll('#rows tr').length === 300")
    desk.world.roll_back(GATED)
    desk.until_stage(GATED, "legacy")
    assert desk.text("#connection") == "No stream: asked every 5 s"


def test_a_lost_login_and_a_server_that_is_gone_are_told(desk: Desk) -> None:
    desk.open()
    desk.stand_in.refuse = 401
    desk.stand_in.news("figures")
    desk.until_text("#banners", "Your login has ended")
    assert desk.text("#connection") == "Login ended"
    assert len(desk.keys) == 300
    desk.stand_in.refuse = 0
    desk.stand_in.news("figures")
    desk.until_text("#connection", "Live")
    desk.browser.until("!document.querySelector('#banners .banner')")
    desk.stand_in.refuse = 500
    desk.stand_in.news("figures")
    desk.until_text("#banners", "can't be reached")


def test_trouble_of_the_store_is_told(desk: Desk) -> None:
    desk.world.trouble = "The flag store does not answer."
    desk.open()
    desk.until_text("#banners", "The flag store does not answer.")
