"""`//api/health` is `/api/health`, as it was under Werkzeug."""

from starlette.types import ASGIApp, Receive, Scope, Send


class LeadingSlashes:
    """Folds the slashes that a path begins with into one."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith("//"):
            scope = {**scope, "path": "/" + scope["path"].lstrip("/")}
        await self.app(scope, receive, send)
