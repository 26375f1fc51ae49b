"""The page of the system and 0.9's two routes beside it: who sees what, and that no secret gets out of the log."""

import json
import os
import threading
from datetime import datetime, timedelta
from pathlib import Path

import anyio
import anyio.lowlevel
import pytest
from starlette.testclient import TestClient

from fastapi_app import log_file
from fastapi_app.config import Config
from fastapi_app.jobs.health import Finding, Link, Load, Overview, findings
from fastapi_app.jobs.states import Queue
from fastapi_app.models import UserRole
from fastapi_app.pages.system import tasks, versions
from fastapi_app.pages.system.checks import Level, Seen, Space, checks, worst
from fastapi_app.system import lines, service
from tests.pages.accounts import add_accounts, sign_in
from tests.pages.shelf import Item, make_shelf

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "log_lines.json").read_text())
GIB = 2**30
AT = datetime(2026, 11, 22, 4, 30)  # noqa: DTZ001  stored dates are naive


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Config:
    made = make_shelf(tmp_path_factory.mktemp("shelf") / "data", (Item("Björk", "Jóga"),))
    add_accounts(made, UserRole.ADMIN, UserRole.USER)
    return made


def test_who_configures_sees_health_and_only_administrators_the_rest(site: TestClient, config: Config) -> None:
    page = sign_in(site, "").get("/system").text
    assert "The library is open" in page
    assert str(config.data_dir) not in page
    assert "yt-dlp" not in page
    assert 'id="log"' not in page
    page = sign_in(site, "admin").get("/system").text
    assert str(config.data_dir) in page
    assert "SQLite 3" in page
    assert "INFO login" in page


def test_the_log_is_narrowed_by_level(site: TestClient) -> None:
    assert "INFO login" not in sign_in(site, "admin").get("/system?level=ERROR").text
    assert "INFO login" in site.get("/system?level=nonsense").text


def test_every_package_has_a_licence_there(site: TestClient) -> None:
    page = sign_in(site, "").get("/system/licences").text
    assert "sqlalchemy" in page.lower()
    assert "MIT" in page


@pytest.mark.parametrize("path", ["/admin/system/status/service", "/admin/system/logs/recent"])
@pytest.mark.parametrize(("who", "status"), [("", 401), ("user", 403), ("admin", 200)])
def test_the_routes_are_for_administrators(site: TestClient, path: str, who: str, status: int) -> None:
    answer = sign_in(site, who).get(path)
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("application/json")


def test_they_answer_in_the_words_of_0_9(site: TestClient, config: Config) -> None:
    told = sign_in(site, "admin").get("/admin/system/status/service").json()
    assert (told["pid"], told["uptime"]) == (os.getpid(), None)
    told = site.get("/admin/system/logs/recent").json()
    assert told["log_file"] == str(config.data_dir / "logs" / "mvidarr.log")
    assert told["entry_count"] == len(told["log_entries"]) > 0


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["line"][:30])
def test_what_looks_like_a_secret_is_masked(vector: dict[str, str]) -> None:
    assert lines.shown(vector["line"]) == vector["shown"]


def test_only_the_end_of_a_long_log_is_read(tmp_path: Path) -> None:
    path = tmp_path / "mvidarr.log"
    path.write_text(
        "".join(f"INFO {number} {'x' * 90}\n\n" for number in range(9000)) + "torn \udcff", errors="replace"
    )
    found = lines.read(path)
    assert found[0].startswith("INFO ")
    assert (found[-2][:9], found[-1][:4]) == ("INFO 8999", "torn")
    assert lines.read(tmp_path / "none") == []


def test_lines_are_counted_from_a_level_on() -> None:
    told = ["x INFO a", "x WARN b", "no level", "x CRITICAL c"]
    assert [line.text for line in lines.last(told, "WARNING", 9)] == ["x WARN b", "x CRITICAL c"]
    assert [line.text for line in lines.last(told, "", 2)] == ["no level", "x CRITICAL c"]


def test_a_log_that_grows_gives_way_once_and_is_nobody_elses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_file, "LARGEST_BYTES", 100)
    path = tmp_path / "logs" / "mvidarr.log"
    writers = [threading.Thread(target=log_file.write, args=(path, f"line {n}\nforged")) for n in range(12)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    kept = path.read_text().splitlines() + path.with_name("mvidarr.log.1").read_text().splitlines()
    assert kept
    assert all(line.endswith(" forged") for line in kept), "a line is one line"
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.anyio
async def test_a_disk_that_is_full_stops_nobody(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("no folder")
    async with log_file.opened(tmp_path / "logs" / "mvidarr.log"):
        log_file.keep("lost")
        await anyio.lowlevel.checkpoint()
    log_file.keep("to nobody")


def test_the_worst_stands_first() -> None:
    seen = Seen(None, [Space("data", "/data", 100 * GIB, 1 * GIB), Space("media 1", "/gone", 0, 0)], True, "")
    found = checks(seen)
    assert [check.level for check in found] == sorted((check.level for check in found), key=list(Level)[::-1].index)
    assert worst(found) is Level.ERROR
    assert {check.source for check in found if check.level is Level.ERROR} == {
        "Background work",
        "Disk: media 1",
        "FFmpeg",
    }


def test_every_finding_about_jobs_is_in_the_list() -> None:
    away = Overview(Link.AWAY, (Load(Queue.DOWNLOADS, waiting=2),))
    told: tuple[Finding, ...] = findings(away)
    assert told
    shown = [check.message for check in checks(Seen(away, [], False, "/usr/bin/ffmpeg"))]
    assert all(finding.message in shown for finding in told)


def test_a_full_disk_is_an_error_a_small_one_a_warning() -> None:
    free = {Level.ERROR: 10 * 2**20, Level.WARNING: GIB, Level.OK: 9 * GIB}
    for level, bytes_free in free.items():
        seen = Seen(Overview(Link.NONE, ()), [Space("data", "/data", 10 * GIB, bytes_free)], False, "/ffmpeg")
        assert next(check.level for check in checks(seen) if check.source == "Disk: data") is level


@pytest.mark.parametrize(
    ("seconds", "words"), [(None, ""), (5, "less than a minute"), (61, "1 min"), (90_061, "1 d 1 h"), (7200, "2 h")]
)
def test_how_long_it_is_up(seconds: int | None, words: str) -> None:
    assert versions.duration(seconds) == words


def test_programs_tell_their_version() -> None:
    assert versions.version_of("ffmpeg version 5.1.6-0+deb12u1 Copyright (c) 2000") == "5.1.6-0+deb12u1"
    assert versions.version_of("what?") == versions.UNKNOWN
    assert service.reading(0, b"active\n") == "mvidarr: active"
    assert service.reading(3, b"inactive\n") is None
    assert service.described("mvidarr: active")["service_type"] == "systemd"


def test_schedules_say_when_they_run_next() -> None:
    off = tasks.tasks({}, {}, AT, AT)
    assert [task.following for task in off] == [None, None]
    on = {"backup_every_days": "2", "backup_last_at": "2026-11-21T04:00:00"}
    assert tasks.tasks(on, {}, AT, AT)[1].following == datetime(2026, 11, 23, 4)  # noqa: DTZ001
    late = {**on, "backup_last_at": "2026-01-01T00:00:00"}
    assert tasks.tasks(late, {}, AT, AT)[1].following == AT
    assert tasks.tasks({"backup_every_days": "1"}, {}, AT, AT + timedelta(hours=1))[1].rhythm == "every day"
