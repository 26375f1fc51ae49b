"""httpbin, untouched but for one thing: it takes chunked uploads only from a server that is called gunicorn."""

from collections.abc import Callable, Iterable
from typing import Any

import httpbin

WSGIApp = Callable[[dict[str, Any], Any], Iterable[bytes]]


class CalledGunicorn:
    """A WSGI middleware. Tells the application the server's name that it asks for."""

    def __init__(self, app: WSGIApp) -> None:
        self.app = app

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        environ["SERVER_SOFTWARE"] = "gunicorn/no-more"
        return self.app(environ, start_response)


app = httpbin.app
app.wsgi_app = CalledGunicorn(app.wsgi_app)
