"""Tells WSGI and ASGI applications apart, so that a mix-up is refused at boot and not at the first request."""

import functools
import inspect
from typing import Any

from router.errors import WrongProtocol


def refuse_asgi(app: Any) -> None:
    """Raises `WrongProtocol` unless ``app`` looks like a WSGI application."""
    if not callable(app):
        raise WrongProtocol(f"{_name(app)} is not callable; a WSGI application is called with environ, start_response.")
    if _is_asgi(app):
        raise WrongProtocol(f"{_name(app)} is an ASGI application where a WSGI one belongs.")


def refuse_wsgi(app: Any) -> None:
    """Raises `WrongProtocol` unless ``app`` looks like an ASGI application."""
    if not callable(app):
        raise WrongProtocol(f"{_name(app)} is not callable; an ASGI application is called with scope, receive, send.")
    if not _is_asgi(app):
        raise WrongProtocol(f"{_name(app)} is a WSGI application where an ASGI one belongs.")


def _is_asgi(app: Any) -> bool:
    while isinstance(app, functools.partial):
        app = app.func
    call = app if inspect.isroutine(app) else type(app).__call__
    if inspect.iscoroutinefunction(app) or inspect.iscoroutinefunction(call):
        return True
    try:
        parameters = inspect.signature(app).parameters.values()
    except (TypeError, ValueError):
        return False
    required = [
        p for p in parameters if p.kind in {p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD} and p.default is p.empty
    ]
    return len(required) == 3


def _name(app: Any) -> str:
    return f"{type(app).__module__}.{type(app).__qualname__}" if not inspect.isroutine(app) else app.__qualname__
