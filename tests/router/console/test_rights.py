"""Who may look and who may move; and that no other site moves anything by a visitor's browser."""

import json
from typing import Any

import pytest

from migration_flags.stores.memory import MemoryStore
from tests.router.console.site import BOTH, WRITE, Site, opened

KILL = b'{"on": true, "reason": "x"}'
USERS = {"anna": {"console", "move"}, "uwe": {"console"}, "mia": set[str]()}


def who(scope: Any) -> str | None:
    return next((value.decode() for name, value in scope["headers"] if name == b"x-user"), None)


def may(scope: Any, action: str) -> bool | str:
    name = who(scope)
    return name is not None and action in USERS[name] and name


def site_with(**options: Any) -> Any:
    return opened(MemoryStore(), **{"authorize": may, "identify": who, **options})


@pytest.mark.parametrize(
    ("user", "looks", "moves"), [(None, 401, 401), ("mia", 403, 403), ("uwe", 200, 403), ("anna", 200, 200)]
)
def test_each_right_opens_what_it_is_for(user: str | None, looks: int, moves: int) -> None:
    headers = {} if user is None else {"x-user": user}
    with site_with() as site:
        for path in ("", "assets/console.css", "api/state", f"api/route?key={BOTH.replace(' ', '%20')}", "api/history"):
            assert site.get(f"/_strangler/{path}", **headers)[0] == looks, path
        assert site.send("kill", KILL, {**WRITE, **headers})[0] == moves
        assert site.store.snapshot().killed is (moves == 200)


def test_who_may_only_look_is_told_so() -> None:
    with site_with() as site:
        assert site.state(x_user="uwe")["you"] == {"name": "uwe", "may_move": False}


def test_without_authorize_everything_is_refused() -> None:
    with site_with(authorize=None) as site:
        assert site.get("/_strangler/")[0] == 401
        assert site.get("/_strangler/", x_user="anna")[0] == 403
        assert site.get("/_strangler/api/events", x_user="anna")[0] == 403
        assert site.send("kill", KILL, {**WRITE, "x-user": "anna"})[0] == 403


def test_rights_may_be_asked_for_asynchronously_and_a_true_signs_by_the_visitors_unit() -> None:
    async def later(scope: Any, action: str) -> bool:
        return bool(may(scope, action))

    with site_with(authorize=later) as site:
        assert site.send("kill", KILL, {**WRITE, "x-user": "anna"})[0] == 200
        assert site.store.history()[0].actor == "anna"
    with site_with(authorize=lambda scope, action: True, identify=None) as site:
        site.send("kill", KILL, WRITE)
        assert site.store.history()[0].actor == "console"


def test_a_browser_that_nobody_knows_is_sent_to_the_login() -> None:
    with site_with(login="/login") as site:
        status, headers, _ = site.get("/_strangler/", accept="text/html")
        assert (status, headers["location"]) == (303, "/login?next=/_strangler/")
        assert site.get("/_strangler/", accept="text/html", x_user="mia")[0] == 403
        status, headers, body = site.get("/_strangler/api/state", accept="text/html")
        assert (status, headers["content-type"]) == (401, "application/json")
        assert list(json.loads(body)) == ["error"]


def test_a_browser_gets_a_page_where_there_is_no_login() -> None:
    with site_with() as site:
        status, headers, body = site.get("/_strangler/", accept="text/html")
        assert (status, headers["content-type"]) == (401, "text/html; charset=utf-8")
        assert b"administrator" in body


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"content-type": "application/json"}, 403),
        ({**WRITE, "x-strangler-console": "0"}, 403),
        ({**WRITE, "origin": "https://evil.example"}, 403),
        ({**WRITE, "origin": "null"}, 403),
        ({**WRITE, "origin": "http://127.0.0.1:1"}, 403),
        ({**WRITE, "sec-fetch-site": "cross-site"}, 403),
        ({**WRITE, "sec-fetch-site": "same-site"}, 403),
        ({**WRITE, "sec-fetch-site": "none"}, 403),
        ({"x-strangler-console": "1"}, 415),
        ({**WRITE, "content-type": "text/plain"}, 415),
        ({**WRITE, "content-type": "application/x-www-form-urlencoded"}, 415),
        ({**WRITE, "content-type": "multipart/form-data; boundary=x"}, 415),
        ({**WRITE, "sec-fetch-site": "same-origin"}, 200),
        ({**WRITE, "content-type": "application/json; charset=utf-8"}, 200),
    ],
)
def test_only_the_consoles_own_page_makes_changes(site: Site, headers: dict[str, str], status: int) -> None:
    assert site.send("kill", KILL, headers)[0] == status
    assert site.store.snapshot().killed is (status == 200)


def test_the_page_itself_may_with_its_own_origin(site: Site) -> None:
    for host, origin in (
        (f"127.0.0.1:{site.port}", f"http://127.0.0.1:{site.port}"),
        ("flags.example", "https://flags.example"),
        ("Flags.Example:443", "https://flags.example"),
        ("[::1]:8000", "http://[::1]:8000"),
    ):
        assert site.send("kill", KILL, {**WRITE, "host": host, "origin": origin})[0] == 200
    assert site.send("kill", KILL, {**WRITE, "host": "flags.example", "origin": "https://flags.example:444"})[0] == 403
