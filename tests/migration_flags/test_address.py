"""An address names the kind of its store, and stays unsaid where it names none."""

import pytest

from migration_flags import FlagStore
from migration_flags.errors import AddressRefused
from migration_flags.stores.address import store_at
from migration_flags.stores.file import FileStore
from migration_flags.stores.redis import RedisStore
from migration_flags.stores.sql import SQLStore


@pytest.mark.parametrize(
    ("address", "kind", "name"),
    [
        ("sqlite:///data/flags.db", SQLStore, "sqlite:///data/flags.db"),
        ("mysql://ada:secret@host/flags", SQLStore, "mysql://ada:***@host/flags"),
        ("redis://ada:secret@host:6379/0", RedisStore, "redis://host:6379/0"),
        ("unix:///run/redis.sock", RedisStore, "unix:///run/redis.sock"),
        ("file:data/flags.json", FileStore, "data/flags.json"),
        ("file:///srv/my%20flags.json", FileStore, "/srv/my flags.json"),
    ],
)
def test_the_kind_is_in_the_address(address: str, kind: type[FlagStore], name: str) -> None:
    store = store_at(address)
    assert type(store) is kind
    assert getattr(store, "name", None) == name


@pytest.mark.parametrize("address", ["", "hunter2", "hunter2@host/flags"])
def test_what_is_no_address_is_refused_and_unsaid(address: str) -> None:
    with pytest.raises(AddressRefused) as caught:
        store_at(address)
    assert "hunter2" not in str(caught.value)
