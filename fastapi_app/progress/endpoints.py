"""The WebSocket of live progress, and the page to try it."""

import structlog
from fastapi import APIRouter, Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from fastapi_app.errors import AppError, Unavailable
from fastapi_app.progress.connection import Connection
from fastapi_app.progress.entrance import entrance
from fastapi_app.progress.hub import Hub
from fastapi_app.route import Route
from fastapi_app.users.markup import page
from fastapi_app.users.people import Administrator

router = APIRouter(route_class=Route, include_in_schema=False)

_POLICY = 1008
_ALL = b"subscribe=all"

log = structlog.get_logger(__name__)


@router.get("/ws/jobs/test")
async def try_it(request: Request, visitor: Administrator) -> Response:
    """A page that connects, shows what arrives, and sends what one types."""
    return page(request, visitor, "jobs_test.html", "admin")


class JobSocket:
    """`/ws/jobs`, as an ASGI application. ForeignRequests has refused the pages of other sites."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        websocket = WebSocket(scope, receive, send)
        state = scope["state"]
        hub: Hub = state["progress"]
        try:
            entered = await entrance(scope)
            connection = Connection(websocket, entered, hub, state["database"])
            with hub.sockets.held(connection):
                await websocket.accept()
                await connection.run(follow_all=_ALL in scope.get("query_string", b"").split(b"&"))
        except AppError as refusal:
            await refuse(websocket, refusal)
        except WebSocketDisconnect:
            log.info("a client left before its socket was open")


async def refuse(websocket: WebSocket, refusal: AppError) -> None:
    """Ends a handshake: 503 where trying again later may help, else 403."""
    log.info("a socket was refused", reason=type(refusal).__name__)
    if isinstance(refusal, Unavailable) and "websocket.http.response" in websocket.scope.get("extensions", {}):
        answer = PlainTextResponse(refusal.message, refusal.status, refusal.headers())
        await websocket.send_denial_response(answer)
    else:
        await websocket.close(_POLICY)


router.add_websocket_route("/ws/jobs", JobSocket())  # type: ignore[arg-type]  # Starlette takes ASGI applications, too
