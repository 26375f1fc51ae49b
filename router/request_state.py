"""Values that one request carries across both sides, in both directions.

Context variables reach the legacy side and never come back: they are copied into its thread. This mapping does::

    request_state(scope)["tenant"] = "a"            # an ASGI middleware before the router
    request_state(request.environ)["tenant"]        # a Flask view
    request_state(request.scope)["tenant"]          # a Starlette or FastAPI endpoint
"""

from collections.abc import MutableMapping
from typing import Any

KEY = "router.state"


def request_state(request: MutableMapping[str, Any]) -> dict[str, Any]:
    """The mapping of a request, given its ASGI scope or its WSGI environ. One per request; made when first asked for.

    A thread and the event loop may use it in turn; the router gives a request to one of them at a time.
    """
    scope: MutableMapping[str, Any] = request.get("asgi.scope", request)
    state: dict[str, Any] = scope.setdefault(KEY, {})
    return state
