"""A wrong variable is one sentence that names it, and never quotes what may be a secret."""

from pathlib import Path

import pytest

from fastapi_app.config import Config
from fastapi_app.operations.configuration import names, read
from fastapi_app.operations.refusal import ConfigurationInvalid
from tests.operations.processes import mvidarr


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for field in Config.model_fields:
        for name in names(field):
            monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("variable", "value", "sentence"),
    [
        ("MVIDARR_PORT", "abc", "MVIDARR_PORT (or PORT) is 'abc', but should be a valid integer."),
        ("PORT", "70000", "MVIDARR_PORT (or PORT) is '70000', but should be less than or equal to 65535."),
        ("MVIDARR_WORKERS", "0", "MVIDARR_WORKERS is '0', but should be greater than or equal to 1."),
        ("MVIDARR_BASE_URL", "x", "MVIDARR_BASE_URL is not usable: starts with a slash, for instance /mvidarr."),
        ("DB_PORT", "x", "DB_PORT is 'x', but should be a valid integer."),
        (
            "MVIDARR_DATABASE_URL",
            "postgres://u:topsecret@h/x",
            "MVIDARR_DATABASE_URL names 'postgres': use mysql://… or sqlite:///….",
        ),
    ],
)
def test_the_sentence_names_the_variable_and_the_way_out(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, sentence: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(ConfigurationInvalid) as caught:
        read()
    assert str(caught.value) == f"{sentence} Correct it in the environment or in .env."


def test_a_command_says_it_and_nothing_else(tmp_path: Path) -> None:
    ended = mvidarr(tmp_path, "up", MVIDARR_DATABASE_URL="postgres://u:topsecret@h/x")
    assert ended.returncode == 1
    assert ended.stdout == ""
    assert len(ended.stderr.splitlines()) == 1
    assert "topsecret" not in ended.stderr


@pytest.mark.long
def test_wrong_usage_is_exit_code_2(tmp_path: Path) -> None:
    assert mvidarr(tmp_path, "serve", "--workers", "none").returncode == 2
    assert mvidarr(tmp_path, "dance").returncode == 2


@pytest.mark.long
def test_dotenv_is_read_from_the_working_folder(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("MVIDARR_WORKERS=many\n")
    ended = mvidarr(tmp_path, "doctor")
    assert ended.returncode == 1
    assert "MVIDARR_WORKERS is 'many'" in ended.stderr
