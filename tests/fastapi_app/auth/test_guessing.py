"""What stands against guessing: locks, limits per address, equal work, and what a flood can't do."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import anyio
import httpx2
import pytest
from sqlalchemy import func, select

from fastapi_app.app import create_app
from fastapi_app.auth import hashing, limits
from fastapi_app.auth.passwords import hash_password, verify_password
from fastapi_app.config import Config
from fastapi_app.models import Attempt, AuditEvent, User, UserRole, UserSession, now
from tests.fastapi_app.conftest import BASE, Client, connected
from tests.fastapi_app.library import PASSWORD, log_in, user

pytestmark = pytest.mark.anyio
Rows = Callable[..., None]

HOME, STRANGER = "192.0.2.7", "198.51.100.9"
INVALID = {"error": "Invalid username or password"}
RIGHT = {"username": "anna", "password": PASSWORD}
WRONG = {"username": "anna", "password": "wrong"}


@asynccontextmanager
async def sent_from(client: Client, ip: str) -> AsyncIterator[httpx2.AsyncClient]:
    """Another client of the same application, at another address, with cookies of its own."""
    app = create_app(client.config)

    async def with_state(scope: Any, receive: Any, send: Any) -> None:
        await app({**scope, "state": dict(client.state)}, receive, send)

    transport = httpx2.ASGITransport(with_state, client=(ip, 50_000))
    async with httpx2.AsyncClient(transport=transport, base_url=BASE) as made:
        yield made


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Comparing takes a hundredth of a second, so that many attempts do not take minutes."""

    def compare(password: str, _stored: str) -> bool:
        time.sleep(0.01)
        return password == PASSWORD

    monkeypatch.setattr(hashing, "verify_password", compare)


async def attempt(client: httpx2.AsyncClient, body: dict[str, str], times: int = 1) -> httpx2.Response:
    for _ in range(times):
        answer = await client.post("/auth/login", json=body)
    return answer


async def count(client: Client, model: Any, *where: Any) -> int:
    async with client.state["database"].reading() as session:
        return await session.scalar(select(func.count()).select_from(model).where(*where)) or 0


async def account(client: Client) -> User:
    async with client.state["database"].reading() as session:
        found: User = await session.get_one(User, 1)
        return found


async def test_strangers_can_not_lock_somebody_out_at_home(client: Client, rows: Rows) -> None:
    rows(user())
    async with sent_from(client, HOME) as home, sent_from(client, STRANGER) as stranger:
        assert (await attempt(home, RIGHT)).status_code == 200
        await attempt(stranger, WRONG, times=5)
        refused = await attempt(stranger, RIGHT)
        assert refused.status_code == 401
        assert refused.json()["error"].startswith("Account is locked until ")
        home.cookies.clear()
        assert (await attempt(home, RIGHT)).status_code == 200
        assert (await attempt(stranger, RIGHT)).json() == refused.json()


async def test_an_address_is_home_for_thirty_days(client: Client, rows: Rows) -> None:
    rows(user(locked_until=now() + timedelta(minutes=9)))
    long_ago = now() - limits.HOME_FOR - timedelta(minutes=1)
    rows(session_row(1, HOME, long_ago), session_row(2, STRANGER, now() - timedelta(days=29)))
    async with sent_from(client, HOME) as home, sent_from(client, STRANGER) as lately:
        assert (await attempt(home, RIGHT)).json()["error"].startswith("Account is locked until ")
        assert (await attempt(lately, RIGHT)).status_code == 200


async def test_home_has_a_budget_of_its_own_that_ends(client: Client, rows: Rows) -> None:
    rows(user(), session_row(1, HOME, now()))
    async with sent_from(client, HOME) as home:
        assert (await attempt(home, WRONG, times=limits.HOME.failures)).json() == INVALID
        answer = await attempt(home, RIGHT)
        assert answer.status_code == 429
        assert 800 <= int(answer.headers["retry-after"]) <= 900
    async with sent_from(client, STRANGER) as stranger:
        # The failures at home locked the account for strangers, as 0.9 locked it for everybody.
        assert (await attempt(stranger, RIGHT)).json()["error"].startswith("Account is locked until ")


async def test_attempts_during_a_lock_do_not_prolong_it(client: Client, rows: Rows) -> None:
    rows(user())
    await attempt(client, WRONG, times=5)
    locked = (await account(client)).locked_until
    await attempt(client, WRONG, times=7)
    found = await account(client)
    assert (found.locked_until, found.failed_login_attempts) == (locked, 0)
    async with client.state["database"].writing() as session:
        (await session.get_one(User, 1)).locked_until = now() - timedelta(seconds=1)
    assert (await attempt(client, RIGHT)).status_code == 200


async def test_a_name_that_nobody_has_is_locked_like_one(client: Client, rows: Rows) -> None:
    rows(user())
    for name in ("anna", "nobody"):
        wrong = {"username": name, "password": "wrong"}
        assert {str((await attempt(client, wrong)).json()) for _ in range(5)} == {str(INVALID)}
        answer = await attempt(client, wrong)
        assert (answer.status_code, answer.json()["error"][:24]) == (401, "Account is locked until ")


@pytest.mark.usefixtures("quick")
async def test_an_address_is_stopped_whatever_names_it_tries(client: Client, rows: Rows) -> None:
    rows(user())
    async with sent_from(client, STRANGER) as stranger, sent_from(client, HOME) as other:
        for number in range(limits.ADDRESS.failures):
            assert (await attempt(stranger, {"username": f"name{number}", "password": "x"})).status_code == 401
        answer = await attempt(stranger, RIGHT)
        assert (answer.status_code, answer.json()) == (429, {"error": "Too many attempts, try again later"})
        assert 800 <= int(answer.headers["retry-after"]) <= 900
        page = await stranger.post("/simple-login", data=RIGHT)
        assert (page.status_code, page.headers["content-type"]) == (429, "text/html; charset=utf-8")
        assert (await attempt(other, RIGHT)).status_code == 200
    # Told of twenty, then of one a minute.
    refused = AuditEvent.event == "login_refused"
    assert 20 <= await count(client, AuditEvent, refused) <= 22


async def test_a_whole_network_is_one_address(client: Client, rows: Rows) -> None:
    rows(user())
    rows(Attempt(subject="address:2001:db8:1:2::/64", failures=60, window_began_at=now(), blocked_until=later()))
    async with sent_from(client, "2001:db8:1:2:3:4:5:6") as inside, sent_from(client, "2001:db8:1:3::1") as outside:
        assert (await attempt(inside, RIGHT)).status_code == 429
        assert (await attempt(outside, RIGHT)).status_code == 200


async def test_limits_survive_a_restart(config: Config, rows: Rows) -> None:
    rows(user())
    async with connected(config) as client:
        await attempt(client, WRONG, times=5)
    async with connected(config) as again:
        assert (await attempt(again, RIGHT)).json()["error"].startswith("Account is locked until ")


async def test_forgotten_counts_are_swept(client: Client, rows: Rows) -> None:
    rows(user())
    rows(*(Attempt(subject=f"address:old{n}", failures=1, window_began_at=now() - timedelta(days=3)) for n in range(3)))
    await log_in(client)
    assert await count(client, Attempt, Attempt.subject.like("address:old%")) == 0


async def test_every_attempt_compares_once(client: Client, rows: Rows, monkeypatch: pytest.MonkeyPatch) -> None:
    rows(
        user(),
        user(2, "idle", is_active=False),
        user(3, "locked", locked_until=later()),
        user(4, "factor", two_factor_enabled=True, two_factor_secret="JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"),
        user(5, "odd", password_hash="unknown$format"),
    )
    compared: list[str] = []

    def counting(password: str, stored: str) -> bool:
        compared.append(stored)
        return verify_password(password, stored)

    monkeypatch.setattr(hashing, "verify_password", counting)
    for name in ("anna", "idle", "locked", "factor", "odd", "nobody", "ännä", "x" * 500, "admin"):
        for password in (PASSWORD, "wrong", "x" * 10_000):
            compared.clear()
            await attempt(client, {"username": name, "password": password})
            assert len(compared) == 1, (name, password[:20])


@pytest.mark.parametrize("name", ["ännä", "anna ", "аnna", "anna\u200b", "ａnna", "ANNÀ@example.org"], ids=ascii)
async def test_look_alikes_are_nobody(client: Client, rows: Rows, name: str) -> None:
    rows(user())
    assert (await attempt(client, {"username": name, "password": PASSWORD})).json() == INVALID
    assert (await account(client)).failed_login_attempts == 0


@pytest.mark.usefixtures("quick")
async def test_the_last_administrator_is_never_locked_out_for_ever(client: Client, rows: Rows) -> None:
    rows(user(1, "boss", UserRole.ADMIN), session_row(1, HOME, now() - timedelta(days=3)))
    right = {"username": "boss", "password": PASSWORD}
    async with sent_from(client, HOME) as home:
        for ip in range(4):
            async with sent_from(client, f"203.0.113.{ip}") as stranger:
                await attempt(stranger, {**right, "password": "wrong"}, times=6)
        assert (await attempt(home, right)).status_code == 200


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("guesses", [300, pytest.param(10_000, marks=pytest.mark.long)])
async def test_a_flood_is_bounded_and_others_log_in_meanwhile(client: Client, rows: Rows, guesses: int) -> None:
    rows(user(), user(2, "bert", password_hash=hash_password(PASSWORD, rounds=4)))
    statuses: list[int] = []
    async with sent_from(client, STRANGER) as flood, sent_from(client, HOME) as home:

        async def guess(first: int) -> None:
            for number in range(first, guesses, 300):
                statuses.append((await attempt(flood, {**WRONG, "password": f"guess{number}"})).status_code)

        async with anyio.create_task_group() as group:
            for number in range(300):
                group.start_soon(guess, number)
            with anyio.fail_after(60):
                answer = await attempt(home, {"username": "bert", "password": PASSWORD})
                while answer.status_code == 503:
                    await anyio.sleep(0.05)
                    answer = await attempt(home, {"username": "bert", "password": PASSWORD})
            assert answer.status_code == 200
    assert len(statuses) == guesses
    assert {*statuses} <= {401, 429, 503}
    assert statuses.count(401) <= limits.ADDRESS.failures
    assert await count(client, UserSession, UserSession.user_id == 1) == 0
    assert await count(client, AuditEvent) < 30


async def test_what_happened_is_recorded_without_what_was_typed(client: Client, rows: Rows) -> None:
    rows(user())
    await attempt(client, {"username": "My-Secret-Typed-Here1!", "password": "x"})
    await attempt(client, WRONG, times=5)
    await attempt(client, RIGHT)
    async with client.state["database"].writing() as session:
        (await session.get_one(User, 1)).locked_until = None
    await log_in(client)
    async with client.state["database"].reading() as session:
        events = list(await session.scalars(select(AuditEvent).order_by(AuditEvent.id)))
    told = [(event.event, event.outcome, event.user_id, event.username) for event in events]
    assert told[0] == ("login_refused", "failure", None, None)
    assert told.count(("login_refused", "failure", 1, "anna")) == 6
    assert ("account_locked", "success", 1, "anna") in told
    assert told[-1] == ("login", "success", 1, "anna")
    texts = " ".join(str(vars(event)) for event in events)
    assert "Typed" not in texts
    assert PASSWORD not in texts


def session_row(row_id: int, ip: str, at: Any) -> UserSession:
    return UserSession(
        id=row_id, user_id=1, session_token=f"t{row_id}", ip_address=ip, created_at=at, last_activity=at, expires_at=at
    )


def later() -> Any:
    return now() + timedelta(minutes=5)
