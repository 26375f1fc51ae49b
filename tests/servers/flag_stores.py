"""A flag store of each kind that several processes can share, on real servers.

with address_of("redis", tmp_path) as address:
    store = store_at(address)
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.servers.mariadb import start_mariadb
from tests.servers.redis import start_redis

KINDS = ("file", "sqlite", "redis", "mariadb")


@contextmanager
def address_of(kind: str, folder: Path) -> Iterator[str]:
    """The address of an empty store. Its server, if it has one, is there until the block ends."""
    if kind == "file":
        yield f"file:{folder / 'flags.json'}"
    elif kind == "sqlite":
        yield f"sqlite:///{folder / 'flags.db'}"
    elif kind == "redis":
        with start_redis(folder / "redis") as redis:
            yield redis.url
    else:
        (folder / "mariadb").mkdir()
        with start_mariadb(folder / "mariadb") as mariadb:
            yield mariadb.create_database("flags")
