"""A walk in a real Chromium: a template is typed, tried, carried out and taken back."""

from pathlib import Path

import pytest

from tests.pages.accessibility import violations
from tests.pages.browser import chromium
from tests.renames.houses import House
from tests.servers.web import serving

pytestmark = [pytest.mark.browser, pytest.mark.long]

TYPED = "document.querySelector('[data-examples] li')?.textContent"


@pytest.mark.parametrize("width", [1440, 360])
def test_a_library_is_renamed_and_taken_back(house: House, tmp_path: Path, width: int) -> None:
    house.set("require_authentication", "false")
    house.film(1, "Nova/One.mp4", "One", year=1999)
    house.film(2, "old/" + "long " * 30 + ".mp4", "Two")
    environment = {"MVIDARR_DATA_DIR": str(house.config.data_dir), "MVIDARR_DATABASE_URL": "", "MVIDARR_REDIS_URL": ""}
    with (
        serving("fastapi_app.asgi:app", environment, tmp_path) as web,
        chromium(tmp_path / "profile", web.base) as browser,
    ):
        browser.size(width, 800)
        browser.open("/renames")
        browser.until(f"{TYPED} === 'Nova/Two.mp4'")
        assert [one for one in violations(browser.driver) if ".person" not in one] == []
        browser.run("document.getElementById('template').setSelectionRange(300, 300)")
        browser.run("document.getElementById('template').focus()")
        browser.press("[ ({year})]")
        browser.until("document.querySelectorAll('[data-examples] li')[1].textContent === 'Nova/One (1999).mp4'")
        browser.press("]")
        browser.until("document.querySelector('[data-problem]').textContent.includes('is not closed')")
        browser.press("\ue003\ue007")
        browser.until("location.search.includes('year')")
        browser.until("document.querySelector('[data-start]').textContent === 'Rename 2 films'")
        assert browser.run("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
        browser.run("document.querySelector('[data-start]').scrollIntoView({ block: 'center' })")
        browser.click("[data-start]")
        browser.until("location.pathname === '/renames/1'")
        house.work()
        browser.until("document.querySelectorAll('.change.rename').length === 2")
        assert [one for one in violations(browser.driver) if ".person" not in one] == []
        browser.click(".heading form button")
        browser.until("location.pathname === '/renames/2'")
        house.work()
        browser.until("document.querySelectorAll('.change.rename').length === 2")
        assert "old" in {name.partition("/")[0] for name in house.files()}
