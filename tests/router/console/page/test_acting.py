"""What a person does to routes in a real Chromium: each with a reason, and seen without a reload."""

from datetime import UTC, datetime, timedelta

import pytest
from selenium.webdriver.common.keys import Keys

from tests.router.console.page.desk import Desk
from tests.router.console.page.world import BACK, DIFFERING, GATED, READY

pytestmark = [pytest.mark.browser, pytest.mark.long]


def test_a_route_is_promoted_with_a_reason_and_shows_it_without_a_reload(desk: Desk) -> None:
    desk.open_route(READY)
    desk.browser.click("#panel [data-act=promote]")
    desk.until_dialog()
    assert desk.browser.run("document.activeElement.name") == "reason"
    said = desk.text("dialog[open]")
    assert "Promote GET /api/videos" in said
    assert "Some requests are copied to modern afterwards" in said
    desk.submit()
    desk.until_text("dialog[open] .field-error", "Reason is needed.")
    assert not desk.stand_in.told
    desk.press("Parity is green.", Keys.ENTER)
    desk.until_done()
    desk.until_stage(READY, "shadow")
    assert desk.told("moves") == {
        "keys": [READY], "stage": "shadow", "percent": None, "reason": "Parity is green.", "epoch": 12, "gated": True,
    }  # fmt: skip
    desk.until_text("#panel .ladder .present", "shadow")
    desk.until_text("#panel .part.history", "Parity is green.")
    desk.until_text("#toasts", "1 route changed.")
    assert desk.browser.run("window.neverReloaded") is True


def test_a_shut_gate_says_why_and_can_be_passed_only_knowingly(desk: Desk) -> None:
    desk.open_route(GATED)
    desk.press("p")
    desk.until_dialog()
    desk.fill("reason", "I want it.")
    desk.submit()
    desk.until_text("dialog[open] .problem", "The mirror watched for 3 h of 24 h: wait.")
    assert desk.stage(GATED) == "shadow"
    desk.browser.click("dialog[open] [name=ungated]")
    desk.submit()
    desk.until_done()
    desk.until_stage(GATED, "canary 1 %")
    assert desk.told("moves")["gated"] is False
    desk.until_text("#panel .part.history", "ungated")


def test_a_route_is_rolled_back_by_keyboard_alone(desk: Desk) -> None:
    key = next(
        key for key, route in desk.world.routes.items() if route["stage"] == "canary" and route["percent"] == 25.0
    )
    desk.open()
    desk.press("/", key.partition(" ")[2], Keys.ESCAPE, "j")
    while desk.browser.run("document.activeElement.dataset.key") != key:
        desk.press("j")
    desk.press("r")
    desk.until_dialog()
    desk.press("It smells.", Keys.ENTER)
    desk.until_done()
    desk.until_stage(key, "legacy")
    assert desk.told("rollbacks") == {"keys": [key], "stage": "legacy", "percent": None, "reason": "It smells."}
    assert desk.browser.run("document.activeElement.dataset.key") == key


def test_a_rollback_may_stop_half_way_down(desk: Desk) -> None:
    key = next(key for key, route in desk.world.routes.items() if route["percent"] == 25.0)
    desk.open_route(key)
    desk.browser.click("#panel [data-act=rollback]")
    desk.until_dialog()
    desk.browser.driver.find_element("css selector", "dialog[open] [name=to]").send_keys("canary 5")
    desk.until_text("dialog[open] .said", "5 % of the visitors get modern's answers")
    desk.fill("reason", "Half way.")
    desk.submit()
    desk.until_done()
    desk.until_stage(key, "canary 5 %")


def test_a_percentage_that_is_refused_is_refused_at_its_field(desk: Desk) -> None:
    desk.open_route(READY)
    desk.browser.click("#panel [data-act=set]")
    desk.until_dialog()
    assert desk.browser.run("document.querySelector('dialog [name=percent]').checkVisibility()") is False
    desk.browser.driver.find_element("css selector", "dialog[open] [name=stage]").send_keys("canary")
    desk.browser.until("document.querySelector('dialog [name=percent]').checkVisibility()")
    desk.fill("percent", "140")
    desk.fill("reason", "More than all.")
    desk.submit()
    desk.until_text("dialog[open] .field-error:not(:empty)", "percent must be 0 to 100")
    assert desk.browser.run("document.activeElement.name") == "percent"
    assert desk.browser.run("document.activeElement.ariaInvalid") == "true"
    desk.fill("percent", "2.5")
    desk.submit()
    desk.until_done()
    desk.until_stage(READY, "canary 2.5 %")


def test_flags_that_changed_meanwhile_are_told_and_looked_at_again(desk: Desk) -> None:
    desk.open_route(READY)
    desk.press("p")
    desk.until_dialog()
    desk.fill("reason", "Parity is green.")
    desk.world.routes[READY].update(stage="canary", percent=1.0)
    desk.world.epoch = 13
    desk.submit()
    desk.until_text("dialog[open] .problem", "Epoch 12 when this was opened, 13 now.")
    desk.until_text("dialog[open] .problem", "GET /api/videos was legacy and is canary 1 %.")
    desk.browser.click("dialog[open] .problem button")
    desk.until_text("dialog[open] .change", "canary 5 %")
    assert desk.browser.run("document.querySelector('dialog[open] [name=reason]').value") == "Parity is green."
    desk.submit()
    desk.until_done()
    desk.until_stage(READY, "canary 5 %")


def test_a_finding_is_waived_until_a_day_and_the_waiver_withdrawn(desk: Desk) -> None:
    desk.open_route(DIFFERING)
    desk.browser.click(".finding [data-act=waive]")
    desk.until_dialog()
    desk.fill("reason", "A typo that legacy has.")
    late = (datetime.now(UTC) + timedelta(days=200)).date()
    desk.browser.run(f"document.querySelector('dialog [name=expires]').value = '{late}'")
    desk.submit()
    desk.until_text("dialog[open] .field-error:not(:empty)", "expires must be")
    soon = (datetime.now(UTC) + timedelta(days=20)).date()
    desk.browser.run(f"document.querySelector('dialog [name=expires]').value = '{soon}'")
    desk.submit()
    desk.until_done()
    desk.until_text("#panel .waivers", f"until {soon}")
    assert desk.told("waivers") == {
        "key": DIFFERING, "field": "$.items[*]", "class": "shape", "reason": "A typo that legacy has.",
        "expires": str(soon),
    }  # fmt: skip
    desk.browser.click("#panel [data-act=withdraw]")
    desk.until_dialog()
    desk.fill("reason", "Mended.")
    desk.submit()
    desk.until_text("#panel .waivers", "withdrawn")
    assert desk.told("waivers/withdraw")["id"] == "1"


def test_several_routes_are_selected_as_a_range_and_promoted_together(desk: Desk) -> None:
    desk.open("?stage=legacy")
    chosen = desk.keys[:4]
    desk.press("j", "x", "j", "j", "j", "X")
    desk.until_text("#bulk", "4 routes selected")
    assert desk.browser.run("document.querySelectorAll('#rows tr[aria-selected=true]').length") == 4
    desk.browser.click("#bulk [data-act=promote]")
    desk.until_dialog()
    assert "Promote 4 routes" in desk.text("dialog[open]")
    desk.fill("reason", "The next four.")
    desk.submit()
    desk.until_done()
    for key in chosen:
        desk.until_stage(key, "shadow")
    assert desk.told("moves")["keys"] == chosen
    desk.press(Keys.ESCAPE)
    desk.browser.until("document.getElementById('bulk').hidden")


def test_of_several_routes_those_that_the_gate_refuses_are_named(desk: Desk) -> None:
    desk.open("?stage=shadow&q=api%2Fvideos")
    assert GATED in desk.keys
    desk.browser.click("[data-act=select-all]")
    desk.browser.click("#bulk [data-act=promote]")
    desk.until_dialog()
    desk.fill("reason", "All that can.")
    desk.submit()
    desk.until_text("dialog[open] .problem", "The mirror compared 512 of 3000 requests")
    desk.browser.click("dialog[open] .problem button")
    desk.until_done()
    assert GATED not in desk.told("moves")["keys"]
    assert desk.stage(GATED) == "shadow"


def test_mirror_and_unattended_moves_are_set(desk: Desk) -> None:
    desk.open_route(DIFFERING)
    desk.browser.click("#panel [data-act=mirror]")
    desk.until_dialog()
    desk.fill("percent", "35")
    desk.fill("reason", "More samples.")
    desk.submit()
    desk.until_text("#panel .summary", "mirror 35 %")
    desk.browser.click("#panel [data-act=auto]")
    desk.until_dialog()
    assert "goes up by itself" in desk.text("dialog[open]")
    desk.submit()
    desk.until_text("#panel .summary", "unattended")
    assert desk.told("auto") == {"key": DIFFERING, "on": True}


def test_the_kill_switch_takes_two_steps_and_is_hard_to_overlook(desk: Desk) -> None:
    desk.open()
    desk.browser.click("[data-act=kill]")
    desk.until_dialog()
    desk.fill("reason", "The database is gone.")
    desk.submit()
    desk.until_text("dialog[open] .field-error:not(:empty)", "Tick this to go on.")
    assert desk.world.killed is False
    desk.browser.click("dialog[open] [name=sure]")
    desk.submit()
    desk.until_text("#banners", "The kill switch is on")
    desk.browser.click("[data-act=kill]")
    desk.until_dialog()
    desk.fill("reason", "It is back.")
    desk.submit()
    desk.browser.until("!document.querySelector('#banners .banner')")


def test_who_may_only_look_is_offered_nothing_else(desk: Desk) -> None:
    desk.world.may_move = False
    desk.open_route(BACK)
    assert desk.browser.run("[...document.querySelectorAll('#panel .acts button')].every(one => one.disabled)") is True
    assert "You may look at this page" in desk.text("#panel .acts")
    desk.press("p")
    desk.until_text("#toasts", "You may look at this page")
    assert not desk.browser.run("document.querySelector('dialog')")
