"""A backup brings back every row and every picture, on both databases and from one to the other."""

import gzip
import io
import json
import tarfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import delete, text

from fastapi_app.backup import archive, checking, folder, manifest, restoring, rows, turn
from fastapi_app.backup.manifest import Manifest
from fastapi_app.backup.refusals import BackupInvalid, BackupNewer, Incomplete, JobsRunning, NoSpace
from fastapi_app.config import Config
from fastapi_app.models import Job, Setting, User, UserRole, Video, now
from tests.search.libraries import SIDES, artist, library, opened, playlist, put, video, writing

MOMENT = datetime(2026, 11, 22, 1, 2, 3, tzinfo=UTC)
DAY = datetime(1997, 5, 1)  # noqa: DTZ001  stored dates are naive
LATER = MOMENT + timedelta(hours=1)
PASSWORD = "$2b$12$hash-of-a-password"
TOKEN = "key-of-another-service"


def silent(_what: str, _done: int, _total: int) -> None:
    """Nobody looks."""


def filled(config: Config) -> Config:
    """A library with values of every kind, and pictures."""
    pictures = config.data_dir / "thumbnails" / "videos"
    pictures.mkdir(parents=True, exist_ok=True)
    (pictures / "ä b.jpg").write_bytes(b"picture" * 1000)
    (pictures / "empty.jpg").write_bytes(b"")
    (config.data_dir / "secret_key").write_text("the-key-that-signs-logins")
    put(
        config,
        artist(1, "Björk 🪩"),
        *(video(number, f'Song {number}\n\t"quoted" \\ \'', 1, "x" * 300) for number in range(1, 1500)),
        Video(id=2000, artist_id=1, title="Dated", genres=["a", {"b": None}], release_date=DAY, year=0),
        playlist(1, "List"),
        Setting(id=2, key="imvdb_api_key", value=TOKEN),
        User(id=1, username="admin", email="a@example.org", password_hash=PASSWORD, role=UserRole.ADMIN),
        job(1, "completed", percent=12.5, payload={"url": "https://example.org/"}),
    )
    return config


def job(number: int, state: str, **more: object) -> Job:
    values = {"kind": "info", "subject": f"url {number}", "queue": "metadata", "payload": {}, "attempt_limit": 3}
    moments = {"due_at": now(), "created_at": now(), "updated_at": now()}
    return Job(id=number, state=state, **{**values, **moments, **more})


def save(config: Config, *, with_secrets: bool = True) -> tuple[Path, Manifest]:
    path = folder.of(config) / folder.name_at(MOMENT)
    with opened(config) as engine:
        made = archive.write(config, engine, path, MOMENT, with_secrets=with_secrets, progress=silent)
    return path, made


def bring_back(config: Config, path: Path) -> restoring.Restored:
    with opened(config) as engine:
        return restoring.restore(config, engine, path, LATER, silent)


def contents(config: Config) -> dict[str, list[bytes]]:
    with opened(config) as engine, engine.connect() as connection:
        return {table.name: list(rows.lines(connection, table)) for table in rows.tables(connection)}


def pictures(config: Config) -> dict[str, bytes]:
    home = config.data_dir / "thumbnails"
    return {str(path.relative_to(home)): path.read_bytes() for path in home.rglob("*") if path.is_file()}


@pytest.fixture(scope="module", params=SIDES)
def config(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Config]:
    with library(request.param, tmp_path_factory.mktemp(request.param)) as made:
        yield filled(made)


@pytest.fixture(scope="module")
def other(config: Config, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Config]:
    """A library on the other database."""
    side = "sqlite" if config.database_url.startswith("mysql") else "mariadb"
    with library(side, tmp_path_factory.mktemp("other")) as made:
        yield made


def test_every_row_and_every_picture_comes_back(config: Config) -> None:
    before, seen = contents(config), pictures(config)
    path, made = save(config)
    assert made == checking.check(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert len(before["videos"]) == 1501
    with writing(config) as session:
        session.execute(delete(Video).where(Video.id > 10))
        session.execute(text("UPDATE artists SET name = 'Spoiled'"))
    put(config, video(9999, "Later"))
    for spoiled in (config.data_dir / "thumbnails" / "videos").iterdir():
        spoiled.write_bytes(b"spoiled")
    (config.data_dir / "thumbnails" / "later.jpg").write_bytes(b"later")
    restored = bring_back(config, path)
    assert contents(config) == before
    assert pictures(config) == seen
    assert restored.rows == made.rows
    assert restored.safety is not None
    assert checking.check(restored.safety).rows != made.rows
    assert not list(config.data_dir.glob(".thumbnails*"))


def test_a_library_moves_to_the_other_database(config: Config, other: Config) -> None:
    path, _ = save(config)
    bring_back(other, path)
    assert contents(other) == contents(config)
    assert pictures(other) == pictures(config)


def test_searches_find_what_was_restored(config: Config) -> None:
    path, _ = save(config)
    bring_back(config, path)
    with opened(config) as engine, engine.connect() as connection:
        counted = connection.scalar(text("SELECT COUNT(*) FROM search_videos"))
    assert counted == 1500


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Config]:
    with library("sqlite", tmp_path_factory.mktemp("plain")) as made:
        yield filled(made)


def test_without_secrets_there_are_none(plain: Config) -> None:
    path, made = save(plain, with_secrets=False)
    raw = gzip.decompress(path.read_bytes())
    for secret in (PASSWORD, TOKEN, "the-key-that-signs-logins", "a-key-that-only-these-tests-know"):
        assert secret.encode() not in raw
    assert not made.with_secrets
    assert "user_sessions" not in made.tables
    assert checking.check(path) == made


def test_the_configuration_is_told_without_secrets(plain: Config) -> None:
    path, _ = save(plain)
    with tarfile.open(path) as tar:
        member = tar.extractfile(manifest.CONFIGURATION)
        assert member is not None
        told = json.load(member)
    assert told["data_dir"] == str(plain.data_dir)
    assert not [name for name in told if "secret" in name or "database_url" in name]


def test_jobs_that_run_hold_a_restore_up(plain: Config) -> None:
    path, _ = save(plain)
    put(plain, job(77, "running", heartbeat_at=now()))
    with pytest.raises(JobsRunning, match="1 jobs"):
        bring_back(plain, path)
    with writing(plain) as session:
        session.execute(delete(Job).where(Job.id == 77))


def test_a_backup_of_a_newer_version_is_refused(plain: Config) -> None:
    path, _ = save(plain)
    changed = rewritten(path, lambda told: told | {"revision": "9999"})
    with pytest.raises(BackupNewer, match="9999"):
        bring_back(plain, changed)


def test_rows_that_arrive_otherwise_are_undone(plain: Config) -> None:
    """A number where the database makes another of it: the whole restore is taken back."""
    before = contents(plain)
    path, _ = save(plain)
    changed = replaced(path, "database/artists.jsonl", lambda raw: raw.replace(b'[1,"', b'["1","'))
    with pytest.raises(Incomplete, match="artists"):
        bring_back(plain, changed)
    assert contents(plain) == before


@pytest.mark.parametrize("name", ["database/videos.jsonl", "thumbnails/videos/ä b.jpg", "configuration/secret_key"])
def test_a_changed_byte_is_noticed(plain: Config, name: str) -> None:
    path, _ = save(plain)
    changed = replaced(path, name, lambda raw: raw[:-3] + b"!" + raw[-2:], tell=False)
    with pytest.raises(BackupInvalid, match="not what was saved"):
        checking.check(changed)


def test_half_a_file_is_no_backup(plain: Config) -> None:
    path, _ = save(plain)
    raw = path.read_bytes()
    for part in (raw[: len(raw) // 2], raw[:-9], b"", b"hello"):
        half = path.with_name("mvidarr-20200101T000000Z.tar.gz")
        half.write_bytes(part)
        with pytest.raises(BackupInvalid):
            checking.check(half)


@pytest.mark.parametrize(
    "name",
    [
        "../outside", "/etc/passwd", "thumbnails/../../outside", "thumbnails/a\\..\\b", "thumbnails//a", "thumbnails",
        "database/a b.jsonl", "database/../x.jsonl", "configuration/other", "thumbnails/./a", "thumbnails/a\nb",
    ],
)  # fmt: skip
def test_a_file_that_leads_out_is_refused(plain: Config, name: str) -> None:
    path, _ = save(plain)
    changed = added(path, tarfile.TarInfo(name), b"evil")
    with pytest.raises(BackupInvalid):
        checking.check(changed)


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.DIRTYPE])
def test_only_files_are_files(plain: Config, kind: bytes) -> None:
    path, _ = save(plain)
    entry = tarfile.TarInfo("thumbnails/link.jpg")
    entry.type, entry.linkname = kind, "/etc/passwd"
    with pytest.raises(BackupInvalid):
        checking.check(added(path, entry, b""))


def test_a_full_disk_is_told_before_anything_is_written(plain: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    path, _ = save(plain)
    path.unlink()
    monkeypatch.setattr(archive, "SPARE_BYTES", 2**62)
    with pytest.raises(NoSpace, match="MiB"):
        save(plain)
    assert {each.name for each in path.parent.glob(".*")} <= {turn.FILE}
    assert not path.exists()


def test_a_backup_that_is_cancelled_leaves_nothing(plain: Config) -> None:
    path = folder.of(plain) / folder.name_at(MOMENT, "cancelled")

    class Cancelled(BaseException):
        pass

    def cancel(_what: str, _done: int, _total: int) -> None:
        raise Cancelled

    with opened(plain) as engine, pytest.raises(Cancelled):
        archive.write(plain, engine, path, MOMENT, progress=cancel)
    assert not [each for each in path.parent.iterdir() if "cancelled" in each.name]


def test_links_among_pictures_are_left_out(plain: Config) -> None:
    link = plain.data_dir / "thumbnails" / "link.jpg"
    link.symlink_to("/etc/passwd")
    _, made = save(plain)
    link.unlink()
    assert all("link" not in member.name for member in made.members)


def test_what_people_brought_and_safety_copies_do_not_count_as_kept() -> None:
    days = [folder.name_at(MOMENT + timedelta(days=day)) for day in range(5)]
    uploads = [folder.name_at(MOMENT, folder.UPLOADED)]
    safety = [folder.name_at(MOMENT + timedelta(days=day), folder.BEFORE_RESTORE) for day in range(5)]
    assert sorted(folder.superfluous([*days, *uploads, *safety], 3)) == sorted([*days[:2], *safety[:2]])


@pytest.mark.parametrize(
    "name", ["../x", "mvidarr.tar.gz", "mvidarr-20261122T010203Z.tar.gz/..", ".mvidarr-20261122T010203Z.tar.gz"]
)
def test_only_names_of_backups_are_names(name: str) -> None:
    assert not folder.is_name(name)


def unpacked(path: Path) -> list[tuple[tarfile.TarInfo, bytes]]:
    found = []
    with tarfile.open(path) as tar:
        for entry in tar:
            content = tar.extractfile(entry)
            found.append((entry, content.read() if content else b""))
    return found


def packed(path: Path, members: list[tuple[tarfile.TarInfo, bytes]]) -> Path:
    changed = path.with_name("mvidarr-20200101T000000Z-uploaded.tar.gz")
    with tarfile.open(changed, "w:gz", format=tarfile.PAX_FORMAT) as tar:
        for entry, raw in members:
            entry.size = len(raw)
            tar.addfile(entry, io.BytesIO(raw))
    return changed


def rewritten(path: Path, change: Callable[[dict[str, object]], dict[str, object]]) -> Path:
    *members, (entry, raw) = unpacked(path)
    return packed(path, [*members, (entry, json.dumps(change(json.loads(raw))).encode())])


def replaced(path: Path, name: str, change: Callable[[bytes], bytes], *, tell: bool = True) -> Path:
    """The backup with another content of one file, as its manifest then tells, or doesn't."""
    members = [(entry, change(raw) if entry.name == name else raw) for entry, raw in unpacked(path)]
    if not tell:
        return packed(path, members)
    raw = next(raw for entry, raw in members if entry.name == name)
    *others, (entry, told) = members
    content = json.loads(told)
    for member in content["members"]:
        if member["name"] == name:
            member |= {"size": len(raw), "sha256": sha256(raw).hexdigest()}
    return packed(path, [*others, (entry, json.dumps(content).encode())])


def added(path: Path, entry: tarfile.TarInfo, raw: bytes) -> Path:
    return packed(path, [(entry, raw), *unpacked(path)])
