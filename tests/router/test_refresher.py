"""Flags reach the hot path, and a store that fails does not."""

import logging
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from migration_flags import Change, SchemaTooNew, Snapshot, Stage, StoreUnavailable
from migration_flags.stores.memory import MemoryStore
from router import Route
from router.decision import prospects
from router.derive import derive_table
from router.refresher import Refresher
from router.row import Side
from tests.router.serving import wait

KEY = "GET /a"


class Failing(MemoryStore):
    """A store whose next reads raise ``error``, or show ``shown``."""

    def __init__(self) -> None:
        super().__init__()
        self.error: Exception | None = None
        self.shown: Snapshot | None = None

    def epoch(self) -> int:
        if self.error is not None:
            raise self.error
        return super().epoch() if self.shown is None else self.shown.epoch

    def snapshot(self) -> Snapshot:
        return super().snapshot() if self.shown is None else self.shown


def wsgi(environ: object, start_response: object) -> list[bytes]:
    return []


async def asgi(scope: object, receive: object, send: object) -> None: ...


TABLE = derive_table(wsgi, asgi, [Route(KEY)])


@pytest.fixture
def store() -> Failing:
    return Failing()


@pytest.fixture
def refresher(store: Failing) -> Iterator[Refresher]:
    refresher = Refresher(store, TABLE, interval=0.01)
    yield refresher
    refresher.stop()


def side(refresher: Refresher) -> Side:
    return refresher.picture.prospects[TABLE[KEY]].decision.side


def move(store: MemoryStore, stage: Stage) -> None:
    store.apply([Change(KEY, stage)], actor="test", reason="test")


def test_a_change_is_seen_without_asking(refresher: Refresher, store: Failing) -> None:
    refresher.start()
    move(store, Stage.MODERN)
    wait(lambda: side(refresher) is Side.MODERN)


def test_a_picture_is_swapped_and_never_changed(refresher: Refresher, store: Failing) -> None:
    before = refresher.picture
    move(store, Stage.MODERN)
    refresher.refresh()
    assert refresher.picture is not before
    assert before.prospects[TABLE[KEY]].decision.side is Side.LEGACY
    same = refresher.picture
    refresher.refresh()
    assert refresher.picture is same


def test_a_first_boot_without_a_store_serves_legacy(refresher: Refresher, store: Failing) -> None:
    store.error = StoreUnavailable("db", "gone")
    move(store, Stage.MODERN)
    refresher.start()
    assert side(refresher) is Side.LEGACY
    assert refresher.trouble == "The flag store db is unavailable: gone."
    store.error = None
    wait(lambda: side(refresher) is Side.MODERN)
    assert refresher.trouble is None


def test_the_last_good_picture_outlives_the_store(
    refresher: Refresher, store: Failing, caplog: pytest.LogCaptureFixture
) -> None:
    move(store, Stage.MODERN)
    refresher.start()
    store.error = StoreUnavailable("db", "gone")
    wait(lambda: refresher.trouble is not None)
    assert side(refresher) is Side.MODERN
    refresher.refresh()
    assert [record.levelno for record in caplog.records].count(logging.ERROR) == 1


def test_an_epoch_that_goes_back_is_not_followed(refresher: Refresher, store: Failing) -> None:
    move(store, Stage.LEGACY)
    move(store, Stage.MODERN)
    refresher.refresh()
    store.shown = Snapshot(epoch=1)
    refresher.refresh()
    assert side(refresher) is Side.MODERN
    assert refresher.trouble is not None
    assert "from epoch 2 to 1" in refresher.trouble


def test_what_no_waiting_cures_refuses_the_boot(refresher: Refresher, store: Failing) -> None:
    store.error = SchemaTooNew(7, 1)
    with pytest.raises(SchemaTooNew):
        refresher.start()
    assert not refresher.running


def test_a_foreign_stores_own_error_does_not_end_the_polling(refresher: Refresher, store: Failing) -> None:
    refresher.start()
    store.error = ZeroDivisionError("foreign")
    wait(lambda: refresher.trouble is not None)
    store.error = None
    move(store, Stage.MODERN)
    wait(lambda: side(refresher) is Side.MODERN)


def test_stopping_ends_the_thread(store: Failing) -> None:
    refresher = Refresher(store, TABLE, interval=60)
    before = set(threading.enumerate())
    refresher.start()
    refresher.start()
    assert len(set(threading.enumerate()) - before) == 1
    refresher.stop()
    assert set(threading.enumerate()) <= before


def test_a_latch_that_comes_while_a_picture_is_painted_is_not_lost(
    refresher: Refresher, store: Failing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The new picture is made of flags that were read before the latch came."""
    move(store, Stage.MODERN)
    refresher.refresh()
    paint = prospects
    came: list[str] = []

    def interrupted(*arguments: Any) -> Any:
        if not came:
            came.append(KEY)
            refresher.latch(KEY)
        return paint(*arguments)

    monkeypatch.setattr("router.refresher.prospects", interrupted)
    store.apply([Change("* /{path}", Stage.MODERN)], actor="test", reason="another route")
    refresher.refresh()
    assert refresher.picture.snapshot.epoch == 2
    assert side(refresher) is Side.LEGACY
