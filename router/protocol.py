"""Tells WSGI and ASGI applications apart, and both from what merely makes one, at boot and not at the first request."""

import functools
import inspect
from collections.abc import Sequence
from typing import Any

from router.errors import WrongProtocol

_WSGI = "a WSGI application is called with environ, start_response"
_ASGI = "an ASGI application is called with scope, receive, send"


def refuse_asgi(app: Any) -> None:
    """Raises `WrongProtocol` unless ``app`` looks like a WSGI application.

    A factory must be refused here: called with every request, it would build an application each time.
    """
    if not callable(app):
        raise WrongProtocol(f"{_name(app)} is not callable; {_WSGI}.")
    needed = _needed(app)
    if not inspect.isclass(app) and _is_asgi(app, needed):
        raise WrongProtocol(f"{_name(app)} is an ASGI application where a WSGI one belongs.")
    # PEP 3333 allows a class whose instances are the answers: it takes exactly these two.
    if needed is not None and not (needed.least == 2 or (needed.any_more and needed.least < 2)):
        raise WrongProtocol(_not_an_application(app, _WSGI))


def refuse_wsgi(app: Any) -> None:
    """Raises `WrongProtocol` unless ``app`` looks like an ASGI application."""
    if not callable(app):
        raise WrongProtocol(f"{_name(app)} is not callable; {_ASGI}.")
    needed = _needed(app)
    if inspect.isclass(app) or (needed is not None and not needed.accepts(2) and not needed.accepts(3)):
        raise WrongProtocol(_not_an_application(app, _ASGI))
    if not _is_asgi(app, needed):
        raise WrongProtocol(f"{_name(app)} is a WSGI application where an ASGI one belongs.")


class _Needed:
    """How many positional arguments a callable takes: at ``least``, at ``most``, or ``any_more``."""

    def __init__(self, parameters: Sequence[inspect.Parameter]) -> None:
        positional = [p for p in parameters if p.kind in {p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD}]
        self.least = sum(p.default is p.empty for p in positional)
        self.most = len(positional)
        self.any_more = any(p.kind is p.VAR_POSITIONAL for p in parameters)

    def accepts(self, count: int) -> bool:
        return self.least <= count and (self.any_more or count <= self.most)


def _needed(app: Any) -> _Needed | None:
    """None where the callable tells nothing, as some written in C do."""
    try:
        return _Needed(list(inspect.signature(app).parameters.values()))
    except (TypeError, ValueError):
        return None


def _is_asgi(app: Any, needed: _Needed | None) -> bool:
    while isinstance(app, functools.partial):
        app = app.func
    call = app if inspect.isroutine(app) else type(app).__call__
    if inspect.iscoroutinefunction(app) or inspect.iscoroutinefunction(call):
        return needed is None or needed.accepts(3)
    return needed is not None and needed.least == 3


def _not_an_application(app: Any, wanted: str) -> str:
    if inspect.isclass(app):
        return f"{_name(app)} is a class, and {wanted}. Give an instance of it."
    return f"{_name(app)} is no application: {wanted}. If it is a factory, call it once, and give what it returns."


def _name(app: Any) -> str:
    named = app if inspect.isroutine(app) or inspect.isclass(app) else type(app)
    return f"{named.__module__}.{named.__qualname__}"
