"""Who may look at the console, and who may move routes with it."""

import inspect
import logging
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from migration_flags import Visitor
from router.types import Scope

logger = logging.getLogger(__name__)

LOOK, MOVE = "console", "move"

Authorize = Callable[[Scope, str], bool | str | Awaitable[bool | str]]
"""Says of a request and an action whether it may. A text that is not empty says so too, and is the actor's name."""
Identify = Callable[[Scope], str | Visitor | None]

NOBODY = "console"
"""Who signs a change where nobody has a name."""


class Pass(NamedTuple):
    """``allowed``, and under which ``name``; ``known``: somebody is, whether they may or not."""

    allowed: bool
    known: bool = False
    name: str = NOBODY


class Access:
    """Asks the two callables that the router was given. Without ``authorize`` everything is refused."""

    def __init__(self, authorize: Authorize | None, identify: Identify | None) -> None:
        self._authorize = authorize
        self._identify = identify

    async def ask(self, scope: Scope, action: str) -> Pass:
        """Whether this request may do this. Raises what ``authorize`` raises."""
        unit = self._unit(scope)
        if self._authorize is None:
            return Pass(False, unit is not None)
        verdict = self._authorize(scope, action)
        if inspect.isawaitable(verdict):
            verdict = await verdict
        if not verdict:
            return Pass(False, unit is not None)
        return Pass(True, True, verdict if isinstance(verdict, str) else unit or NOBODY)

    def _unit(self, scope: Scope) -> str | None:
        if self._identify is None:
            return None
        try:
            found = self._identify(scope)
        except Exception:  # the application's edge: who can't be told is nobody, as for the canary
            logger.exception("identify raised; who asks for the console is nobody.")
            return None
        return found.unit if isinstance(found, Visitor) else found
