"""No visitor ever acts as another: fifty at once, over both sides, while routes move under them."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from fastapi_app.auth.cookies import CookieSigner
from fastapi_app.auth.sessions import TOKEN_KEY
from fastapi_app.database import blocking_engine
from fastapi_app.models import WRITES, SessionStatus, User, UserRole, UserSession, now
from migration_flags import Stage
from tests.legacy_flask.hybrid import Hybrid, started
from tests.parity.library import SECRET, Library, make_library

pytestmark = pytest.mark.anyio

VISITORS = 50
ROUNDS = 3
CHECK = "GET /auth/check"
BOTH = pytest.mark.parametrize("stage", [Stage.LEGACY, Stage.MODERN])


def add_visitors(library: Library) -> dict[str, str]:
    """Fifty users, each with a login. The Cookie header of each, by name."""
    engine, cookies = blocking_engine(library.config), {}
    signer = CookieSigner([SECRET])
    with Session(engine.execution_options(**{WRITES: True})) as session, session.begin():
        for number in range(VISITORS):
            name, token = f"visitor{number:02}", secrets.token_urlsafe(32)
            user = User(
                username=name, email=f"{name}@example.org", password_hash="x", role=UserRole.USER, is_active=True
            )
            session.add(user)
            session.flush()
            session.add(
                UserSession(
                    user_id=user.id,
                    session_token=token,
                    status=SessionStatus.ACTIVE,
                    created_at=now(),
                    last_activity=now(),
                    expires_at=now() + timedelta(days=1),
                )
            )
            cookies[name] = f"mvidarr_session={signer.write({TOKEN_KEY: token, 'user_id': user.id})}"
    engine.dispose()
    return cookies


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    return make_library(tmp_path_factory.mktemp("visited") / "library", gate="true")


@pytest.fixture(scope="module")
def cookies(library: Library) -> dict[str, str]:
    return add_visitors(library)


@pytest.fixture
async def hybrid(library: Library) -> AsyncIterator[Hybrid]:
    async with started(library) as hybrid:
        yield hybrid


async def whoami(hybrid: Hybrid, cookie: str) -> tuple[str, str]:
    """The name that the visitor goes by, empty for nobody; and the side that says so."""
    answer = await hybrid.ask("GET", "/auth/check", headers={"cookie": cookie} if cookie else {})
    found = answer.json
    return (found["user"]["username"] if found["authenticated"] else ""), answer.side


async def everybody(hybrid: Hybrid, cookies: dict[str, str]) -> set[str]:
    """All visitors at once, and as many strangers between them. The sides that answered."""
    names = [name for visitor in cookies for name in (visitor, "")]
    answers = await asyncio.gather(*(whoami(hybrid, cookies.get(name, "")) for name in names))
    assert [name for name, _ in answers] == names
    return {side for _, side in answers}


@BOTH
async def test_fifty_visitors_at_once_are_each_themselves(
    hybrid: Hybrid, cookies: dict[str, str], stage: Stage
) -> None:
    await hybrid.move(stage)
    for _ in range(ROUNDS):
        assert await everybody(hybrid, cookies) == {stage.value}
    assert hybrid.checked_out() == 0


async def test_visitors_stay_themselves_while_the_route_moves_under_them(
    hybrid: Hybrid, cookies: dict[str, str]
) -> None:
    seen: set[str] = set()
    for number in range(2 * ROUNDS):
        asking = asyncio.create_task(everybody(hybrid, cookies))
        await hybrid.move(Stage.MODERN if number % 2 else Stage.LEGACY, [CHECK])
        seen |= await asking
    assert seen == {"legacy", "modern"}


@BOTH
async def test_a_login_on_one_side_outlives_writes_on_the_other(hybrid: Hybrid, stage: Stage) -> None:
    """Both sides keep one cookie in one format: what either sets, the other reads, and neither clears it."""
    other = Stage.MODERN if stage is Stage.LEGACY else Stage.LEGACY
    await hybrid.move(stage)
    cookie = await hybrid.log_in("anna")
    await hybrid.move(other)
    headers = {"cookie": cookie, "content-type": "application/json"}
    written = await hybrid.ask(
        "POST", "/api/artists/", headers=headers, body=b'{"name": "New on %s"}' % other.value.encode()
    )
    assert (written.status, written.side, written.all("set-cookie")) == (201, other.value, [])
    assert await whoami(hybrid, cookie) == ("anna", other.value)
    await hybrid.move(stage)
    assert await whoami(hybrid, cookie) == ("anna", stage.value)


@BOTH
async def test_a_logout_on_one_side_is_one_on_both(hybrid: Hybrid, stage: Stage) -> None:
    other = Stage.MODERN if stage is Stage.LEGACY else Stage.LEGACY
    await hybrid.move(stage)
    cookie = await hybrid.log_in("anna")
    await hybrid.move(other)
    assert (await hybrid.ask("POST", "/auth/logout", headers={"cookie": cookie})).status == 200
    for side in (other, stage):
        await hybrid.move(side)
        assert await whoami(hybrid, cookie) == ("", side.value)


@BOTH
async def test_an_answer_that_depends_on_the_visitor_says_so_to_caches(hybrid: Hybrid, stage: Stage) -> None:
    await hybrid.move(stage)
    cookie = await hybrid.log_in("anna")
    for headers in ({"cookie": cookie}, {}):
        answer = await hybrid.ask("GET", "/auth/check", headers=headers)
        assert "cookie" in answer.headers.get("vary", "").lower()
