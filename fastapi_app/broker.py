"""Redis as the worker's broker: its address in kombu's words, and a channel that outlives the connection it had."""

from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from kombu.transport import redis
from redis.exceptions import ConnectionError as Disconnected

_CERTIFICATES = "ssl_"


def register() -> None:
    """Has kombu use this module's channel. Kombu keeps the transport of a scheme, so it is told there."""
    redis.Transport.Channel = Channel


def address(redis_url: str) -> str:
    """Kombu's way of writing an address of Redis.

    It knows no unix://, takes no option but those of certificates, and verifies no certificate unless told to, all of
    which redis-py does, that the rest of the application speaks through.
    """
    parts = urlsplit(redis_url)
    options = dict(parse_qsl(parts.query))
    database = options.pop("db", "")
    if parts.scheme == "unix":
        login, at, _host = parts.netloc.rpartition("@")
        query = f"?virtual_host={database}" if database else ""
        return f"redis+socket://{login}{at}{quote(unquote(parts.path))}{query}"
    known = {name: value for name, value in options.items() if name.startswith(_CERTIFICATES)}
    if parts.scheme == "rediss":
        known = {"ssl_cert_reqs": "required"} | known
    return parts._replace(path=f"/{database}" if database else parts.path, query=urlencode(known)).geturl()


class Channel(redis.Channel):
    """A channel that outlives the connection it had.

    Celery gives up a lost connection before it closes its channels, and lets jobs that were running acknowledge their
    tickets on them later. Kombu then fails with an AttributeError, by which the worker ends; a connection that is lost
    it survives. A ticket that nobody acknowledged comes back and does no harm.
    """

    def basic_ack(self, delivery_tag: str, multiple: bool = False) -> None:
        if not self._given_up:
            super().basic_ack(delivery_tag, multiple)  # type: ignore[no-untyped-call]

    def _connparams(self, asynchronous: bool = False) -> dict[str, Any]:
        if self._given_up:
            raise Disconnected("the connection of this channel was given up")
        parameters: dict[str, Any] = super()._connparams(asynchronous)  # type: ignore[no-untyped-call]
        return parameters

    @property
    def _given_up(self) -> bool:
        return self.connection is None or self.connection.client is None
