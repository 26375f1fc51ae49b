"""Who was logged out, switched off or given another role does not listen on."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import update

from fastapi_app.auth.keys.rules import hashed
from fastapi_app.auth.sessions import open_session
from fastapi_app.config import Config
from fastapi_app.database import Database
from fastapi_app.jobs.visibility import View
from fastapi_app.models import ApiKey, SessionStatus, Setting, User, UserRole, UserSession, now
from fastapi_app.progress.sockets import Sockets, TooManySockets
from fastapi_app.progress.standing import Proof, views
from tests.fastapi_app.library import CREATED, user

pytestmark = pytest.mark.anyio

LOGIN, KEY, OPEN = Proof(session_id=1), Proof(key_hash=hashed("k")), Proof()


class Holder:
    def __init__(self, proof: Proof = LOGIN, view: View = View(5)) -> None:  # noqa: B008  # frozen
        self.proof = proof
        self.view = view
        self.is_dismissed = False

    def dismiss(self) -> None:
        self.is_dismissed = True


@pytest.fixture
def people(rows: Callable[..., None]) -> None:
    login = open_session(5, "secret", now(), "127.0.0.1", "test")
    login.id = 1
    rows(user(5, "anna"))
    rows(
        login,
        ApiKey(id=1, user_id=5, name="k", prefix="k", key_hash=hashed("k"), role=UserRole.READONLY, created_at=CREATED),
    )


async def shown(config: Config, *changes: object) -> dict[Proof, View]:
    database = Database(config)
    try:
        async with database.writing() as session:
            for change in changes:
                await session.execute(change)  # type: ignore[call-overload]
        async with database.reading() as session:
            return await views(session, {LOGIN, KEY, OPEN})
    finally:
        await database.close()


@pytest.mark.usefixtures("people")
async def test_a_login_and_a_key_count_and_nobody_does_not(config: Config) -> None:
    assert await shown(config) == {LOGIN: View(5), KEY: View(5)}


@pytest.mark.usefixtures("people")
async def test_what_ended_is_missing(config: Config) -> None:
    assert LOGIN not in await shown(config, update(UserSession).values(status=SessionStatus.REVOKED))
    assert KEY not in await shown(config, update(ApiKey).values(revoked_at=now()))


@pytest.mark.usefixtures("people")
async def test_a_login_that_ran_out_is_missing(config: Config) -> None:
    assert LOGIN not in await shown(config, update(UserSession).values(expires_at=now() - timedelta(seconds=1)))


@pytest.mark.usefixtures("people")
async def test_a_user_who_was_switched_off_shows_nothing(config: Config) -> None:
    assert await shown(config, update(User).values(is_active=False)) == {}


@pytest.mark.usefixtures("people")
async def test_another_role_shows_something_else(config: Config) -> None:
    promoted = await shown(config, update(User).values(role=UserRole.MANAGER))
    assert promoted[LOGIN] == View(5, everything=True)
    assert promoted[KEY] == View(5), "a key shows what its own role shows"


@pytest.mark.usefixtures("people")
async def test_an_open_gate_lets_anybody_see_and_its_closing_ends_that(
    config: Config, rows: Callable[..., None]
) -> None:
    rows(Setting(id=1, key="require_authentication", value="false", description=""))
    assert await shown(config) == {LOGIN: View(5, True), KEY: View(5, True), OPEN: View(None, True)}
    closed = update(Setting).values(value="true")
    assert OPEN not in await shown(config, closed)


@pytest.mark.usefixtures("people")
async def test_sockets_whose_login_ended_are_dismissed_and_others_stay(config: Config) -> None:
    sockets = Sockets(10, 10)
    stays, loses_role, ended = Holder(), Holder(view=View(5, everything=True)), Holder(Proof(session_id=99))
    for holder in (stays, loses_role, ended):
        sockets.add(holder)
    database = Database(config)
    try:
        await sockets.check(database)
    finally:
        await database.close()
    assert [holder.is_dismissed for holder in (stays, loses_role, ended)] == [False, True, True]


@pytest.mark.usefixtures("people")
async def test_looking_does_not_prolong_a_login(config: Config) -> None:
    database = Database(config)
    try:
        old = now() - timedelta(hours=3)
        async with database.writing() as session:
            await session.execute(update(UserSession).values(last_activity=old))
        async with database.reading() as session:
            await views(session, {LOGIN})
        async with database.reading() as session:
            assert (await session.get_one(UserSession, 1)).last_activity == old
    finally:
        await database.close()


def test_one_user_and_all_together_are_bounded_and_places_are_given_back() -> None:
    sockets = Sockets(3, 2)
    first, second = Holder(), Holder()
    with sockets.held(first), sockets.held(second):
        with pytest.raises(TooManySockets):
            sockets.add(Holder())
        other = Holder(view=View(6))
        sockets.add(other)
        with pytest.raises(TooManySockets):
            sockets.add(Holder(view=View(8)))
        sockets.remove(other)
        sockets.remove(other)
    assert len(sockets) == 0
    assert not sockets._by_user
    with sockets.held(first):
        pass


def test_those_without_a_name_are_many_people() -> None:
    sockets = Sockets(5, 1)
    for _ in range(5):
        sockets.add(Holder(view=View(None)))
    with pytest.raises(TooManySockets):
        sockets.add(Holder(view=View(None)))
