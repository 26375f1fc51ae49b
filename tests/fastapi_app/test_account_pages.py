"""The pages about accounts: their forms do what they say, tell what was wrong, and show nothing to strangers."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from fastapi_app.models import SessionStatus, User, UserRole, UserSession, now
from fastapi_app.pages.markup import TEMPLATES
from tests.fastapi_app.conftest import Client
from tests.fastapi_app.library import PASSWORD, log_in, user
from tests.fastapi_app.stored import everything, one

pytestmark = pytest.mark.anyio
Rows = Callable[..., None]

NEW = {"username": "berta", "email": "berta@example.org", "password": "Golden-New1!", "role": "MANAGER"}
ADMIN_PAGES = ("/admin/", "/admin/users", "/admin/users/create", "/admin/users/2", "/admin/audit")
OWN_PAGES = ("/profile", "/2fa/setup")


@pytest.fixture
async def boss(client: Client, rows: Rows) -> Client:
    rows(user(1, "boss", UserRole.ADMIN), user(2, "anna"))
    await log_in(client, "boss")
    return client


async def test_every_page_is_there_and_is_kept_by_nobody(boss: Client) -> None:
    for path in (*ADMIN_PAGES, *OWN_PAGES):
        answer = await boss.get(path)
        assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store"), path
        assert "<h1" in answer.text, path


async def test_only_administrators_see_administration(boss: Client) -> None:
    assert 'href="/admin/"' in (await boss.get("/videos")).text
    boss.cookies.clear()
    for path in (*ADMIN_PAGES, *OWN_PAGES):
        assert (await boss.get(path)).headers["location"].startswith("/simple-login?next="), path
    await log_in(boss)
    for path in ADMIN_PAGES:
        assert (await boss.get(path)).status_code == 403, path
    for path in OWN_PAGES:
        assert (await boss.get(path)).status_code == 200, path
    assert 'href="/admin/"' not in (await boss.get("/videos")).text


async def test_the_form_makes_an_account_or_tells_what_is_wrong(boss: Client) -> None:
    wrong = await boss.post("/admin/users/create", data={**NEW, "username": "x<b>"})
    assert wrong.status_code == 200
    assert "Username can only contain letters" in wrong.text
    assert 'value="x&lt;b&gt;"' in wrong.text
    assert NEW["password"] not in wrong.text
    taken = await boss.post("/admin/users/create", data={**NEW, "username": "ANNA"})
    assert "Username already exists" in taken.text
    made = await boss.post("/admin/users/create", data=NEW)
    assert (made.status_code, made.headers["location"]) == (302, "/admin/users")
    assert (await one(boss, User, 3)).role is UserRole.MANAGER
    await boss.post("/admin/users/create", data={**NEW, "username": "clara", "email": "c@d.e", "role": ""})
    assert (await one(boss, User, 4)).role is UserRole.USER


async def test_the_list_is_searched_and_paged(boss: Client, rows: Rows) -> None:
    rows(*(user(number, f"user-{number}") for number in range(3, 60)))
    page = (await boss.get("/admin/users?search=user-&role=USER")).text
    assert "57 accounts" in page
    assert page.count('class="name"') == 25
    assert "?search=user-&amp;role=USER&amp;page=2" in page
    assert (await boss.get("/admin/users?search=user-&page=99")).text.count('class="name"') == 7
    assert "No account is like that" in (await boss.get("/admin/users?search=nobody")).text
    odd = await boss.get("/admin/users?role=GOD&page=x")
    assert (odd.status_code, "Invalid role: GOD" in odd.text) == (200, True)


@pytest.mark.parametrize(
    ("fields", "done"),
    [
        ({"action": "role", "role": "MANAGER"}, "role"),
        ({"action": "deactivate"}, "deactivate"),
        ({"action": "revoke_all"}, "revoke_all"),
    ],
)
async def test_a_button_does_its_work_and_leads_back(boss: Client, fields: dict[str, str], done: str) -> None:
    answer = await boss.post("/admin/users/2", data=fields)
    assert (answer.status_code, answer.headers["location"]) == (302, f"/admin/users/2?done={done}")
    assert 'class="notice"' in (await boss.get(answer.headers["location"])).text


@pytest.mark.parametrize(
    ("user_id", "fields", "status", "error"),
    [
        (1, {"action": "deactivate"}, 409, "deactivate your own account"),
        (1, {"action": "role", "role": "USER"}, 409, "change your own role"),
        (2, {"action": "role", "role": "GOD"}, 400, "Invalid role: GOD"),
        (2, {"action": "unlock"}, 400, "User is not locked"),
        (2, {"action": "activate"}, 400, "User is already active"),
        (2, {"action": "disable_2fa"}, 400, "2FA is not enabled"),
        (2, {"action": "renew_codes"}, 400, "2FA is not enabled"),
        (2, {"action": "revoke", "session_id": "99"}, 404, "Session not found"),
        (2, {"action": "revoke", "session_id": "x"}, 400, "session_id must be a whole number"),
        (2, {"action": "explode"}, 400, "action must be one of"),
        (2, {}, 400, "action must be one of"),
    ],
)
async def test_a_refusal_is_told_on_the_page(
    boss: Client, user_id: int, fields: dict[str, str], status: int, error: str
) -> None:
    answer = await boss.post(f"/admin/users/{user_id}", data=fields)
    assert answer.status_code == status
    assert error in answer.text.replace("&#39;", "'")


async def test_an_unknown_account_leads_back_to_the_list(boss: Client) -> None:
    assert (await boss.get("/admin/users/999")).headers["location"] == "/admin/users"
    assert (await boss.post("/admin/users/999", data={"action": "unlock"})).headers["location"] == "/admin/users"


async def test_a_locked_account_is_unlocked_by_its_button(boss: Client, rows: Rows) -> None:
    rows(user(3, "berta", locked_until=now() + timedelta(hours=1)))
    assert "Lift the lock" in (await boss.get("/admin/users/3")).text
    await boss.post("/admin/users/3", data={"action": "unlock"})
    assert "Lift the lock" not in (await boss.get("/admin/users/3")).text


async def test_a_new_address_needs_the_password(boss: Client) -> None:
    wrong = await boss.post("/profile", data={"action": "email", "email": "new@example.org", "password": "x"})
    assert (wrong.status_code, "The password is wrong" in wrong.text) == (400, True)
    bad = await boss.post("/profile", data={"action": "email", "email": "new", "password": PASSWORD})
    assert (bad.status_code, "Invalid email format" in bad.text) == (400, True)
    taken = await boss.post("/profile", data={"action": "email", "email": "ANNA@example.org", "password": PASSWORD})
    assert (taken.status_code, "Email already exists" in taken.text) == (409, True)
    done = await boss.post("/profile", data={"action": "email", "email": "new@example.org", "password": PASSWORD})
    assert done.headers["location"] == "/profile?done=email"
    assert (await one(boss, User, 1)).email == "new@example.org"


async def test_one_login_ends_or_all_others(boss: Client) -> None:
    for _ in range(2):
        boss.cookies.clear()
        await log_in(boss, "boss")
    page = (await boss.get("/profile")).text
    assert page.count('name="session_id"') == 3
    assert page.count(">this one<") == 1
    assert (await boss.post("/profile", data={"action": "revoke", "session_id": "1"})).status_code == 302
    assert (await one(boss, UserSession, 1)).status is SessionStatus.REVOKED
    await boss.post("/profile", data={"action": "revoke_others"})
    assert (await one(boss, UserSession, 2)).status is SessionStatus.REVOKED
    last = await boss.post("/profile", data={"action": "revoke", "session_id": "3"})
    assert last.headers["location"] == "/simple-login"
    assert (await boss.get("/profile")).status_code == 302
    assert (await everything(boss, UserSession)) == [1, 2, 3]


async def test_nobody_ends_a_login_of_somebody_else_from_their_profile(boss: Client) -> None:
    boss.cookies.clear()
    await log_in(boss)
    answer = await boss.post("/profile", data={"action": "revoke", "session_id": "1"})
    assert (answer.status_code, "Session not found" in answer.text) == (404, True)


async def test_names_and_devices_are_shown_as_text(boss: Client, rows: Rows) -> None:
    rows(user(3, "berta", email='"><script>alert(1)</script>@x'))
    boss.headers["user-agent"] = "<img src=x onerror=alert(2)>"
    boss.cookies.clear()
    await log_in(boss, "boss")
    for path in ("/admin/", "/admin/users", "/admin/users/3", "/admin/users/1", "/admin/audit", "/profile"):
        page = (await boss.get(path)).text
        assert "<script>alert" not in page, path
        assert "<img src=x" not in page, path


def test_no_template_holds_code_or_styles() -> None:
    """The content security policy would refuse them."""
    for name in (
        "admin",
        "admin_users",
        "admin_user",
        "admin_user_new",
        "admin_audit",
        "profile",
        "second_factor_setup",
    ):
        text = (TEMPLATES / f"{name}.html").read_text()
        assert " style=" not in text, name
        assert " onclick=" not in text, name
        assert "<script>" not in text, name
