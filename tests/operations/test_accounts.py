"""Users as the commands make them."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session
from typer.testing import CliRunner, Result

from fastapi_app.auth.passwords import hash_password, verify_password
from fastapi_app.auth.single_account import MOVED
from fastapi_app.cli import app
from fastapi_app.config import Config
from fastapi_app.models import Attempt, SessionStatus, Setting, User, UserRole, UserSession, now
from fastapi_app.operations import accounts, default_settings, tables
from fastapi_app.operations.password import generate
from fastapi_app.operations.refusal import AccountRefused
from tests.operations.processes import found

POLICY = re.compile(r"(?=.*[a-z])(?=.*[A-Z])(?=.*\d)(?=.*[@$!%*?&])[A-Za-z\d@$!%*?&]{8,72}")


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    config = Config(data_dir=tmp_path, database_url=f"sqlite:///{tmp_path}/library.db")
    with tables.engine_for(config) as engine:
        tables.bring_up_to_date(engine)
        yield engine


def test_generated_passwords_satisfy_the_policy_and_differ() -> None:
    made = {generate() for _ in range(200)}
    assert len(made) == 200
    assert all(POLICY.fullmatch(password) for password in made)


def test_chance_is_passed_in() -> None:
    assert generate(lambda letters: letters[0], lambda letters: None) == "aA2@@" + "a" * 15


def test_the_first_administrator_is_made_once(engine: Engine) -> None:
    password = accounts.create_first(engine)
    assert password is not None
    assert accounts.create_first(engine) is None
    user = only_user(engine)
    assert (user.username, user.role, user.email) == ("admin", UserRole.ADMIN, "admin@localhost")
    assert user.password_hash.startswith("$2b$")
    assert verify_password(password, user.password_hash)


def test_a_name_or_address_taken_is_refused_whatever_its_case(engine: Engine) -> None:
    accounts.create(engine, "Zoe", UserRole.USER, "zoe@example.org")
    with pytest.raises(AccountRefused, match="already"):
        accounts.create(engine, "zoé".replace("é", "e"), UserRole.USER)
    with pytest.raises(AccountRefused, match="already"):
        accounts.create(engine, "other", UserRole.USER, "ZOE@example.org")


@pytest.mark.parametrize("name", ["ab", "a" * 31, "a b", "ä-x", "", "root\n"])
def test_a_bad_name_is_refused(engine: Engine, name: str) -> None:
    with pytest.raises(AccountRefused, match="is no user name"):
        accounts.create(engine, name, UserRole.USER)


@pytest.mark.parametrize("email", ["nobody", "@x", "a@" + "b" * 130])
def test_a_bad_address_is_refused(engine: Engine, email: str) -> None:
    with pytest.raises(AccountRefused, match="is no e-mail address"):
        accounts.create(engine, "someone", UserRole.USER, email)


def test_a_reset_lifts_the_lock_and_ends_every_login(engine: Engine) -> None:
    old = accounts.create(engine, "someone", UserRole.USER)
    with Session(engine) as session, session.begin():
        user = session.scalars(select(User)).one()
        user.failed_login_attempts, user.locked_until = 3, now() + timedelta(hours=1)
        session.add(UserSession(user_id=user.id, session_token="t", expires_at=now() + timedelta(hours=1)))
    new = accounts.reset_password(engine, "someone")
    user = only_user(engine)
    assert verify_password(new, user.password_hash)
    assert not verify_password(old, user.password_hash)
    assert (user.failed_login_attempts, user.locked_until) == (0, None)
    with Session(engine) as session:
        assert session.scalars(select(UserSession.status)).all() == [SessionStatus.REVOKED]


def test_a_reset_forgets_what_was_counted_and_voids_other_ways_in(engine: Engine) -> None:
    accounts.create(engine, "someone", UserRole.ADMIN)
    at, soon = now(), now() + timedelta(minutes=9)
    with Session(engine) as session, session.begin():
        user = session.scalars(select(User)).one()
        user.password_reset_token, user.password_reset_expires = "code", soon
        for subject in ("address:192.0.2.7", f"home:{user.id}:192.0.2.7", f"code:{user.id}"):
            session.add(Attempt(subject=subject, failures=9, window_began_at=at, blocked_until=soon))
        session.add(Setting(key="simple_auth_username", value="SOMEONE"))
        session.add(Setting(key="simple_auth_password", value="0" * 64))
    accounts.reset_password(engine, "someone")
    with Session(engine) as session:
        assert session.scalars(select(Attempt.subject)).all() == []
        setting = select(Setting.value).where(Setting.key == "simple_auth_password")
        assert session.scalar(setting) == MOVED
        assert session.scalars(select(User.password_reset_token)).one() is None


def test_a_reset_for_nobody_is_refused(engine: Engine) -> None:
    with pytest.raises(AccountRefused, match="no user called 'ghost'"):
        accounts.reset_password(engine, "ghost")


def test_a_new_installation_has_the_settings_of_0_9_and_is_closed(engine: Engine) -> None:
    with Session(engine) as session:
        rows = {row.key: row.value for row in session.scalars(select(Setting))}
    assert len(rows) == 23
    assert rows["require_authentication"] == "true"
    assert not [key for key in rows if key.startswith("simple_auth")]


def test_settings_that_someone_changed_are_never_written_again(engine: Engine) -> None:
    with Session(engine) as session, session.begin():
        for row in session.scalars(select(Setting).where(Setting.key != "language")):
            session.delete(row)
    assert not default_settings.seed(engine)
    with Session(engine) as session:
        assert len(session.scalars(select(Setting)).all()) == 1


def test_the_commands_show_each_password_once(tmp_path: Path) -> None:
    folder = tmp_path / "data"

    def told(*arguments: str) -> Result:
        return CliRunner().invoke(app, arguments, env={"MVIDARR_DATA_DIR": str(folder)})

    for command in (("user", "create", "someone", "--role", "manager"), ("db", "check")):
        assert (
            str(told(*command).exception) == f"There is no database at {folder}/mvidarr.db yet. Run: mvidarr db upgrade"
        )
    assert not folder.exists()
    shown = [
        found(r"Password  (\S+)", told(*command).output)
        for command in (
            ("db", "upgrade"),
            ("user", "create", "someone", "--role", "manager"),
            ("user", "reset-password", "someone"),
        )
    ]
    assert len(set(shown)) == 3
    assert told("db", "upgrade").output == "The tables are up to date.\n"
    assert told("db", "check").exit_code == 0


def test_an_adoption_names_its_backup_and_is_remembered(engine: Engine, tmp_path: Path) -> None:
    assert not tables.came_from_0_9(engine)
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE alembic_version"))
        connection.execute(text("INSERT INTO settings (key, value) VALUES ('simple_auth_username', 'admin')"))
    url = engine.url.render_as_string().replace("+pysqlite", "")
    told = CliRunner().invoke(
        app, ["db", "upgrade"], env={"MVIDARR_DATABASE_URL": url, "MVIDARR_DATA_DIR": str(tmp_path / "data")}
    )
    assert told.exit_code == 0, told.output
    assert Path(found(r"The database as it was: (\S+)", told.output)).is_relative_to(tmp_path / "data" / "backups")
    assert tables.came_from_0_9(engine)


def test_tables_that_are_not_ours_are_explained(engine: Engine, tmp_path: Path) -> None:
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    url = engine.url.render_as_string().replace("+pysqlite", "")
    told = CliRunner().invoke(app, ["db", "check"], env={"MVIDARR_DATABASE_URL": url})
    assert told.exit_code == 1
    assert told.output.startswith("The tables were made by a newer version of MVidarr.\nRevision found: 9999.")
    refused = CliRunner().invoke(app, ["user", "reset-password", "admin"], env={"MVIDARR_DATABASE_URL": url})
    assert "Run: mvidarr db check" in str(refused.exception)


def test_why_a_database_is_not_one_of_0_9_is_told(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'other.db'}"
    with tables.engine_for(Config(database_url=url)) as engine, engine.begin() as connection:
        connection.execute(text("CREATE TABLE artists (id INTEGER, title TEXT)"))
    told = CliRunner().invoke(app, ["db", "check"], env={"MVIDARR_DATABASE_URL": url})
    assert told.exit_code == 1
    assert "It is not one of 0.9: the table artists has no column name." in told.output
    assert "It is not one of 0.9: there is no table videos." in told.output


def test_an_administrator_with_the_password_that_0_9_shipped_gets_a_new_one(engine: Engine) -> None:
    add_administrator(engine, "admin", hash_password("admin", rounds=4))
    made = accounts.ensure_administrator(engine)
    assert made is not None
    assert made.username == "admin"
    assert verify_password(made.password, only_user(engine).password_hash)


def test_an_administrator_with_a_password_of_their_own_keeps_it(engine: Engine) -> None:
    add_administrator(engine, "admin", hash_password("admin", rounds=4))
    add_administrator(engine, "someone", hash_password("Their-0wn!", rounds=4))
    assert accounts.ensure_administrator(engine) is None


def test_a_library_without_an_active_administrator_gets_one(engine: Engine) -> None:
    accounts.create(engine, "admin", UserRole.USER)
    made = accounts.ensure_administrator(engine)
    assert made is not None
    assert made.username == "admin-2"


def add_administrator(engine: Engine, name: str, password_hash: str) -> None:
    with Session(engine) as session, session.begin():
        session.add(User(username=name, email=f"{name}@localhost", password_hash=password_hash, role=UserRole.ADMIN))


def only_user(engine: Engine) -> User:
    with Session(engine) as session:
        return session.scalars(select(User)).one()
