"""Step two: the front door before both. ``uvicorn front_door:app``"""

import os

from legacy import app as legacy
from modern import create_modern

from migration_flags.stores.sql import SQLStore
from router import Router

# The layer in legacy.py is for httpbin alone. No route that moves needs it; the front door wants that said.
ACKNOWLEDGED = ("wsgi-layer:legacy.CalledGunicorn",)


def create_router() -> Router:
    """The front door. Connects to nothing."""
    store = SQLStore(os.environ.get("FLAGS", "sqlite:///flags.db"))
    return Router(legacy, create_modern(), store, acknowledged=ACKNOWLEDGED)


app = create_router()
