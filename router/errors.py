"""What can go wrong in the router.

RouterError
├── BootError                 refused before the first request
│   ├── RouteConflict         two templates of one application match one path, and nothing ranks them
│   ├── PathTaken             a path that is the router's own
│   ├── RouteUnreadable       a route or an application whose paths can't be read
│   ├── BootRefused           two applications that would not hold once routes move
│   ├── ContextOpen           an application context is open while the server starts
│   └── WrongProtocol         a WSGI application where an ASGI one belongs, or the other way round
├── OwnershipRefused          the route has no handler on the side it was sent to
├── PromotionRefused          the gate found something missing
├── UnknownRoute              no such row in the table
├── SecretMissing             nothing can be signed
├── BackendFailed             a backend could not start, or stop
├── BridgeRefused             the bridge answers itself
│   ├── Saturated             no thread came free in time (503)
│   └── UploadStalled         the client sent nothing more for too long (408)
├── AnswerBroken              an application's answer that HTTP can't carry
└── ClientLeft                the client closed the connection, or was given up
UploadCut (an OSError)        raised from ``wsgi.input`` when the upload ended early
"""

from collections.abc import Sequence
from typing import ClassVar


class RouterError(Exception):
    """The root of the tree."""


class BootError(RouterError):
    """Refused before the first request."""


class RouteConflict(BootError):
    """Two templates of one application match one path, and nothing ranks one above the other."""

    def __init__(self, side: str, method: str, first: str, second: str, path: str) -> None:
        self.templates = (first, second)
        self.path = path
        super().__init__(
            f"The {side} application declares {method} {first} and {method} {second}: "
            f"both match {path}, and neither is more specific."
        )


class PathTaken(BootError):
    """An application declares a path that the router answers itself."""

    def __init__(self, side: str, key: str, prefix: str) -> None:
        self.key = key
        super().__init__(
            f"The {side} application declares {key}, which nobody would ever reach: all below /{prefix} is answered "
            "by the router. Give the route another path."
        )


class RouteUnreadable(BootError):
    """A route, or an application, whose paths can't be read: give ``routes=``."""


class BootRefused(BootError):
    """Two applications that would not hold once routes move. ``reasons``: one sentence or two and a key, each."""

    def __init__(self, reasons: Sequence[str]) -> None:
        self.reasons = tuple(reasons)
        super().__init__("\n".join(self.reasons))


class ContextOpen(BootError):
    """An application context is open while the server starts: every request would inherit it."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"An application context ({name}) is open while the router is built or started. Every visitor would share "
            "its g. Close it before: `with app.app_context():` around what needs it, and nothing more."
        )


class WrongProtocol(BootError, TypeError):
    """A WSGI application where an ASGI one belongs, or the other way round."""


class OwnershipRefused(RouterError):
    """The route has no handler on the side it was sent to."""


class PromotionRefused(RouterError):
    """The gate found ``missing`` things; who asked has seen them."""

    def __init__(self, key: str, missing: int) -> None:
        self.key = key
        super().__init__(f"{key} is not promoted: {missing} missing.")


class SecretMissing(RouterError):
    """Nothing can be signed without a secret."""

    def __init__(self) -> None:
        super().__init__("Overrides are signed with a secret: give the Router one, as in Router(…, secret=…).")


class UnknownRoute(RouterError):
    """No such row in the table."""

    def __init__(self, key: str) -> None:
        self.key = key
        super().__init__(f"There is no route {key!r}. `strangler routes` lists them.")


class BackendFailed(RouterError):
    """A backend could not start, or stop."""


class BridgeRefused(RouterError):
    """The bridge gives an answer of its own, before the first byte of any other. ``retry_after`` is in seconds."""

    status: ClassVar[int]
    retry_after: int | None = None


class Saturated(BridgeRefused):
    """Every thread is busy, and the queue is full or the wait too long."""

    status = 503

    def __init__(self, retry_after: int) -> None:
        self.retry_after = retry_after
        super().__init__("No thread came free in time.")


class UploadStalled(BridgeRefused):
    """The client sent nothing more of its body for too long."""

    status = 408


class AnswerBroken(RouterError, ValueError):
    """The application's answer breaks the rules of WSGI or HTTP: a header with a line in it, a length that lies."""


class ClientLeft(RouterError):
    """The client closed the connection before it had its answer, or took nothing of it for too long."""


class UploadCut(ConnectionAbortedError):
    """The client left in the middle of its upload, or sent nothing more for too long.

    An OSError, because that is what readers of a socket expect: Werkzeug turns it into its own 400.
    """

    def __init__(self) -> None:
        super().__init__("The request body ended too early: the client left, or sent nothing for too long.")
