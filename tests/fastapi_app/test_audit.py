"""The audit trail: administrators read and narrow it, nobody changes it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from fastapi_app.models import AuditEvent, UserRole
from tests.fastapi_app.conftest import Client
from tests.fastapi_app.library import log_in, user

pytestmark = pytest.mark.anyio
Rows = Callable[..., None]


def happened(row_id: int, day: int, **columns: Any) -> AuditEvent:
    at = datetime(2026, 1, day, 12)  # noqa: DTZ001 - columns are naive, and mean UTC
    return AuditEvent(**{"id": row_id, "at": at, "event": "login", "outcome": "success", **columns})


@pytest.fixture
async def boss(client: Client, rows: Rows) -> Client:
    """With four old events; the login of the administrator is the fifth."""
    rows(user(1, "boss", UserRole.ADMIN), user(2, "anna"))
    rows(
        happened(1, 1, user_id=2, username="anna", ip_address="192.0.2.1"),
        happened(2, 2, event="login_refused", outcome="failure", username="anna", ip_address="192.0.2.2"),
        happened(3, 3, event="2fa_enabled", user_id=2, username="anna", detail={"target_id": 2}),
        happened(4, 4, event="user_created", user_id=9, username="Gone", subject="anna"),
    )
    await log_in(client, "boss")
    return client


async def ids(client: Client, query: str) -> list[int]:
    answer = await client.get(f"/api/audit?{query}")
    assert answer.status_code == 200, answer.text
    return [found["id"] for found in answer.json()["events"] if found["id"] < 5]


async def test_the_newest_event_comes_first(boss: Client) -> None:
    body = (await boss.get("/api/audit")).json()
    assert [found["id"] for found in body["events"]] == [5, 4, 3, 2, 1]
    assert (body["total"], body["page"], body["per_page"], body["pages"]) == (5, 1, 50, 1)
    assert body["events"][0]["username"] == "boss"
    assert body["events"][2] == {
        "id": 3,
        "at": "2026-01-03T12:00:00",
        "event": "2fa_enabled",
        "outcome": "success",
        "user_id": 2,
        "username": "anna",
        "subject": None,
        "ip_address": None,
        "user_agent": None,
        "request_id": None,
        "detail": {"target_id": 2},
    }


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("event=login_refused", [2]),
        ("user=2", [3, 1]),
        ("user=anna", [3, 2, 1]),
        ("user=gone", [4]),
        ("outcome=failure", [2]),
        ("address=192.0.2.1", [1]),
        ("from=2026-01-02&to=2026-01-03", [3, 2]),
        ("from=2026-01-02T12:00:01", [4, 3]),
        ("to=2026-01-02T13:00:00%2B01:00", [1]),
        ("event=&user=&outcome=&address=&from=&to=&page=", [4, 3, 2, 1]),
        ("per_page=2&page=2&to=2026-01-31", [2, 1]),
        ("page=99", []),
        ("page=2147483647&per_page=500", []),
        ("address=%25", []),
    ],
)
async def test_it_is_narrowed_by_what_is_asked(boss: Client, query: str, found: list[int]) -> None:
    assert await ids(boss, query) == found


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("event=nothing", "event"),
        ("outcome=maybe", "outcome"),
        ("from=yesterday", "from"),
        ("to=2026-13-01", "to"),
        ("to=9999-12-31", "to"),
        ("page=0", "page"),
        ("per_page=501", "per_page"),
        ("per_page=x", "per_page"),
        ("user=99999999999", "user"),
        ("address=%00", "address"),
    ],
)
async def test_what_makes_no_sense_is_refused_by_name(boss: Client, query: str, field: str) -> None:
    answer = await boss.get(f"/api/audit?{query}")
    assert (answer.status_code, answer.json()["error"].split()[0]) == (400, field)


async def test_only_administrators_read_it(boss: Client) -> None:
    boss.cookies.clear()
    assert (await boss.get("/api/audit")).status_code == 401
    await log_in(boss)
    assert (await boss.get("/api/audit")).status_code == 403


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
async def test_no_route_changes_it(boss: Client, method: str) -> None:
    assert (await boss.request(method, "/api/audit")).status_code == 405
    assert (await boss.request(method, "/api/audit/1")).status_code in (404, 405)


async def test_the_page_lists_narrows_and_pages(boss: Client, rows: Rows) -> None:
    rows(*(happened(number, 5, username="many") for number in range(10, 130)))
    page = (await boss.get("/admin/audit?user=many")).text
    assert "120 events" in page
    assert "?user=many&amp;page=2" in page
    assert "No event is like that" in (await boss.get("/admin/audit?user=nobody")).text
    odd = await boss.get("/admin/audit?from=yesterday")
    assert (odd.status_code, "from must be a date" in odd.text) == (200, True)
    assert (
        '<option value="login_refused" selected>login refused</option>'
        in (await boss.get("/admin/audit?event=login_refused")).text
    )
