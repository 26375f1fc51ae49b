"""The prefix under which a proxy shows this site, as configured."""

from starlette.types import ASGIApp, Receive, Scope, Send


class Prefix:
    """Sets the scope's `root_path` where the server did not, whether the proxy strips the prefix or not."""

    def __init__(self, app: ASGIApp, prefix: str) -> None:
        self.app = app
        self.prefix = prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in {"http", "websocket"} and not scope.get("root_path"):
            scope = {**scope, "root_path": self.prefix}
        await self.app(scope, receive, send)
