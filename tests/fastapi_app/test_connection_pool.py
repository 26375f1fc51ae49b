"""A rush of visitors opens each connection once; what it left goes when it is long over."""

from contextlib import ExitStack

import pytest
from sqlalchemy.pool import PoolProxiedConnection

from fastapi_app import connection_pool
from fastapi_app.connection_pool import LINGER_SECONDS, LingeringPool


class Connection:
    """As much of one as a pool needs."""

    def __init__(self, opened: list["Connection"]) -> None:
        self.is_open = True
        opened.append(self)

    def rollback(self) -> None: ...

    def close(self) -> None:
        self.is_open = False


@pytest.fixture
def opened() -> list[Connection]:
    return []


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [1000.0]
    monkeypatch.setattr(connection_pool, "monotonic", lambda: now[0])
    return now


@pytest.fixture
def pool(opened: list[Connection], clock: list[float]) -> LingeringPool:
    return LingeringPool(lambda: Connection(opened), pool_size=2, max_overflow=3)


def rush(pool: LingeringPool, number: int) -> None:
    """So many at once; all come back before the next one goes out."""
    with ExitStack() as out:
        for _ in range(number):
            one: PoolProxiedConnection = pool.connect()
            out.callback(one.close)


def test_a_rush_beyond_the_size_opens_no_connection_twice(pool: LingeringPool, opened: list[Connection]) -> None:
    for _ in range(4):
        rush(pool, 5)
    assert len(opened) == 5
    assert all(one.is_open for one in opened)
    assert pool.checkedin() == 5


def test_what_a_rush_left_goes_when_it_is_long_over(
    pool: LingeringPool, opened: list[Connection], clock: list[float]
) -> None:
    rush(pool, 5)
    clock[0] += LINGER_SECONDS + 1
    for left in (4, 3, 2, 2):
        rush(pool, 1)
        assert pool.checkedin() == sum(one.is_open for one in opened) == left
    rush(pool, 5)
    assert len(opened) == 8, "and there is room for as many as before"


def test_another_rush_meanwhile_keeps_them(pool: LingeringPool, opened: list[Connection], clock: list[float]) -> None:
    for _ in range(3):
        rush(pool, 5)
        clock[0] += LINGER_SECONDS - 1
        rush(pool, 1)
    assert len(opened) == 5


def test_the_last_that_came_back_goes_out_first(pool: LingeringPool, opened: list[Connection]) -> None:
    rush(pool, 2)
    used = set()
    for _ in range(5):
        one = pool.connect()
        used.add(id(one.dbapi_connection))
        one.close()
    assert len(used) == 1, "the other one would have to be tried first, it was not heard for long"


def test_an_empty_one_like_it_keeps_as_many(pool: LingeringPool, opened: list[Connection], clock: list[float]) -> None:
    fresh = pool.recreate()
    rush(fresh, 5)
    assert fresh.checkedin() == 5
    clock[0] += LINGER_SECONDS + 1
    for _ in range(4):
        rush(fresh, 1)
    assert fresh.checkedin() == 2
