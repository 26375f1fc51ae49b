"""What is told from outside is understood, or refused with the variable's name; 0.9's names keep working."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from fastapi_app.config import Config, database_address


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("MVIDARR_DATABASE_URL", "MVIDARR_PORT", "PORT", "DB_HOST", "DB_PASSWORD", "MVIDARR_SECRET_KEY"):
        monkeypatch.delenv(name, raising=False)


def test_the_default_database_is_a_file_in_the_data_folder() -> None:
    assert str(database_address(Config(data_dir=Path("elsewhere")))) == "sqlite:///elsewhere/mvidarr.db"


def test_a_driver_in_the_address_is_ignored() -> None:
    address = database_address(Config(database_url="mysql+pymysql://u:p@h/n"))
    assert address.render_as_string(hide_password=False) == "mysql://u:p@h/n"


def test_the_old_names_still_reach_the_old_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DB_HOST", "mariadb")
    monkeypatch.setenv("DB_PASSWORD", "p@ss/word")
    monkeypatch.setenv("PORT", "5055")
    config = Config()
    assert database_address(config).password == "p@ss/word"
    assert database_address(config).host == "mariadb"
    assert config.port == 5055


def test_our_name_wins_over_the_old_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "5055")
    monkeypatch.setenv("MVIDARR_PORT", "5066")
    assert Config().port == 5066


@pytest.mark.parametrize("url", ["postgresql://h/n", "nonsense", "mysql:/h"])
def test_an_unknown_database_is_refused_by_name(url: str) -> None:
    with pytest.raises(ValidationError, match="MVIDARR_DATABASE_URL"):
        Config(database_url=url)


def test_folders_are_separated_by_colons_and_keys_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MVIDARR_MEDIA_ROOTS", "/srv/one:/srv/two:")
    monkeypatch.setenv("MVIDARR_SECRET_KEY_FALLBACKS", "first, second")
    config = Config()
    assert config.media_roots == (Path("/srv/one"), Path("/srv/two"))
    assert [key.get_secret_value() for key in config.secret_key_fallbacks] == ["first", "second"]


def test_a_prefix_needs_a_slash_before_and_none_after() -> None:
    assert Config(base_url="/mvidarr/").base_url == "/mvidarr"
    with pytest.raises(ValidationError, match="base_url"):
        Config(base_url="mvidarr")


def test_secrets_do_not_show() -> None:
    config = Config(secret_key="do-not-tell-anyone", db_password="neither-this")
    assert "tell" not in repr(config)
    assert "neither" not in repr(config)


@pytest.mark.parametrize("url", ["", "imvdb.com", "ftp://imvdb.com", "https://", "https://h/?key=x", "https://h/#x"])
def test_an_address_of_imvdb_that_leads_nowhere_is_refused(url: str) -> None:
    with pytest.raises(ValidationError, match="an address like"):
        Config(imvdb_url=url)
    assert Config(imvdb_url="http://127.0.0.1:9/api/v1/").imvdb_url == "http://127.0.0.1:9/api/v1"
