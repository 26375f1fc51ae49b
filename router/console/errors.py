"""What the console refuses. The status stands on the exception, and the sentence is for whoever asked.

ConsoleRefused
├── NotAllowed            401 or 403: nobody is known, or somebody who may not
├── ForeignRequest        403: the request does not come from the console's own page
├── NotFound              404
├── WrongMethod           405
├── TooSlow               408: the body did not come in time
├── TooLarge              413
├── WrongMedia            415
├── Unfit                 400: a value that can't be used, with the name of its field
├── Conflict              409: the flags, or the gate, say no
└── Busy                  503
"""

from collections.abc import Mapping
from typing import Any

from router.errors import RouterError


class ConsoleRefused(RouterError):
    """The root of the tree. ``more`` are members of the answer beside ``error``, ``headers`` are its own."""

    status: int = 400
    more: Mapping[str, Any] = {}
    headers: Mapping[str, str] = {}


class NotAllowed(ConsoleRefused):
    """``known``: somebody is, and may not."""

    def __init__(self, known: bool) -> None:
        self.known = known
        self.status = 403 if known else 401
        super().__init__("Only administrators may use the console." if known else "Log in as an administrator first.")


class ForeignRequest(ConsoleRefused):
    """A change that was not asked for by the console's page, or by a program that says it is one."""

    status = 403


class NotFound(ConsoleRefused):
    """There is no such thing below the console."""

    status = 404


class WrongMethod(ConsoleRefused):
    """The path knows other methods."""

    status = 405

    def __init__(self, allow: str) -> None:
        self.headers = {"allow": allow}
        super().__init__(f"Only {allow} is understood here.")


class TooSlow(ConsoleRefused):
    """The body did not come in time. The connection ends, for the rest may still come."""

    status = 408
    headers: Mapping[str, str] = {"connection": "close"}


class TooLarge(ConsoleRefused):
    """The body is longer than a change can be."""

    status = 413
    headers: Mapping[str, str] = {"connection": "close"}

    def __init__(self, limit: int) -> None:
        super().__init__(f"At most {limit} bytes are read.")


class WrongMedia(ConsoleRefused):
    """The body is not called JSON."""

    status = 415

    def __init__(self) -> None:
        super().__init__("Send JSON, with Content-Type: application/json.")


class Unfit(ConsoleRefused):
    """A value can't be used. ``field`` is its name in what was sent; empty: the whole."""

    def __init__(self, field: str, why: str) -> None:
        self.more = {"field": field}
        super().__init__(f"{field} {why}." if field else f"{why}.")


class Conflict(ConsoleRefused):
    """The flags as they are, or the gate, don't allow it. Nothing was written."""

    status = 409

    def __init__(self, sentence: str, **more: Any) -> None:
        self.more = more
        super().__init__(sentence)


class Busy(ConsoleRefused):
    """Not now."""

    status = 503

    def __init__(self, sentence: str) -> None:
        self.headers = {"retry-after": "5"}
        super().__init__(sentence)
