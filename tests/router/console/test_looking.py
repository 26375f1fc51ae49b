"""What the console tells: all routes, one route, the history, its files; and what it says of bad questions."""

import gzip
import json
import time
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import pytest

from migration_flags import Change, Evidence, Latch, Stage, StoreUnavailable
from migration_flags.stores.memory import MemoryStore
from router.comparison.waiver import Waiver
from tests.router.console.site import BOTH, LEGACY_ONLY, MODERN_ONLY, OTHER, Site, opened
from tests.router.console.toy import summary
from tests.router.serving import fetch, wait


def test_every_answer_keeps_others_out_and_says_who_gave_it(site: Site) -> None:
    for path in ("/_strangler", "/_strangler/", "/_strangler/api/state", "/_strangler/api/nothing", "/_strangler/x"):
        _, headers, _ = site.get(path)
        assert headers["x-served-by"] == "router", path
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "same-origin"
        assert headers["content-security-policy"].startswith("default-src 'none'; script-src 'self'")
        assert headers["cache-control"] in {"no-store", "no-cache"}


def test_the_page_and_its_files_are_served_with_a_tag(site: Site) -> None:
    status, headers, body = site.get("/_strangler/")
    assert (status, headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert b"<html" in body
    assert site.get("/_strangler/", if_none_match=headers["etag"])[0] == 304
    status, headers, _ = site.get("/_strangler/assets/console.css")
    assert (status, headers["content-type"]) == (200, "text/css; charset=utf-8")


@pytest.mark.parametrize("name", ["..%2fconsole.py", "../console.py", "%2e%2e/console.py", "", "nothing.js", "a/b.js"])
def test_nothing_but_the_pages_own_files_is_served(site: Site, name: str) -> None:
    assert site.get(f"/_strangler/assets/{name}")[0] == 404


def test_without_its_slash_the_page_is_found(site: Site) -> None:
    status, headers, _ = site.get("/_strangler")
    assert (status, headers["location"]) == (308, "_strangler/")


def test_head_has_no_body_and_other_methods_are_refused(site: Site) -> None:
    status, headers, body = fetch(site.port, "/_strangler/api/state", "HEAD")
    assert (status, body) == (200, b"")
    assert int(headers["content-length"]) > 100
    status, headers, _ = fetch(site.port, "/_strangler/api/state", "DELETE")
    assert (status, headers["allow"]) == (405, "GET, HEAD")
    status, headers, _ = fetch(site.port, "/_strangler/api/moves", "GET")
    assert (status, headers["allow"]) == (405, "POST")
    assert fetch(site.port, "/_strangler/api/events", "HEAD")[0] == 405


def test_state_tells_every_route_and_the_whole(site: Site) -> None:
    site.store.apply([Change(BOTH, Stage.CANARY, 5.0, mirror=50.0)], actor="ada", reason="first")
    site.router.refresh()
    state = site.state()
    assert state["epoch"] == 1
    assert state["owners"] == {"both": 24, "legacy": 3, "modern": 3}
    assert state["stages"] == {"legacy": 23, "shadow": 0, "canary": 1, "modern": 0, "retired": 0}
    assert state["you"] == {"name": "ada", "may_move": True}
    assert state["window_seconds"] == 300
    assert (state["killed"], state["trouble"], state["frozen"]) == (False, None, False)
    assert [point["canary"] for point in state["burn_down"]] == [0, 1, 1]
    routes = {route["key"]: route for route in state["routes"]}
    assert len(routes) == 31  # thirty, and the virtual one
    moved = routes[BOTH]
    assert {
        name: moved[name] for name in ("stage", "percent", "mirror", "mirrored", "owner", "reason", "updated_by")
    } == {
        "stage": "canary",
        "percent": 5.0,
        "mirror": 50.0,
        "mirrored": 50.0,
        "owner": "both",
        "reason": "first",
        "updated_by": "ada",
    }
    assert (routes[LEGACY_ONLY]["owner"], routes[MODERN_ONLY]["owner"]) == ("legacy", "modern")


def test_the_worker_that_answers_is_among_the_workers(site: Site) -> None:
    wait(lambda: [worker["id"] for worker in site.state()["workers"]] == [site.state()["here"]])
    assert site.state()["workers"][0]["current"]


def test_a_latch_is_told_with_its_evidence(site: Site) -> None:
    latch = Latch("burst", "2026-11-21T10:00:00+00:00", Stage.CANARY, 5.0, None, {"requests": 40})
    site.store.apply([Change(BOTH, Stage.SHADOW, latch=latch)], actor="strangler", reason="burst")
    site.router.refresh()
    assert site.seen(BOTH)["latch"] == {
        "trip": "burst",
        "at": "2026-11-21T10:00:00+00:00",
        "stage": "canary",
        "percent": 5.0,
        "probe_at": None,
        "evidence": {"requests": 40},
    }


def test_agreement_findings_and_evidence_are_told() -> None:
    waiver = Waiver("GET /api/videos/.*", "bob", "counts otherwise", datetime(2030, 1, 1, tzinfo=UTC).date(), "total")
    with opened(MemoryStore(), waivers=[waiver]) as site:
        document = summary(BOTH, site.router.version)
        site.store.keep(Evidence(BOTH, "shadow", datetime.now(UTC).isoformat(), 1, document, "a worker"))
        route = site.route(BOTH)
        assert route["agreement"]["compared"] == 400
        assert route["agreement"]["findings"] == 2
        assert [finding["class"] for finding in route["findings"]] == ["status", "value"]
        assert set(route["findings"][0]["samples"][0]) == {"control", "candidate", "target", "at"}
        assert [(one["from"], one["owner"]) for one in route["waivers"]] == [("file", "bob")]
        (piece,) = route["evidence"]
        assert "shapes" not in piece["summary"]
        assert all("samples" not in field for field in piece["summary"]["fields"])
        wait(lambda: site.seen(BOTH)["agreement"] is not None)
        assert site.seen(BOTH)["agreement"] == route["agreement"]


def test_a_route_tells_its_ladder_and_what_the_gate_says(site: Site) -> None:
    route = site.route(BOTH)
    assert route["next"]["stage"] == "shadow"
    assert [step["percent"] for step in route["steps"] if step["stage"] == "canary"] == [1.0, 5.0, 10.0, 25.0, 50.0]
    assert route["sentences"]
    site.move(BOTH, "shadow")
    after = site.route(BOTH)["next"]
    assert (after["stage"], after["percent"], after["allowed"]) == ("canary", 1.0, False)
    assert any("parity" in text for text in after["missing"])
    site.move(BOTH, "modern")
    assert site.route(BOTH)["next"] is None
    assert site.route(LEGACY_ONLY)["next"] is None


def test_history_is_paged_and_its_chain_checked(site: Site) -> None:
    for percent in (1.0, 2.0, 3.0):
        site.move(BOTH, "canary", percent)
    site.move(OTHER, "shadow")
    first = site.api("history?limit=2")
    assert [row["sequence"] for row in first["rows"]] == [4, 3]
    assert first["intact"] is True
    assert [row["sequence"] for row in site.api("history?before=3")["rows"]] == [2, 1]
    of_one = site.api(f"history?key={quote(BOTH)}")["rows"]
    assert [row["after_percent"] for row in of_one] == [3.0, 2.0, 1.0]


@pytest.mark.parametrize("query", ["limit=0", "limit=x", "limit=1000", "before=-1", "before=%C2%B2", "limit=1.5"])
def test_history_refuses_numbers_that_are_none(site: Site, query: str) -> None:
    status, _, body = site.get(f"/_strangler/api/history?{query}")
    assert status == 400
    assert json.loads(body)["field"] in {"limit", "before"}


def test_an_unknown_route_is_404(site: Site) -> None:
    for query in ("", "?key=", "?key=GET%20/nothing", "?key=*%20/_strangler"):
        status, _, body = site.get(f"/_strangler/api/route{query}")
        assert (status, list(json.loads(body))) == (404, ["error"])


def test_a_store_that_is_away_is_told_and_closes_nothing(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object, **__: object) -> None:
        raise StoreUnavailable("sqlite:///x", "gone")

    for name in ("workers", "evidence", "history", "snapshot", "apply"):
        monkeypatch.setattr(site.store, name, away)
    state = site.state()
    assert "gone" in state["trouble"]
    assert len(state["routes"]) == 31
    status, answer = site.move(BOTH, "shadow")
    assert status == 503
    assert "sqlite" not in answer["error"]


def test_the_state_comes_packed_to_who_can_unpack_it(site: Site) -> None:
    status, headers, body = site.get("/_strangler/api/state", accept_encoding="gzip, br")
    assert (status, headers["content-encoding"], headers["vary"]) == (200, "gzip", "accept-encoding")
    plain = json.loads(gzip.decompress(body))
    assert len(body) * 4 < len(json.dumps(plain))
    assert set(plain) == set(site.state())


def test_who_looks_together_looks_at_one_picture(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many ask, the store is asked once a second."""
    asked: list[str] = []

    def counted(name: str) -> Any:
        real = getattr(site.store, name)

        def call(*args: Any, **more: Any) -> Any:
            asked.append(name)
            return real(*args, **more)

        return call

    for name in ("workers", "history"):
        monkeypatch.setattr(site.store, name, counted(name))
    site.state()
    asked.clear()
    started = time.monotonic()
    for _ in range(50):
        site.state()
    assert len(asked) <= 4 * (2 + time.monotonic() - started)
