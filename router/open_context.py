"""Refuses an application context that is open while the server starts.

Every request would inherit it. Flask takes up an open context of its application instead of opening one, so all
visitors would share one ``g``: who is logged in would be whoever came last.
"""

import contextvars

from router.errors import ContextOpen

_NAMES = frozenset({"flask.app_ctx", "flask.request_ctx"})


def refuse_open_context() -> None:
    """Raises `ContextOpen`. Flask's variables are known by name: Flask is not imported."""
    for variable, value in contextvars.copy_context().items():
        if variable.name in _NAMES and value is not None:
            raise ContextOpen(variable.name)
