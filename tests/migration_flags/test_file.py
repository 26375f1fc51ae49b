"""What only a file can do wrong: be edited, be garbled, be old, be half written, be gone."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from migration_flags import (
    Change,
    SchemaTooNew,
    Stage,
    StoreInvalid,
    StoreUnavailable,
    StoreWentBack,
    Worker,
    first_broken_link,
)
from migration_flags.stores import disk
from migration_flags.stores.file import EDITOR, FileStore

KEY = "GET /a"

DIES = """
import os, signal, sys
from migration_flags import Change, Stage
from migration_flags.stores import file
from migration_flags.stores.file import FileStore

def die(*args):
    os.kill(os.getpid(), signal.SIGKILL)

if sys.argv[2] == "before the rename":
    file.Path.replace = die
else:
    file.write_whole = die
FileStore(sys.argv[1]).apply([Change("GET /a", Stage.LEGACY)], actor="ada", reason="never happened")
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "flags.json"


@pytest.fixture
def store(path: Path) -> FileStore:
    """With one flag at modern, at epoch 1."""
    made = FileStore(path)
    made.apply([Change(KEY, Stage.MODERN)], actor="ada", reason="one")
    return made


def _edit(path: Path, edit: Callable[[dict[str, Any]], object]) -> None:
    document = json.loads(path.read_text())
    edit(document)
    path.write_text(json.dumps(document))


def _stage(store: FileStore) -> Stage | None:
    flag = store.snapshot().get(KEY)
    return None if flag is None else flag.stage


def test_constructing_and_reading_write_nothing(path: Path) -> None:
    store = FileStore(path)
    assert (store.epoch(), store.history(), store.workers(), store.evidence(KEY)) == (0, (), (), ())
    assert list(path.parent.iterdir()) == []


def test_a_file_that_a_person_wrote_is_enough(path: Path) -> None:
    path.write_text('{"flags": {"GET /a": {"stage": "canary", "percent": 5}, "GET /b": {"stage": "legacy"}}}')
    store, other = FileStore(path), FileStore(path)
    assert (store.epoch(), _stage(store), len(store.snapshot())) == (1, Stage.CANARY, 2)
    assert {row.actor for row in store.history()} == {EDITOR}
    assert (other.epoch(), len(other.history())) == (1, 2)


def test_an_edit_is_an_epoch_with_its_rows(store: FileStore, path: Path) -> None:
    _edit(path, lambda document: document["flags"][KEY].update(stage="shadow"))
    assert (store.epoch(), _stage(store)) == (2, Stage.SHADOW)
    newest, oldest = store.history()
    assert (newest.actor, newest.before_stage, newest.after_stage, newest.epoch) == (EDITOR, "modern", "shadow", 2)
    assert first_broken_link([oldest, newest]) is None
    assert FileStore(path).epoch() == 2


def test_an_edit_without_an_epoch_goes_on_from_the_last(store: FileStore, path: Path) -> None:
    path.write_text('{"flags": {"GET /a": {"stage": "legacy"}}, "killed": true}')
    snapshot = store.snapshot()
    assert (snapshot.epoch, snapshot.killed, _stage(store)) == (3, True, Stage.LEGACY)
    assert FileStore(path).snapshot() == snapshot


def test_a_flag_that_was_edited_away_is_legacy(store: FileStore, path: Path) -> None:
    _edit(path, lambda document: document["flags"].clear())
    assert (store.epoch(), _stage(store)) == (2, Stage.LEGACY)


def test_a_layout_is_no_change(store: FileStore, path: Path) -> None:
    _edit(path, lambda document: None)
    assert (store.epoch(), len(store.history())) == (1, 1)
    _edit(path, lambda document: document.pop("content"))
    assert (store.epoch(), len(store.history())) == (1, 1)


def test_an_edit_is_adopted_once_by_four_who_see_it(store: FileStore, path: Path) -> None:
    readers = [FileStore(path) for _ in range(4)]
    assert {reader.epoch() for reader in readers} == {1}
    _edit(path, lambda document: document["flags"][KEY].update(stage="legacy"))
    barrier, found = threading.Barrier(4), list[int]()

    def read(reader: FileStore) -> None:
        barrier.wait()
        found.append(reader.epoch())

    threads = [threading.Thread(target=read, args=(reader,)) for reader in readers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert found == [2, 2, 2, 2]
    assert len(store.history()) == 2


@pytest.mark.parametrize(
    ("content", "place"),
    [
        ('{"flags": {"GET /a": {"stage": "modern"}', "line 1, column 41 is not JSON"),
        ('{\n "flags": {,}\n}', "line 2, column 12 is not JSON"),
        ("", "line 1, column 1 is not JSON"),
        ("[]", "the document must be an object"),
        ('{"flags": []}', "flags must be an object of routes"),
        ('{"flags": {}, "colour": 1}', "colour is not known here"),
        ('{"flags": {"GET /a": {"stage": "halfway"}}}', r'flags\["GET /a"\]\.stage has the unknown stage'),
        ('{"flags": {"GET /a": {"stage": ["modern"]}}}', r'flags\["GET /a"\]\.stage has the unknown stage'),
        ('{"flags": {"GET /a": {"stage": "canary"}}}', "GET /a: the stage canary needs a percentage"),
        ('{"flags": {"GET /a": {"stage": "canary", "percent": "5"}}}', r'flags\["GET /a"\]\.percent must be a number'),
        ('{"flags": {"GET /a": {"stage": "canary", "percent": 101}}}', r'flags\["GET /a"\]\.percent must be from 0'),
        ('{"flags": {"GET /a": {"stage": "modern", "percnt": 1}}}', r'flags\["GET /a"\]\.percnt is not known here'),
        ('{"flags": {"GET /a": {"stage": "modern", "requires": ["GET /b"]}}}', "requires GET /b, which is legacy"),
        (
            '{"flags": {"GET /a": {"stage": "legacy", "rules": [{"kind": "user", "value": "x"}]}}}',
            r"rules\[0\]\.modern",
        ),
        ('{"flags": {"GET /a": {"stage": "modern"}, "GET /a": {"stage": "legacy"}}}', '"GET /a" is there twice'),
        ('{"flags": {}, "killed": "no"}', "killed must be true or false"),
        ('{"flags": {}, "epoch": -1}', "epoch must be a whole number"),
        ("[" * 100_000, "nested too deep"),
    ],
)
def test_what_is_wrong_in_the_file_is_told_with_its_place(
    store: FileStore, path: Path, content: str, place: str
) -> None:
    before = store.snapshot()
    path.write_text(content)
    for reader in (store, FileStore(path)):
        with pytest.raises(StoreInvalid, match=place):
            reader.epoch()
    with pytest.raises(StoreInvalid):
        store.apply([Change(KEY, Stage.LEGACY)], actor="ada", reason="blind")
    assert path.read_text() == content
    path.write_text('{"flags": {"GET /a": {"stage": "modern"}}}')
    assert (store.epoch(), list(store.snapshot())) == (before.epoch, list(before))


def test_bytes_that_are_no_text_are_told(store: FileStore, path: Path) -> None:
    path.write_bytes(b'{"flags": {"GET /\xff": {}}}')
    with pytest.raises(StoreInvalid, match="byte 17 is not UTF-8"):
        store.epoch()


def test_a_newer_file_is_refused_and_left_alone(store: FileStore, path: Path) -> None:
    _edit(path, lambda document: document.update(schema=7))
    content = path.read_text()
    with pytest.raises(SchemaTooNew):
        store.apply([Change(KEY, Stage.LEGACY)], actor="ada", reason="no")
    assert path.read_text() == content


def test_an_older_file_is_not_followed(store: FileStore, path: Path) -> None:
    backup = path.read_bytes()
    store.apply([Change(KEY, Stage.LEGACY)], actor="ada", reason="two")
    path.write_bytes(backup)
    with pytest.raises(StoreWentBack, match="had epoch 2 and came back with 1"):
        store.epoch()
    with pytest.raises(StoreWentBack):
        store.apply([Change(KEY, Stage.SHADOW)], actor="ada", reason="three")
    path.unlink()
    with pytest.raises(StoreWentBack, match="came back with 0"):
        store.snapshot()


@pytest.mark.parametrize("moment", ["before the rename", "before the file"])
def test_a_writer_killed_in_the_middle_leaves_no_change(store: FileStore, path: Path, moment: str) -> None:
    """Its row of audit is on disk already, and the change never was."""
    ended = subprocess.run([sys.executable, "-c", DIES, str(path), moment], timeout=60, check=False)
    assert ended.returncode == -signal.SIGKILL
    assert len(Path(f"{path}.audit").read_text().splitlines()) == 2
    for reader in (store, FileStore(path)):
        assert (reader.epoch(), _stage(reader), len(reader.history())) == (1, Stage.MODERN, 1)
    store.apply([Change(KEY, Stage.SHADOW)], actor="ada", reason="two")
    rows = FileStore(path).history()[::-1]
    assert [row.reason for row in rows] == ["one", "two"]
    assert first_broken_link(rows) is None


def test_half_a_line_of_audit_is_no_row(store: FileStore, path: Path) -> None:
    with Path(f"{path}.audit").open("ab") as file:
        file.write(b'{"sequence": 2, "at"')
    assert len(store.history()) == 1
    store.apply([Change(KEY, Stage.SHADOW)], actor="ada", reason="two")
    assert first_broken_link(store.history()[::-1]) is None


def test_a_forged_line_of_audit_is_found(store: FileStore, path: Path) -> None:
    audit = Path(f"{path}.audit")
    audit.write_text(audit.read_text().replace('"actor":"ada"', '"actor":"eve"'))
    assert first_broken_link(store.history()[::-1]) == 1
    audit.write_text("nonsense\n")
    with pytest.raises(StoreInvalid, match=r"flags\.json\.audit, line 1 is not a row"):
        store.history()


def test_a_lock_that_is_held_is_told(store: FileStore, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with disk.locked(Path(f"{path}.lock")):
        assert store.epoch() == 1
        monkeypatch.setattr("migration_flags.stores.file.locked", lambda place: disk.locked(place, within=0.05))
        with pytest.raises(StoreUnavailable, match="another process held the lock"):
            store.apply([Change(KEY, Stage.LEGACY)], actor="ada", reason="no")


def test_a_system_without_locks_is_told(store: FileStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk, "fcntl", None)
    assert store.epoch() == 1
    with pytest.raises(StoreUnavailable, match="has no fcntl: use another store"):
        store.apply([Change(KEY, Stage.LEGACY)], actor="ada", reason="no")


def test_a_folder_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    store = FileStore(tmp_path / "nowhere" / "flags.json")
    for ask in (
        lambda: store.beat(Worker("a", "host", 1, 1)),
        lambda: store.seed([KEY], Stage.LEGACY, actor="a", reason="b"),
    ):
        with pytest.raises(StoreUnavailable, match="No such file or directory"):
            ask()


def test_rights_that_the_file_has_are_kept(store: FileStore, path: Path) -> None:
    path.chmod(0o600)
    store.apply([Change(KEY, Stage.LEGACY)], actor="ada", reason="two")
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_worker_of_yesterday_is_dropped_by_the_next_that_comes(store: FileStore, path: Path) -> None:
    store.beat(Worker("old", "host", 1, 1))
    (file,) = Path(f"{path}.workers").glob("*.json")
    os.utime(file, (1, 1))
    store.beat(Worker("new", "host", 1, 1))
    assert [worker.id for worker in store.workers()] == ["new"]


def test_a_beat_that_can_not_be_read_is_passed_over(store: FileStore, path: Path) -> None:
    store.beat(Worker("a", "host", 1, 1))
    (Path(f"{path}.workers") / "torn.json").write_text("{")
    assert [worker.id for worker in store.workers()] == ["a"]
