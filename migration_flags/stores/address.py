"""The store that an address names."""

from urllib.parse import unquote

from sqlalchemy.exc import ArgumentError

from migration_flags.errors import AddressRefused
from migration_flags.stores import FlagStore
from migration_flags.stores.file import FileStore
from migration_flags.stores.redis import RedisStore
from migration_flags.stores.sql import SQLStore

REDIS = frozenset({"redis", "rediss", "unix"})


def store_at(address: str) -> FlagStore:
    """A database's URL, a Redis's, or ``file:`` and a path. Connects to nothing. Raises `AddressRefused`."""
    scheme, _, rest = address.partition(":")
    if scheme in REDIS:
        return RedisStore(address)
    if scheme == "file":
        return FileStore(unquote(rest.removeprefix("//")))
    try:
        return SQLStore(address)
    except ArgumentError as error:
        raise AddressRefused from error
