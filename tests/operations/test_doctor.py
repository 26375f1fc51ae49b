"""The doctor tells what is missing, and changes nothing."""

import json
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from fastapi_app.config import Config
from fastapi_app.operations import doctor, ffmpeg, tables
from fastapi_app.operations.doctor import Verdict
from fastapi_app.operations.refusal import ProgramMissing
from tests.operations.processes import mvidarr


def verdicts(folder: Path, **settings: Any) -> dict[str, Verdict]:
    return {finding.name: finding.verdict for finding in doctor.examine(config(folder, **settings))}


def message(folder: Path, name: str, **settings: Any) -> str:
    return next(finding.message for finding in doctor.examine(config(folder, **settings)) if finding.name == name)


def config(folder: Path, **settings: Any) -> Config:
    data = folder / "data"
    defaults: dict[str, Any] = {"data_dir": data, "database_url": f"sqlite:///{data}/mvidarr.db", "port": 0}
    return Config(**(defaults | settings))


def test_a_fresh_machine_is_well_and_stays_untouched(tmp_path: Path) -> None:
    found = verdicts(tmp_path)
    assert Verdict.MISSING not in found.values()
    assert [name for name, verdict in found.items() if verdict is Verdict.NOTICE] == [
        "data folder",
        "database",
        "secret key",
    ]
    assert list(tmp_path.iterdir()) == []


def test_an_installation_is_all_ok(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    with tables.engine_for(config(tmp_path)) as engine:
        tables.bring_up_to_date(engine)
    (tmp_path / "data" / "secret_key").write_text("x" * 40)
    assert set(verdicts(tmp_path).values()) == {Verdict.OK}


def test_files_that_are_missing_or_out_of_reach_are_told(tmp_path: Path) -> None:
    films = tmp_path / "data" / "musicvideos"
    films.mkdir(parents=True)
    (films / "here.mp4").write_bytes(b"film")
    with tables.engine_for(config(tmp_path)) as engine:
        tables.bring_up_to_date(engine)
        with engine.begin() as connection:
            connection.execute(text("INSERT INTO artists (id, name) VALUES (1, 'Nova Kestrel')"))
            for path in ("data/musicvideos/here.mp4", "/app/data/musicvideos/gone.mp4", "/elsewhere/x.mp4", ""):
                connection.execute(
                    text("INSERT INTO videos (artist_id, title, local_path) VALUES (1, 'x', :path)"), {"path": path}
                )
    told = message(tmp_path, "films")
    assert told.startswith("1 of 3 files that the library names are there. 1 are missing")
    assert "'/app/data/musicvideos/gone.mp4'" in told
    assert "for instance '/elsewhere/x.mp4': name their folder in MVIDARR_MEDIA_ROOTS" in told
    assert verdicts(tmp_path)["films"] is Verdict.NOTICE


def test_an_open_gate_is_told(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    with tables.engine_for(config(tmp_path)) as engine:
        tables.bring_up_to_date(engine)
        with engine.begin() as connection:
            connection.execute(text("UPDATE settings SET value = 'false' WHERE key = 'require_authentication'"))
    assert verdicts(tmp_path)["login"] is Verdict.NOTICE
    assert "set require_authentication to true" in message(tmp_path, "login")


@pytest.mark.parametrize(
    ("name", "settings", "words"),
    [
        ("Redis", {"redis_url": "redis://127.0.0.1:1/0"}, "doesn't answer"),
        ("Redis", {"redis_url": "nonsense"}, "MVIDARR_REDIS_URL is not usable"),
        ("secret key", {"secret_key": "short"}, "shorter than 16"),
        ("media roots", {"media_roots": (Path("/nowhere/films"),)}, "/nowhere/films"),
        ("application", {"app": "nowhere:app"}, "MVIDARR_APP"),
        ("database", {"database_url": "mysql://u:topsecret@127.0.0.1:1/x"}, "Can't open the database"),
    ],
)
def test_what_is_missing_is_named(tmp_path: Path, name: str, settings: dict[str, Any], words: str) -> None:
    assert verdicts(tmp_path, **settings)[name] is Verdict.MISSING
    assert words in message(tmp_path, name, **settings)
    assert "topsecret" not in message(tmp_path, name, **settings)


def test_a_busy_port_is_only_a_notice(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert verdicts(tmp_path, port=taken.getsockname()[1])["port"] is Verdict.NOTICE


def test_no_ffmpeg_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ffmpeg, "executable", _refuse("There is no ffmpeg."))
    assert verdicts(tmp_path)["ffmpeg"] is Verdict.MISSING


def test_a_full_disk_and_a_folder_that_refuses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_LITTLE_SPACE_BYTES", 2**62)
    assert verdicts(tmp_path)["free space"] is Verdict.NOTICE
    assert verdicts(tmp_path, data_dir=Path("/proc"))["data folder"] is Verdict.MISSING


@pytest.mark.long
def test_the_command_for_people_and_for_programs(tmp_path: Path) -> None:
    said = mvidarr(tmp_path, "doctor", MVIDARR_PORT="0")
    assert said.returncode == 0, said.stdout
    assert "ffmpeg" in said.stdout
    ended = mvidarr(tmp_path, "doctor", "--json", MVIDARR_PORT="0", MVIDARR_APP="nowhere:app")
    assert ended.returncode == 1
    findings = {finding["name"]: finding["verdict"] for finding in json.loads(ended.stdout)}
    assert findings["application"] == "missing"


def _refuse(words: str) -> Callable[[], str]:
    def refuse() -> str:
        raise ProgramMissing(words)

    return refuse
