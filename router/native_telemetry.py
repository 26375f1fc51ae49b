"""FastAPI's own telemetry, and when nobody needs to ask for it.

From 0.165 on FastAPI looks for three providers at each request, in the environment too, before it knows that there is
none: nearly a tenth of what a small request costs. Whoever looks after telemetry outside may say so in the scope, and
FastAPI looks no more. Behind the front door it is asked a few times a second instead, and for all requests at once.
"""

from inspect import isroutine
from typing import Any

KEY = "fastapi.telemetry"
"""What FastAPI takes, in a scope, for somebody outside who looks after telemetry."""


class NativeTelemetry:
    """An application's. ``is_idle``: when it was last asked it had nobody to tell. False where it can't be asked."""

    def __init__(self, app: Any) -> None:
        self._enabled = getattr(getattr(app, "_native_telemetry", None), "enabled", None)
        self.is_idle = False

    def look(self) -> None:
        """Asks. For a thread beside the event loop, now and then: a provider may come at any time."""
        self.is_idle = callable(self._enabled) and not self._enabled()


def is_plain(route: Any) -> bool:
    """Whether nothing but a function answers: an application below might have a provider of its own."""
    return isroutine(getattr(route, "endpoint", None))
