"""The first steps without scripts: offered to administrators of an empty library, and never in the way."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from fastapi_app.auth.passwords import hash_password
from fastapi_app.auth.visitor import ANONYMOUS, Visitor
from fastapi_app.config import Config
from fastapi_app.database import Database
from fastapi_app.demo.kinds import DEMO
from fastapi_app.jobs import running
from fastapi_app.jobs.kinds import Kinds
from fastapi_app.jobs.states import Queue
from fastapi_app.models import Artist, Download, Job, Setting, User, UserRole, Video
from fastapi_app.pages.welcome.offer import is_offered
from fastapi_app.pages.welcome.rules import STEP_SETTING, is_made
from tests.pages.accounts import PASSWORD, add_accounts, sign_in
from tests.search.libraries import library, opened, put, writing

PAGE = "/welcome"


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Config]:
    """An empty library with an administrator and a manager."""
    with library("sqlite", tmp_path_factory.mktemp("library")) as made:
        add_accounts(made, UserRole.ADMIN, UserRole.MANAGER)
        yield made


@pytest.fixture
def client(site: TestClient, config: Config) -> TestClient:
    """The administrator, at the beginning."""
    with writing(config) as session:
        for table in (Download, Video, Artist, Job):
            session.execute(delete(table))
        session.execute(delete(Setting).where(Setting.key != "require_authentication"))
    return sign_in(site, "admin")


def step(config: Config) -> str | None:
    with opened(config) as engine, Session(engine) as session:
        return session.scalar(select(Setting.value).where(Setting.key == STEP_SETTING))


def count(config: Config, table: type[Artist] | type[Video] | type[Job]) -> int:
    with opened(config) as engine, Session(engine) as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_it_is_for_administrators_who_logged_in(site: TestClient) -> None:
    site.cookies.clear()
    assert site.get(PAGE).headers["location"].startswith("/simple-login")
    assert sign_in(site, "manager").get(PAGE).status_code == 403
    assert site.post(PAGE, data={"step": "library", "way": "demo"}).status_code == 403


def test_it_goes_on_where_somebody_left_off_and_going_back_forgets_nothing(client: TestClient, config: Config) -> None:
    assert "Your password" in client.get(PAGE).text
    assert step(config) is None
    for name, following in (("password", "folders"), ("folders", "keys")):
        answer = client.post(PAGE, data={"step": name, "go": "on"})
        assert answer.headers["location"] == f"/welcome?step={following}"
    assert "Both are free and optional" in client.get(PAGE).text
    assert "Your password" in client.get(PAGE, params={"step": "password"}).text
    client.post(PAGE, data={"step": "password", "go": "on"})
    assert step(config) == "keys"
    assert client.get(PAGE, params={"step": "nope"}).status_code == 200
    assert client.post(PAGE, data={"step": "nope"}).status_code == 400


def test_all_of_it_can_be_skipped(client: TestClient, config: Config) -> None:
    assert client.post(PAGE, data={"step": "password", "go": "finish"}).headers["location"] == "/"
    assert step(config) == "done"


def test_the_password_is_changed_by_whoever_knows_it(client: TestClient, config: Config) -> None:
    told = client.post(PAGE, data={"step": "password", "current_password": "wrong", "new_password": "Better-Horse1!"})
    assert (told.status_code, "Current password is incorrect" in told.text) == (400, True)
    given = {"step": "password", "current_password": PASSWORD, "new_password": "Better-Horse1!"}
    answer = client.post(PAGE, data=given)
    assert answer.headers["location"] == "/welcome?step=folders&done=password"
    assert "The password is changed" in client.get(answer.headers["location"]).text
    with writing(config) as session:
        session.get_one(User, 1).password_hash = hash_password(PASSWORD, rounds=4)


def test_folders_are_looked_at_and_changed(client: TestClient, config: Config) -> None:
    page = client.get(PAGE, params={"step": "folders"}).text
    assert "will be made when it is needed" in page
    assert str(config.data_dir.resolve() / "musicvideos") in page
    outside = client.post(PAGE, data={"step": "folders", "music_videos_path": "/etc"})
    assert (outside.status_code, "in MVIDARR_MEDIA_ROOTS" in outside.text) == (400, True)
    client.post(PAGE, data={"step": "folders", "was.music_videos_path": "x", "music_videos_path": "data/films"})
    assert str(config.data_dir.resolve() / "films") in client.get(PAGE, params={"step": "folders"}).text


def test_a_folder_that_nobody_may_write_is_told(client: TestClient, config: Config) -> None:
    put(config, Setting(key="downloads_path", value="/etc/films"))
    page = client.get(PAGE, params={"step": "folders"}).text
    assert "This folder is outside of those that MVidarr may use." in page


def test_keys_are_stored_and_not_shown(client: TestClient, config: Config) -> None:
    client.post(PAGE, data={"step": "keys", "imvdb_api_key": "hidden-key", "youtube_api_key": ""})
    assert step(config) == "library"
    page = client.get(PAGE, params={"step": "keys"}).text
    assert "Set. Type a new one" in page
    assert "hidden-key" not in page
    tried = client.post("/settings/try", data={"try": "youtube_api_key", "back": "welcome"})
    assert tried.headers["location"] == "/welcome?step=keys&tried=youtube_api_key&outcome=missing"
    assert "There is no key to try." in client.get(tried.headers["location"]).text


def test_a_first_artist_is_added_once(client: TestClient, config: Config) -> None:
    assert client.post(PAGE, data={"step": "library", "way": "artist", "name": " "}).status_code == 400
    answer = client.post(PAGE, data={"step": "library", "way": "artist", "name": " Björk "})
    assert answer.headers["location"] == "/welcome?step=done&done=artist"
    assert step(config) == "done"
    again = client.post(PAGE, data={"step": "library", "way": "artist", "name": "bjork"})
    assert (again.status_code, "in the library already" in again.text) == (409, True)
    assert count(config, Artist) == 1


def test_films_that_are_there_are_taken_each_once(client: TestClient, config: Config) -> None:
    nothing = client.post(PAGE, data={"step": "library", "way": "films"})
    assert (nothing.status_code, "There is no film below" in nothing.text) == (400, True)
    film = config.data_dir / "musicvideos" / "Björk" / "Björk - Jóga.mp4"
    film.parent.mkdir(parents=True)
    film.write_bytes(b"film")
    answer = client.post(PAGE, data={"step": "library", "way": "films"})
    assert answer.headers["location"] == "/welcome?step=done&done=films&count=1"
    assert "1 film is in the library now." in client.get(answer.headers["location"]).text
    assert client.post(PAGE, data={"step": "library", "way": "films"}).status_code == 400
    assert count(config, Video) == 1


def test_a_demo_is_a_job_and_only_for_an_empty_library(client: TestClient, config: Config) -> None:
    assert "Make the demo" in client.get(PAGE, params={"step": "library"}).text
    answer = client.post(PAGE, data={"step": "library", "way": "demo"})
    assert answer.headers["location"] == "/welcome?step=done&done=demo"
    assert count(config, Job) == 1
    put(config, Artist(id=1, name="Somebody"))
    assert "Make the demo" not in client.get(PAGE, params={"step": "library"}).text
    assert client.post(PAGE, data={"step": "library", "way": "demo"}).status_code == 409
    with opened(config) as engine:
        assert running.attempt(config, engine, Queue.MAINTENANCE, kinds=Kinds(DEMO))
        with Session(engine) as session:
            job = session.scalars(select(Job)).one()
    assert (job.state, job.error_message) == ("failed", "The library is not empty, so the demo was not added.")


@pytest.mark.long
def test_the_demo_is_made_by_a_worker(client: TestClient, config: Config) -> None:
    client.post(PAGE, data={"step": "library", "way": "demo"})
    with opened(config) as engine:
        assert running.attempt(config, engine, Queue.MAINTENANCE, kinds=Kinds(DEMO))
        with Session(engine) as session:
            job = session.scalars(select(Job)).one()
    assert (job.state, job.error_message) == ("completed", None)
    assert count(config, Artist) > 3


@pytest.mark.anyio
async def test_the_dashboard_offers_it_until_it_was_taken_or_the_library_holds_something(
    client: TestClient, config: Config
) -> None:
    administrator = Visitor(user_id=1, username="admin", role=UserRole.ADMIN)
    database = Database(config)
    try:
        async with database.reading() as session:
            assert not await is_offered(session, ANONYMOUS)
            assert not await is_offered(session, Visitor(user_id=2, role=UserRole.MANAGER))
            assert await is_offered(session, administrator)
        put(config, Artist(id=1, name="Somebody"))
        async with database.reading() as session:
            assert not await is_offered(session, administrator)
        with writing(config) as rows:
            rows.execute(delete(Artist))
        client.post(PAGE, data={"step": "keys", "go": "finish"})
        async with database.reading() as session:
            assert not await is_offered(session, administrator)
    finally:
        await database.close()


def test_a_password_is_the_first_one_until_it_is_changed() -> None:
    made = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert is_made(made, None)
    assert is_made(made, made + timedelta(milliseconds=3))
    assert not is_made(made, made + timedelta(hours=1))
    assert not is_made(None, made)


def test_what_a_visitor_writes_into_the_address_is_no_sentence_of_ours(client: TestClient) -> None:
    for query in ("done=<b>", "done=films&count=<b>", "tried=imvdb_api_key&outcome=<b>", "tried=<b>&outcome=accepted"):
        page = client.get(f"{PAGE}?step=keys&{query}")
        assert page.status_code == 200
        assert "<b>" not in page.text
