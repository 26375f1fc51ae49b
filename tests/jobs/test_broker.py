"""What Celery is told about Redis, and its channels after the connection is gone."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from ssl import CERT_NONE, CERT_REQUIRED
from typing import Any

import pytest
from kombu.connection import Connection
from redis import ConnectionPool
from redis import Redis as Client

from fastapi_app import broker
from tests.servers.redis import Redis, start_redis

COMMON = ("host", "port", "path", "username", "password", "db", "ssl_ca_certs")


@pytest.fixture(autouse=True)
def transport() -> None:
    broker.register()


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[Redis]:
    with start_redis(tmp_path / "redis") as server:
        yield server


@pytest.mark.parametrize(
    "address",
    [
        "redis://example:6379/2",
        "redis://user:p%40ss@example",
        "redis://example:6379?db=3",
        "redis://example:6379/0?socket_timeout=5&protocol=3",
        "rediss://:secret@example:6380/1?ssl_ca_certs=/etc/ca.pem",
        "unix:///run/redis.sock",
        "unix:///run/my%20redis.sock?db=3",
        "unix://user:secret@/run/redis.sock?db=1",
    ],
)
def test_celery_reaches_the_redis_that_the_rest_of_the_application_reaches(address: str) -> None:
    ours = ConnectionPool.from_url(address).connection_kwargs
    theirs = parameters(address)
    defaults: dict[str, object] = {"db": 0, "port": None if address.startswith("unix") else 6379}
    told = {name: ours[name] if ours.get(name) is not None else defaults.get(name) for name in COMMON}
    assert {name: theirs.get(name) for name in COMMON} == told


@pytest.mark.parametrize(
    ("address", "verifies"),
    [
        ("rediss://example", CERT_REQUIRED),
        ("rediss://example?ssl_cert_reqs=required", CERT_REQUIRED),
        ("rediss://example?ssl_cert_reqs=none", CERT_NONE),
    ],
)
def test_a_certificate_is_verified_unless_the_address_says_not_to(address: str, verifies: object) -> None:
    assert parameters(address)["ssl_cert_reqs"] == verifies


def test_a_channel_without_its_connection_fails_as_one_that_lost_it(redis: Redis) -> None:
    connection, message = delivered(redis)
    errors = connection.connection_errors
    redis.kill()
    with suppress(*errors):
        connection.collect()
    message.ack()
    with pytest.raises(errors):
        message.channel.basic_reject(message.delivery_tag, requeue=True)
    with suppress(*errors):
        connection.close()


def test_a_ticket_is_acknowledged_while_the_connection_is_there(redis: Redis) -> None:
    connection, message = delivered(redis)
    with Client.from_url(redis.url) as client:
        assert client.hlen("unacked") == 1
        message.ack()
        assert client.hlen("unacked") == 0
    connection.close()


def parameters(address: str) -> dict[str, Any]:
    """What the channels of a worker would hand to redis-py."""
    transport = Connection(broker.address(address)).transport  # type: ignore[no-untyped-call]
    channel = broker.Channel.__new__(broker.Channel)
    channel.connection = transport
    told: dict[str, Any] = channel._connparams()
    return told


def delivered(redis: Redis) -> tuple[Any, Any]:
    """A connection with one message that is not acknowledged yet."""
    connection: Any = Connection(broker.address(redis.url))  # type: ignore[no-untyped-call]
    queue = connection.SimpleQueue("tickets")
    queue.put("one")
    return connection, queue.get(timeout=5)
