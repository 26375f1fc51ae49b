"""What the console changes: moves, ways back, the mirror, the switch, promotion by itself, waivers; what it refuses."""

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from migration_flags import Change, Evidence, Latch, Stage
from router.comparison.ledger import Ledger
from router.console import asking, console
from tests.router.console.site import BOTH, LEGACY_ONLY, OTHER, WRITE, Site
from tests.router.console.toy import summary
from tests.router.serving import get, talk, wait


def test_a_move_is_signed_and_seen_at_once(site: Site) -> None:
    status, answer = site.move(BOTH, "canary", 5)
    assert status == 200
    (row,) = answer["rows"]
    assert (row["actor"], row["reason"], row["gated"]) == ("ada", "a test", False)
    assert (row["before_stage"], row["after_stage"], row["after_percent"]) == (None, "canary", 5.0)
    assert site.router.epoch == answer["epoch"] == 1
    assert site.seen(BOTH)["percent"] == 5.0


def test_routes_with_one_owner_are_passed_over_by_name(site: Site) -> None:
    value = {"keys": [BOTH, LEGACY_ONLY], "stage": "modern", "percent": None, "reason": "x", "epoch": 0, "gated": False}
    status, answer = site.post("moves", value)
    assert status == 200
    assert [row["key"] for row in answer["rows"]] == [BOTH]
    assert [one["key"] for one in answer["skipped"]] == [LEGACY_ONLY]
    assert "no modern handler" in answer["skipped"][0]["why"]


def test_a_change_that_somebody_else_made_meanwhile_is_not_overwritten(site: Site) -> None:
    site.move(BOTH, "shadow")
    status, answer = site.move(BOTH, "modern", epoch=0)
    assert (status, answer["epoch"]) == (409, 1)
    assert site.seen(BOTH)["stage"] == "shadow"


def test_a_gated_move_is_refused_with_what_is_missing_and_writes_nothing(site: Site) -> None:
    status, answer = site.move(BOTH, "canary", 1, gated=True)
    assert status == 409
    assert any("parity" in text for text in answer["missing"][BOTH])
    assert site.store.epoch() == 0


def test_a_gated_move_that_the_evidence_allows_says_so_in_the_history(site: Site) -> None:
    """Nobody is served by modern at shadow: that needs no evidence. Above, a recorded comparison is enough."""
    wait(lambda: site.state()["workers"])
    assert site.move(BOTH, "shadow", gated=True)[0] == 200
    ledger = Ledger()
    ledger.compare([], datetime.now(UTC))
    recorded = ledger.summary(site.router.version).to_json()
    site.store.keep(Evidence(BOTH, "parity", datetime.now(UTC).isoformat(), 1, recorded, "ci"))
    wait(lambda: all(worker.epoch == 1 for worker in site.store.workers()))
    status, answer = site.move(BOTH, "canary", 1, gated=True)
    assert status == 200, answer
    assert answer["rows"][0]["gated"]
    assert "requests alike" in answer["rows"][0]["evidence"]["used"][0]


def test_of_several_routes_all_are_promoted_or_none(site: Site) -> None:
    site.move(BOTH, "shadow")
    wait(lambda: all(worker.epoch == 1 for worker in site.store.workers()))  # one that lags forbids every promotion
    value = {"keys": [BOTH, OTHER], "stage": "shadow", "percent": None, "reason": "x", "gated": True, "epoch": 1}
    status, answer = site.post("moves", value)
    assert status == 409
    assert list(answer["missing"]) == [BOTH]
    assert site.store.epoch() == 1


def test_a_way_back_waits_for_no_epoch(site: Site) -> None:
    site.move(BOTH, "canary", 25)
    value = {"keys": [BOTH, OTHER], "stage": "legacy", "percent": None, "reason": "slow"}
    status, answer = site.post("rollbacks", value)
    assert status == 200
    assert [(row["key"], row["after_stage"], row["reason"]) for row in answer["rows"]] == [(BOTH, "legacy", "slow")]
    assert [one["key"] for one in answer["skipped"]] == [OTHER]


def test_a_retired_route_is_passed_over_by_a_way_back(site: Site) -> None:
    site.move(BOTH, "retired")
    status, answer = site.post("rollbacks", {"keys": [BOTH], "stage": "legacy", "percent": None, "reason": "x"})
    assert (status, answer["rows"]) == (200, [])
    assert "retired" in answer["skipped"][0]["why"]
    status, answer = site.move(BOTH, "modern")
    assert (status, list(answer["missing"])) == (409, [BOTH])


def test_the_mirror_changes_nothing_else(site: Site) -> None:
    latch = Latch("burst", "2026-11-21T10:00:00+00:00", Stage.CANARY, 5.0, None, {})
    site.store.apply([Change(BOTH, Stage.SHADOW, latch=latch, group="g")], actor="strangler", reason="burst")
    site.router.refresh()
    value = {"keys": [BOTH, LEGACY_ONLY], "percent": 33, "reason": "look closer", "epoch": 1}
    status, answer = site.post("mirror", value)
    assert (status, [one["key"] for one in answer["skipped"]]) == (200, [LEGACY_ONLY])
    flag = site.store.snapshot().get(BOTH)
    assert flag is not None
    assert (flag.stage, flag.mirror, flag.group, flag.latch) == (Stage.SHADOW, 33.0, "g", latch)


def test_the_switch_and_promotion_by_itself(site: Site) -> None:
    assert site.post("kill", {"on": True, "reason": "fire"})[0] == 200
    assert site.state()["killed"]
    assert site.post("kill", {"on": False, "reason": "out"})[1]["rows"][0]["after_stage"] == "off"
    assert site.post("auto", {"key": BOTH, "on": True}) == (200, {"key": BOTH, "auto": True})
    wait(lambda: site.seen(BOTH)["auto"])
    assert site.post("auto", {"key": LEGACY_ONLY, "on": True})[0] == 400


def test_a_waiver_settles_a_finding_until_it_is_withdrawn(site: Site) -> None:
    document = summary(BOTH, site.router.version)
    site.store.keep(Evidence(BOTH, "shadow", datetime.now(UTC).isoformat(), 1, document, "a worker"))
    day = (datetime.now(UTC).date() + timedelta(days=30)).isoformat()
    value = {"key": BOTH, "field": "status", "class": "status", "reason": "both are wrong", "expires": day}
    status, answer = site.post("waivers", value)
    assert status == 201
    route = site.route(BOTH)
    assert [finding["field"] for finding in route["findings"]] == ["$.items[*]"]
    assert (route["agreement"]["findings"], route["agreement"]["waived"]) == (1, 1)
    (waiver,) = route["waivers"]
    assert (waiver["id"], waiver["owner"], waiver["from"], waiver["withdrawn"]) == (
        answer["id"],
        "ada",
        "console",
        False,
    )
    back = {"key": BOTH, "id": answer["id"], "reason": "it was not"}
    assert site.post("waivers/withdraw", back)[0] == 200
    assert site.post("waivers/withdraw", back)[0] == 409
    after = site.route(BOTH)
    assert after["agreement"]["findings"] == 2
    assert [(one["withdrawn"], one["why_withdrawn"]) for one in after["waivers"]] == [(True, "ada: it was not")]
    assert site.post("waivers/withdraw", {**back, "id": "0123456789ab"})[0] == 404


def _move(**change: Any) -> dict[str, Any]:
    value = {"keys": [BOTH], "stage": "canary", "percent": 5, "reason": "x", "epoch": 0, "gated": False}
    return {**value, **change}


def _waiver(**change: Any) -> dict[str, Any]:
    return {"key": BOTH, "field": "status", "class": None, "reason": "x", "expires": "2026-12-31", **change}


@pytest.mark.parametrize(
    ("name", "value", "field"),
    [
        ("moves", _move(keys=[]), "keys"),
        ("moves", _move(keys="GET /a"), "keys"),
        ("moves", _move(keys=[1]), "keys"),
        ("moves", _move(keys=["GET /nothing"]), "keys"),
        ("moves", _move(keys=[f"GET /{number}" for number in range(501)]), "keys"),
        ("moves", _move(stage="late"), "stage"),
        ("moves", _move(stage=None), "stage"),
        ("moves", _move(stage={}), "stage"),
        ("moves", _move(percent=None), "percent"),
        ("moves", _move(percent=101), "percent"),
        ("moves", _move(percent=-1), "percent"),
        ("moves", _move(percent=0.00001), "percent"),
        ("moves", _move(percent="5"), "percent"),
        ("moves", _move(percent=True), "percent"),
        ("moves", _move(percent=10**400), "percent"),
        ("moves", _move(stage="modern"), "percent"),
        ("moves", _move(reason=""), "reason"),
        ("moves", _move(reason="  "), "reason"),
        ("moves", _move(reason=5), "reason"),
        ("moves", _move(reason="x" * 10_001), "reason"),
        ("moves", _move(reason="a\0b"), "reason"),
        ("moves", _move(reason="\ud800"), "reason"),
        ("moves", _move(epoch=None), "epoch"),
        ("moves", _move(epoch="0"), "epoch"),
        ("moves", _move(epoch=True), "epoch"),
        ("moves", _move(gated="yes"), "gated"),
        ("rollbacks", {"keys": [BOTH], "stage": "legacy", "percent": None}, "reason"),
        ("mirror", {"keys": [BOTH], "percent": 200, "reason": "x", "epoch": 0}, "percent"),
        ("kill", {"on": "yes", "reason": "x"}, "on"),
        ("kill", {"on": True}, "reason"),
        ("auto", {"key": "GET /nothing", "on": True}, "key"),
        ("auto", {"key": BOTH}, "on"),
        ("waivers", _waiver(key="GET /nothing"), "key"),
        ("waivers", _waiver(field=""), "field"),
        ("waivers", _waiver(field="x" * 300), "field"),
        ("waivers", _waiver(**{"class": "odd"}), "class"),
        ("waivers", _waiver(reason=""), "reason"),
        ("waivers", _waiver(expires="soon"), "expires"),
        ("waivers", _waiver(expires="20261231"), "expires"),
        ("waivers", _waiver(expires="2020-01-01"), "expires"),
        ("waivers", _waiver(expires="2099-01-01"), "expires"),
        ("waivers/withdraw", {"key": BOTH, "reason": "x"}, "id"),
        ("waivers/withdraw", {"key": BOTH, "id": "x"}, "reason"),
    ],
)
def test_a_value_that_can_not_be_used_is_named(site: Site, name: str, value: Any, field: str) -> None:
    status, answer = site.post(name, value)
    assert (status, answer["field"]) == (400, field), answer
    assert field in answer["error"]
    assert site.store.epoch() == 0


def test_the_longest_waiver_is_told(site: Site) -> None:
    assert "90 days" in site.post("waivers", _waiver(expires="2099-01-01"))[1]["error"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"[]", 400),
        (b'"x"', 400),
        (b"\xff\xfe", 400),
        (b'{"keys": NaN}', 400),
        (b"[" * 20_000, 400),
        (b" " * 65_537, 413),
    ],
)
def test_a_body_that_is_no_object_is_refused(site: Site, body: bytes, status: int) -> None:
    assert site.send("moves", body, WRITE)[0] == status


def test_a_body_that_does_not_come_is_not_waited_for(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "WITHIN", 0.2)
    lines = [f"{name}: {value}" for name, value in WRITE.items()]
    head = get("/_strangler/api/kill", *lines, "Content-Length: 30", method="POST", close=False)
    assert talk(site.port, head + b"{").startswith(b"HTTP/1.1 408")


def test_a_store_that_hangs_is_not_waited_for(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    hangs = threading.Event()
    monkeypatch.setattr(console, "WITHIN", 0.2)
    monkeypatch.setattr(site.store, "kill", lambda *_, **__: hangs.wait(10))
    try:
        status, answer = site.post("kill", {"on": True, "reason": "x"})
    finally:
        hangs.set()
    assert status == 503
    assert "Look again" in answer["error"]
