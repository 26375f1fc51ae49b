"""Calls what needs a Flask application context (an extension, a helper that reads ``g``) from a modern endpoint."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import ParamSpec, Protocol, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class HasContext(Protocol):
    """What is read of a Flask application."""

    def app_context(self) -> AbstractContextManager[object]: ...


async def call_legacy(app: HasContext, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """What ``function`` returns, called in a thread, inside a fresh application context of ``app``.

    A context of its own, so that no two tasks share a ``g``; opened and closed in that thread, so that teardown gives
    back the sessions that the function opened there; in a thread, so that a blocking function stops nobody. A caller
    who is cancelled leaves the function to its end, and the teardown still runs. Raises what the function raises.
    """
    return await asyncio.to_thread(_inside, app, function, *args, **kwargs)


def _inside(app: HasContext, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    with app.app_context():
        return function(*args, **kwargs)
