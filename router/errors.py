"""What can go wrong in the router.

RouterError
├── BootError                 refused before the first request
│   ├── RouteConflict         two templates of one application match one path, and nothing ranks them
│   ├── RouteUnreadable       a route or an application whose paths can't be read
│   └── WrongProtocol         a WSGI application where an ASGI one belongs, or the other way round
├── OwnershipRefused          the route has no handler on the side it was sent to
├── UnknownRoute              no such row in the table
├── BackendFailed             a backend could not start, or stop
├── Saturated                 no thread came free in time (503)
└── ClientLeft                the client closed the connection
UploadCut (an OSError)        raised from ``wsgi.input`` when the upload ended early
"""


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


class RouteUnreadable(BootError):
    """A route, or an application, whose paths can't be read: give ``routes=``."""


class WrongProtocol(BootError, TypeError):
    """A WSGI application where an ASGI one belongs, or the other way round."""


class OwnershipRefused(RouterError):
    """The route has no handler on the side it was sent to."""


class UnknownRoute(RouterError):
    """No such row in the table."""

    def __init__(self, key: str) -> None:
        self.key = key
        super().__init__(f"There is no route {key!r}. `strangler routes` lists them.")


class BackendFailed(RouterError):
    """A backend could not start, or stop."""


class Saturated(RouterError):
    """Every thread is busy, and the queue is full or the wait too long."""

    def __init__(self, retry_after: int) -> None:
        self.retry_after = retry_after
        super().__init__("No thread came free in time.")


class ClientLeft(RouterError):
    """The client closed the connection before it had its answer."""


class UploadCut(ConnectionAbortedError):
    """The client left in the middle of its upload.

    An OSError, because that is what readers of a socket expect: Werkzeug turns it into its own 400.
    """

    def __init__(self) -> None:
        super().__init__("The client closed the connection before the end of the request body.")
