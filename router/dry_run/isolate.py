"""What an application gives so that its writes can be tried: resources that keep nothing, a look at what is written.

The router knows of no database. It asks an `Isolate` for the candidate's surroundings, and a `Recorder` for what the
primary writes.
"""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from typing import Any, Protocol

from router.dry_run.writes import WriteSet
from router.errors import RouterError
from router.types import Scope


class NotIsolated(RouterError):
    """The surroundings can't be had now, in a few words; the request goes to the primary alone."""


class EffectRefused(RouterError):
    """Something that can't be taken back was asked for during a dry run."""

    def __init__(self, effect: str) -> None:
        super().__init__(f"Refused during a dry run: {effect}.")
        self.effect = effect


class Isolated(Protocol):
    """``state`` is what the candidate finds in ``scope["state"]``."""

    @property
    def state(self) -> dict[str, Any]: ...

    async def writes(self) -> WriteSet:
        """What was written so far. Asked once, before the end of the surroundings."""
        ...


class Recording(Protocol):
    def writes(self) -> WriteSet:
        """What the primary wrote and committed."""
        ...


Isolate = Callable[[Scope], AbstractAsyncContextManager[Isolated]]
"""Given a copy of the scope. Its end takes everything back, however it is reached, and waits until that is done.

Raises `NotIsolated` at its beginning.
"""

Recorder = Callable[[], AbstractContextManager[Recording]]
"""Watches what is written in this context, and in contexts copied from it, until its end. Must not disturb it."""
