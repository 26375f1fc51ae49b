"""What stands against guessing: locks, limits per address, and equal work."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from fastapi_app.models import Attempt, AuditEvent, User, UserRole, UserSession, now
from legacy_flask import attempt_rules, login
from legacy_flask.app import create_app
from legacy_flask.passwords import verify_password
from tests.legacy_flask.library import PASSWORD, Library, user

HOME, STRANGER = "192.0.2.7", "198.51.100.9"
INVALID = {"error": "Invalid username or password"}


def attempt(
    client: FlaskClient, ip: str = STRANGER, name: str = "anna", password: str = PASSWORD, times: int = 1
) -> TestResponse:
    for _ in range(times):
        answer = client.post(
            "/auth/login", json={"username": name, "password": password}, environ_base={"REMOTE_ADDR": ip}
        )
    return answer


def told(answer: TestResponse) -> str:
    assert answer.json is not None
    return str(answer.json["error"])


def login_from(row_id: int, ip: str, at: datetime) -> UserSession:
    return UserSession(
        id=row_id, user_id=1, session_token=f"t{row_id}", ip_address=ip, created_at=at, last_activity=at, expires_at=at
    )


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Comparing takes no time, so that many attempts do not take minutes."""
    monkeypatch.setattr(login, "verify_password", lambda password, _stored: password == PASSWORD)


def test_strangers_can_not_lock_somebody_out_at_home(library: Library) -> None:
    library.add(user("anna", UserRole.ADMIN))
    client = library.client()
    assert attempt(client, HOME).status_code == 200
    attempt(library.client(), password="wrong", times=5)
    refused = attempt(library.client())
    assert (refused.status_code, told(refused)[:24]) == (401, "Account is locked until ")
    assert attempt(library.client(), HOME).status_code == 200
    assert told(attempt(library.client())) == told(refused)


def test_an_address_is_home_for_thirty_days(library: Library) -> None:
    library.add(user("anna", locked_until=now() + timedelta(minutes=9)))
    library.add(login_from(1, HOME, now() - attempt_rules.HOME_FOR - timedelta(minutes=1)))
    library.add(login_from(2, STRANGER, now() - timedelta(days=29)))
    assert told(attempt(library.client(), HOME)).startswith("Account is locked until ")
    assert attempt(library.client(), STRANGER).status_code == 200


@pytest.mark.usefixtures("quick")
def test_home_has_a_budget_of_its_own_that_ends(library: Library) -> None:
    library.add(user("anna"))
    library.add(login_from(1, HOME, now()))
    attempt(library.client(), HOME, password="wrong", times=attempt_rules.HOME.failures)
    answer = attempt(library.client(), HOME)
    assert (answer.status_code, 800 <= int(answer.headers["Retry-After"]) <= 900) == (429, True)


def test_attempts_during_a_lock_do_not_prolong_it(library: Library) -> None:
    library.add(user("anna"))
    attempt(library.client(), password="wrong", times=5)
    until = library.one(User, 1).locked_until
    attempt(library.client(), password="wrong", times=3)
    found = library.one(User, 1)
    assert (found.locked_until, found.failed_login_attempts) == (until, 0)


def test_a_name_that_nobody_has_is_locked_like_one(library: Library) -> None:
    assert attempt(library.client(), name="nobody", times=5).json == INVALID
    assert told(attempt(library.client(), name="nobody")).startswith("Account is locked until ")


@pytest.mark.usefixtures("quick")
def test_an_address_is_stopped_whatever_names_it_tries(library: Library) -> None:
    library.add(user("anna"))
    client = library.client()
    for number in range(attempt_rules.ADDRESS.failures):
        assert attempt(client, name=f"name{number}", password="x").status_code == 401
    answer = attempt(client)
    assert (answer.status_code, answer.json) == (429, {"error": "Too many attempts, try again later"})
    assert attempt(client, HOME).status_code == 200
    with library.writing() as session:
        assert 20 <= session.query(AuditEvent).filter_by(event="login_refused").count() <= 22


@pytest.mark.usefixtures("quick")
def test_many_at_once_learn_no_more_than_one_after_the_other(library: Library) -> None:
    library.add(user("anna"))
    library.add(Attempt(subject=f"address:{STRANGER}", failures=57, window_began_at=now()))
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: attempt(library.client(), password="wrong").status_code, range(24)))
    assert (answers.count(401), answers.count(429)) == (3, 21)


def test_limits_survive_a_restart(library: Library) -> None:
    library.add(user("anna"))
    attempt(library.client(), password="wrong", times=5)
    again = create_app(library.settings)
    assert told(attempt(again.test_client())).startswith("Account is locked until ")
    from legacy_flask import database

    database.of(again).close()


def test_every_attempt_compares_once(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    library.add(
        user("anna"),
        user("idle", is_active=False),
        user("locked", locked_until=now() + timedelta(minutes=5)),
        user("factor", two_factor_enabled=True, two_factor_secret="JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"),
        user("odd", password_hash="unknown$format"),
    )
    compared: list[str] = []

    def counting(password: str, stored: str) -> bool:
        compared.append(stored)
        return verify_password(password, stored)

    monkeypatch.setattr(login, "verify_password", counting)
    for name in ("anna", "idle", "locked", "factor", "odd", "nobody", "ännä", "x" * 500):
        for password in (PASSWORD, "wrong", "x" * 10_000):
            compared.clear()
            attempt(library.client(), name=name, password=password)
            assert len(compared) == 1, (name, password[:20])


@pytest.mark.parametrize("name", ["ännä", "anna ", "аnna", "anna\u200b", "ａnna", "ANNÀ@example.org"], ids=ascii)
def test_look_alikes_are_nobody(library: Library, name: str) -> None:
    library.add(user("anna"))
    assert attempt(library.client(), name=name).json == INVALID
    assert library.one(User, 1).failed_login_attempts == 0


def test_what_happened_is_recorded_without_what_was_typed(library: Library) -> None:
    library.add(user("anna"))
    attempt(library.client(), name="My-Secret-Typed-Here1!")
    attempt(library.client(), password="wrong", times=5)
    attempt(library.client(), HOME)
    with Session(library.engine) as session:
        events = session.query(AuditEvent).order_by(AuditEvent.id).all()
    assert [(event.event, event.user_id) for event in events] == [
        ("login_refused", None),
        *[("login_refused", 1)] * 4,
        ("account_locked", 1),
        ("login_refused", 1),
        ("login_refused", 1),
    ]
    texts = " ".join(str(vars(event)) for event in events)
    assert "Typed" not in texts
    assert PASSWORD not in texts
