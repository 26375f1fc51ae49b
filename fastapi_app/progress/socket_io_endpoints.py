"""Where Socket.IO is served: long polling and WebSocket, at one address."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send
from starlette.websockets import WebSocket

from fastapi_app.auth.access import Access
from fastapi_app.auth.requirement import Requirement
from fastapi_app.errors import (
    AppError,
    BadRequest,
    CredentialRefused,
    Forbidden,
    ForeignRequest,
    NotLoggedIn,
    TooLarge,
)
from fastapi_app.middleware.origins import is_foreign
from fastapi_app.progress.endpoints import refuse
from fastapi_app.progress.entrance import Entrance, entrance
from fastapi_app.progress.socket_io import ENTRANCE, LONGEST_MESSAGE, SocketIO
from fastapi_app.progress.sockets import Sockets, TooManySockets
from fastapi_app.route import Route
from fastapi_app.urls import header, host

router = APIRouter(route_class=Route, include_in_schema=False)

_TAKE_WITHIN = 5.0


class AtTheDoor(Requirement):
    """Lets those in who may read; tells others so in JSON, as no browser window is about to follow a redirect."""

    async def __call__(self, request: Request) -> Entrance:
        try:
            return await entered_by(request.scope, request.query_params.get("sid"))
        except NotLoggedIn:
            raise CredentialRefused from None


async def entered_by(scope: Scope, engine_id: str | None) -> Entrance:
    """Who sends this, as a handshake or in the session of that id. Raises an AppError.

    The id of an open session gets in by itself: clients other than browsers send their headers with the handshake only.
    Whoever shows another login with it, or a bad one, does not.
    """
    served: SocketIO = scope["state"]["socket_io"]
    owner = None if engine_id is None else served.owner_of(engine_id)
    try:
        entered = await entrance(scope)
    except NotLoggedIn as refusal:
        if owner is None or isinstance(refusal, CredentialRefused):
            raise
        return owner
    if owner is not None and owner.view.user_id != entered.view.user_id:
        raise Forbidden
    if engine_id is None:
        _refuse_beyond(scope, served, entered)
    return entered


def _refuse_beyond(scope: Scope, served: SocketIO, entered: Entrance) -> None:
    """Raises TooManySockets. Sessions that say nothing are sockets, too."""
    sockets: Sockets = scope["state"]["progress"].sockets
    sockets.refuse_beyond(entered.view.user_id)
    if len(served) >= sockets.most:
        raise TooManySockets


Entered = Annotated[Entrance, Depends(AtTheDoor(Access.READ), scope="function")]


class Handed(Response):
    """An answer that another ASGI application gives. The wait of a poll ends when the client leaves before."""

    def __init__(self, app: SocketIO) -> None:
        super().__init__()
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] != "GET":
            await self._take(scope, receive, send)
            return
        asked = [await receive()]

        async def told() -> Message:
            return asked.pop() if asked else await receive()

        answer = asyncio.ensure_future(self._app(scope, told, send))
        left = asyncio.ensure_future(_left(receive))
        try:
            await asyncio.wait([answer, left], return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (answer, left):
                task.cancel()
            results = await asyncio.gather(answer, left, return_exceptions=True)
        if isinstance(results[0], Exception):
            raise results[0]

    async def _take(self, scope: Scope, receive: Receive, send: Send) -> None:
        """After a packet that it does not know, the library waits for a queue that nobody empties."""
        if int(header(scope, b"content-length") or 0) > LONGEST_MESSAGE:
            raise TooLarge(LONGEST_MESSAGE)
        try:
            async with asyncio.timeout(_TAKE_WITHIN):
                await self._app(scope, receive, send)
        except TimeoutError:
            raise BadRequest("This is no packet of Socket.IO") from None


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


@router.get("/socket.io/")
async def poll(request: Request, entered: Entered) -> Handed:
    """A handshake, or the wait for what comes next."""
    scheme = "https" if request.scope.get("scheme") == "https" else "http"
    sent_by = (header(request.scope, b"sec-fetch-site"), header(request.scope, b"origin"))
    if any(sent_by) and is_foreign(*sent_by, host(request.scope), request.state.config.cors_origins, scheme=scheme):
        raise ForeignRequest
    return _handed(request, entered)


@router.post("/socket.io/")
async def tell(request: Request, entered: Entered) -> Handed:
    """What a client says over long polling."""
    return _handed(request, entered)


def _handed(request: Request, entered: Entrance) -> Handed:
    query = request.query_params
    if "j" in query:
        raise BadRequest("Answers as a script (JSONP) are not given")
    served: SocketIO = request.state.socket_io
    request.scope[ENTRANCE] = entered
    return Handed(served)


class SocketDoor:
    """The WebSocket of Socket.IO, as an ASGI application."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        served: SocketIO = scope["state"]["socket_io"]
        websocket = WebSocket(scope, receive, send)
        try:
            scope[ENTRANCE] = await entered_by(scope, websocket.query_params.get("sid"))
        except AppError as refusal:
            await refuse(websocket, refusal)
        else:
            await served(scope, receive, send)


router.add_websocket_route("/socket.io/", SocketDoor())  # type: ignore[arg-type]  # Starlette takes ASGI applications
