"""The policy allows no code inside a page, so no page of either side may hold any: it would silently not run."""

from collections.abc import AsyncIterator
from html.parser import HTMLParser

import pytest

from migration_flags import Stage
from tests.identity.people import sent
from tests.legacy_flask.hybrid import Hybrid, started
from tests.parity.library import make_library

pytestmark = pytest.mark.anyio

BOTH = pytest.mark.parametrize("stage", [Stage.LEGACY, Stage.MODERN])
ENDS_A_LOGIN = "logout"


class Finder(HTMLParser):
    """Collects what the policy forbids."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = {name: value or "" for name, value in attrs}
        self.found += [f"<{tag} {name}>" for name in names if name.startswith("on") or name == "style"]
        if tag == "style" or (tag == "script" and "src" not in names and names.get("type") != "application/json"):
            self.found.append(f"<{tag}>")
        for name in ("href", "src", "action", "formaction"):
            address = names.get(name, "").strip().lower()
            if address.startswith(("javascript:", "http:", "https:", "//")) and tag in {
                "script",
                "link",
                "form",
                "iframe",
            }:
                self.found.append(f"<{tag} {name}={address}>")


@pytest.fixture
async def hybrid(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Hybrid]:
    async with started(make_library(tmp_path_factory.mktemp("pages") / "library", gate="true")) as hybrid:
        yield hybrid


def pages(hybrid: Hybrid) -> list[str]:
    """Every address that may be a page, as far as its template tells, and two that lead nowhere."""
    found = [row.template for row in hybrid.router.table if row.method == "GET" and not row.unmatched]
    shown = [
        path for path in found if not path.startswith(("/api/", "/static", "/css", "/js")) and ENDS_A_LOGIN not in path
    ]
    return [
        *(path.replace("{", "").replace("}", "") if "{" not in path else _filled(path) for path in shown),
        "/nothing",
    ]


def _filled(template: str) -> str:
    parts = ["1" if part.startswith("{") else part for part in template.split("/")]
    return "/".join(parts)


@BOTH
async def test_no_page_holds_code(hybrid: Hybrid, stage: Stage) -> None:
    await hybrid.move(stage)
    looked_at = 0
    for who in ("root", "reader", ""):
        headers = {"cookie": await hybrid.log_in(who)} if who else {}
        for path in pages(hybrid):
            answer = await hybrid.ask("GET", path, headers=headers)
            if not answer.headers.get("content-type", "").startswith("text/html"):
                continue
            finder = Finder()
            finder.feed(answer.body.decode())
            assert finder.found == [], (who, path)
            looked_at += 1
    assert looked_at > 10


@BOTH
async def test_what_users_typed_becomes_no_code(hybrid: Hybrid, stage: Stage) -> None:
    """A name with a script in it is shown as text on every page that shows it."""
    await hybrid.move(stage)
    cookie = {"cookie": await hybrid.log_in("root")}
    text = "<script>alert(1)</script><img src=x onerror=alert(1)>"
    made = await sent(hybrid, "POST", "/api/artists/", cookie, {"name": text})
    assert made.status == 201
    for path in (f"/artist/{made.json['id']}", "/artists", f"/simple-login?error={text}&next=/{text}", f"/{text}"):
        answer = await hybrid.ask(
            "GET", path.replace("<", "%3C").replace(">", "%3E").replace(" ", "%20"), headers=cookie
        )
        finder = Finder()
        finder.feed(answer.body.decode())
        assert finder.found == [], path
