"""The page at a desk and on a phone, light and dark: nothing overflows, all text can be read, everything has a name."""

import re

import pytest

from tests.router.console.page.desk import Desk
from tests.router.console.page.stand_in import ASSETS
from tests.router.console.page.world import BACK, DIFFERING, READY, World

pytestmark = [pytest.mark.browser, pytest.mark.long]

LOOKS = [(1440, "light"), (1440, "dark"), (390, "light"), (390, "dark")]

PALE = """
const channels = (text) => (text.match(/[\\d.]+/g) ?? []).map(Number);
const paint = (under, [red, green, blue, alpha = 1]) =>
  [red, green, blue].map((one, at) => one * alpha + under[at] * (1 - alpha));
const luminance = (colour) => colour.map((one) => one / 255)
  .map((one) => (one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4))
  .reduce((sum, one, at) => sum + one * [0.2126, 0.7152, 0.0722][at], 0);
const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
const rgb = (colour) => {
  if (colour.startsWith("rgb")) return channels(colour);
  canvas.clearRect(0, 0, 1, 1);
  canvas.fillStyle = colour;
  canvas.fillRect(0, 0, 1, 1);
  const [red, green, blue, alpha] = canvas.getImageData(0, 0, 1, 1).data;
  return [red, green, blue, alpha / 255];
};
const ground = (element) => {
  const above = [];
  for (let one = element; one; one = one.parentElement) above.unshift(rgb(getComputedStyle(one).backgroundColor));
  return above.reduce(paint, [255, 255, 255]);
};
const found = new Set();
const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
for (let node = texts.nextNode(); node; node = texts.nextNode()) {
  const element = node.parentElement;
  const passed = ".visually-hidden, :disabled, svg, noscript, option, .skip";
  if (!node.data.trim() || !element.checkVisibility() || element.closest(passed)) continue;
  const style = getComputedStyle(element);
  const under = ground(element);
  const ink = paint(under, rgb(style.color));
  const [low, high] = [luminance(under), luminance(ink)].sort((one, other) => one - other);
  const ratio = (high + 0.05) / (low + 0.05);
  if (ratio < 4.5) found.add(`${element.className || element.tagName} "${node.data.slice(0, 20)}" ${ratio.toFixed(2)}`);
}
return [...found];
"""

NAMELESS = """
const found = [];
for (const one of document.querySelectorAll("button, a[href], input, select, summary, [role=region], section, aside")) {
  const label = one.labels?.length ? [...one.labels].map((label) => label.textContent).join(" ") : "";
  const ids = (one.getAttribute("aria-labelledby") ?? "").split(" ");
  const by = ids.map((id) => document.getElementById(id)?.textContent ?? "").join("");
  const text = one.matches("section, aside, [role=region]") ? "" : one.textContent;
  const name = one.getAttribute("aria-label") || by || label || text || "";
  if (!name.trim()) found.push(one.outerHTML.slice(0, 120));
}
const all = [...document.querySelectorAll("[id]")].map((one) => one.id);
for (const id of all) if (all.indexOf(id) !== all.lastIndexOf(id)) found.push(`twice: ${id}`);
return found;
"""

BEYOND = """
const inside = "pre, .visually-hidden, .skip, svg";
return [...document.querySelectorAll("body *")]
  .filter((one) => one.checkVisibility() && !one.closest(inside) && one.getBoundingClientRect().right > innerWidth + 1)
  .map((one) => one.outerHTML.slice(0, 90));
"""


@pytest.mark.parametrize(("width", "colours"), LOOKS)
def test_all_text_can_be_read_and_nothing_overflows(desk: Desk, width: int, colours: str) -> None:
    desk.stand_in.world = desk.world = World(60)
    desk.look(width, colours)
    for opened in (None, DIFFERING, BACK):
        desk.open() if opened is None else desk.open_route(opened)
        assert desk.browser.driver.execute_script(PALE) == []
        assert desk.browser.run("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
        assert desk.browser.driver.execute_script(NAMELESS) == []
    desk.press("?") if width > 1000 else desk.browser.click("#panel [data-act=set]")
    desk.until_dialog()
    assert desk.browser.driver.execute_script(PALE) == []
    assert desk.browser.driver.execute_script(NAMELESS) == []


def test_the_narrowest_phone_has_no_sideways_scroll_anywhere(desk: Desk) -> None:
    desk.look(360, "light")
    for opened in (None, DIFFERING):
        desk.open() if opened is None else desk.open_route(opened)
        assert desk.browser.driver.execute_script(BEYOND) == []


def test_on_a_phone_a_route_takes_the_whole_page_and_the_rest_is_out_of_reach(desk: Desk) -> None:
    desk.look(390, "light")
    desk.open()
    desk.browser.click("#rows tr:nth-child(2) a")
    desk.until_opened(desk.keys[1])
    box = desk.browser.run(
        "(({ left, top, width }) => [left, top, width])(document.getElementById('panel').getBoundingClientRect())"
    )
    assert box == [0, 0, 390]
    assert desk.browser.run("document.getElementById('main').inert") is True
    desk.browser.click("#panel [data-act=close]")
    desk.browser.until("!document.getElementById('main').inert")
    assert desk.browser.run("document.activeElement.dataset.key") == desk.keys[1]


def test_a_phone_promotes_too(desk: Desk) -> None:
    desk.look(390, "dark")
    desk.open_route(READY)
    desk.browser.click("#panel [data-act=promote]")
    desk.until_dialog()
    desk.fill("reason", "From the train.")
    desk.submit()
    desk.until_text("#panel .ladder .present", "shadow")


def test_the_first_view_is_small_and_the_rest_comes_when_it_is_needed(desk: Desk) -> None:
    desk.open()
    names = [path.removeprefix("/assets/") for path in desk.stand_in.asked if path.startswith("/assets/")]
    assert len(names) == len(set(names))
    loaded = sum((ASSETS / name).stat().st_size for name in [*names, "index.html"])
    assert loaded < 100_000
    assert not {"acts.js", "panel.js", "difference.js"} & set(names)


def test_three_hundred_rows_are_drawn_in_no_time_again(desk: Desk) -> None:
    desk.open()
    milliseconds = desk.browser.driver.execute_async_script(
        "const done = arguments[0]; const input = document.getElementById('q'); const times = [];"
        "for (const text of ['a', 'ar', 'art', '']) { const began = performance.now(); input.value = text;"
        "input.dispatchEvent(new Event('input', { bubbles: true })); document.body.offsetHeight;"
        "times.push(performance.now() - began); } done(Math.min(...times))"
    )
    assert milliseconds < 200


def test_no_page_carries_code_or_colour_of_its_own() -> None:
    page = (ASSETS / "index.html").read_text()
    assert "style=" not in page
    assert not re.search(r"\son\w+=", page)
    assert page.count("<script") == page.count("<script src=") + page.count('<script type="module" src=')
    for script in ASSETS.glob("*.js"):
        text = script.read_text()
        assert not re.search(r"(inner|outer|insertAdjacent)HTML|document\.write|\beval\(|new Function", text), (
            script.name
        )
        assert "http://" not in text.replace("http://www.w3.org/2000/svg", "")
        assert '"/' not in text.replace('"/"', "")
