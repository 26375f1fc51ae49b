"""The shop behind the front door."""

import os

from legacy import app as legacy
from migration_flags import FlagStore
from migration_flags.stores.address import store_at
from modern import create_modern
from router import Router


def create_store() -> FlagStore:
    return store_at(os.environ.get("SHOP_FLAGS", "sqlite:///flags.db"))


def create_router() -> Router:
    secret = os.environ.get("SHOP_SECRET", "for development only")
    return Router(legacy, create_modern(), create_store(), secret=secret, authorize=may)


def may(scope, action: str) -> bool | str:
    """Who may open the console: here, whoever sits at this machine. Yours asks your own login."""
    client = scope.get("client")
    return "you" if client is not None and client[0] == "127.0.0.1" else False
