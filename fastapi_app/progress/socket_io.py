"""Socket.IO for clients that know 0.9's later versions: the same news in their events and rooms."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Any

import structlog
from socketio import AsyncServer  # type: ignore[import-untyped]
from socketio.exceptions import ConnectionRefusedError as Refused  # type: ignore[import-untyped]
from starlette.types import Message, Receive, Scope, Send

from fastapi_app.config import Config
from fastapi_app.database import Database
from fastapi_app.errors import EXPECTED, AppError
from fastapi_app.progress.emissions import Emissions
from fastapi_app.progress.entrance import Entrance, entrance
from fastapi_app.progress.hub import Hub
from fastapi_app.progress.news import timestamp
from fastapi_app.progress.outlet import POLICY, SEND_WITHIN, Ended
from fastapi_app.progress.socket_answers import Answer, Answers
from fastapi_app.progress.socket_client import Client
from fastapi_app.progress.wishes import NotUnderstood

ENTRANCE = "mvidarr.entrance"
"""Where the scope of a handshake says who came in."""

LONGEST_MESSAGE = 64 * 1024
PING_SECONDS, PING_TIMEOUT = 25, 20
_CLOSE_WITHIN = 5.0
_ROOT = "/"

log = structlog.get_logger(__name__)


class SocketIO:
    """An ASGI application. Whoever calls it has put an `Entrance` into the scope.

    CORS is none of the library's business here: our own middleware refuses the pages of other sites, and knows
    proxies.
    """

    def __init__(self, hub: Hub, database: Database, redis_url: str) -> None:
        self._hub = hub
        self._emissions = Emissions(redis_url) if redis_url else None
        self._answers = Answers(hub, database)
        self._clients: dict[str, Client] = {}
        self._server = AsyncServer(
            client_manager=self._emissions,
            async_mode="asgi",
            async_handlers=False,  # one event of a client after the other
            always_connect=True,
            cors_allowed_origins=[],
            max_http_buffer_size=LONGEST_MESSAGE,
            ping_interval=PING_SECONDS,
            ping_timeout=PING_TIMEOUT,
        )
        self._server.on("connect", self._connect)
        self._server.on("disconnect", self._left)
        for name in ("subscribe_job", "unsubscribe_job", "get_job_status", "get_job_details", "get_user_jobs"):
            self._server.on(name, partial(self._answer, name, getattr(self._answers, name)))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        sender = _patient(send) if scope["type"] == "websocket" else send
        await self._server.handle_request(scope, receive, sender)

    def owner_of(self, engine_id: str) -> Entrance | None:
        """Who opened this session of the transport."""
        environ = self._server.environ.get(engine_id)
        return None if environ is None else environ["asgi.scope"].get(ENTRANCE)

    def __len__(self) -> int:
        """Open sessions of the transport, those that have not said anything yet included."""
        return len(self._server.eio.sockets)

    async def close(self) -> None:
        """Stops what runs beside the requests."""
        for client in tuple(self._clients.values()):
            client.stop()
        if self._emissions is not None:
            self._emissions.stop()
        await self._server.shutdown()

    async def _connect(self, sid: str, environ: dict[str, Any], _auth: Any = None) -> None:
        """Asks again who it is: a session of the transport may connect long after its handshake."""
        try:
            entered = await entrance(environ["asgi.scope"])
            client = self._client(sid, entered)
            self._hub.sockets.add(client)
        except AppError as refusal:
            raise Refused(refusal.message) from None
        self._clients[sid] = client
        visitor = entered.visitor
        greeting = {"user_id": visitor.user_id, "username": visitor.username, "timestamp": timestamp()}
        await self._emit(sid, "connected", {"message": "Live progress of jobs", **greeting})
        client.start()

    def _client(self, sid: str, entered: Entrance) -> Client:
        engine = self._server.eio
        engine_id = self._server.manager.eio_sid_from_sid(sid, _ROOT)

        def waiting() -> int:
            socket = engine.sockets.get(engine_id)
            return 0 if socket is None else socket.queue.qsize()

        return Client(sid, entered, partial(engine.send, engine_id), waiting, partial(self._end, sid, engine_id))

    async def _end(self, sid: str, engine_id: str) -> None:
        """Disconnects a client, and the transport below it: it would only come back by that."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_CLOSE_WITHIN):
                await self._server.disconnect(sid)
                await self._server.eio.disconnect(engine_id)

    async def _left(self, sid: str, *_reason: Any) -> None:
        client = self._clients.pop(sid, None)
        if client is not None:
            self._hub.subscriptions.leave(client)
            self._hub.sockets.remove(client)
            client.stop()
            self._release(self._server.manager.eio_sid_from_sid(sid, _ROOT))

    def _release(self, engine_id: str | None) -> None:
        """Ends the poll that waits for a client which left: the library would let it wait for its next ping."""
        socket = self._server.eio.sockets.get(engine_id)
        if socket is not None:
            socket.queue.put_nowait(None)

    async def _answer(
        self, name: str, answer: Callable[[Client, Any], Awaitable[list[Answer]]], sid: str, *data: Any
    ) -> None:
        """Answers one event, in the client's turn. Nothing that a client sends raises beyond this."""
        client = self._clients.get(sid)
        if client is None or not self._takes(client):
            return
        async with client.outlet.answering():
            try:
                answers = await answer(client, data[0] if data else None)
            except NotUnderstood as refusal:
                answers = [("error", {"code": refusal.code, "message": refusal.message, **_named(data)})]
            except EXPECTED as error:
                log.warning("a client was not answered", event_name=name, reason=type(error).__name__)
                answers = [("error", {"code": "busy", "message": "The server is busy, try again in a moment"})]
            for event, told in answers:
                await self._move(sid, event, told)
                await self._emit(sid, event, told)

    def _takes(self, client: Client) -> bool:
        if client.allowance.takes(asyncio.get_running_loop().time()):
            return True
        if client.allowance.is_exhausted:
            client.outlet.end(Ended(POLICY, "too many messages"))
        return False

    async def _move(self, sid: str, event: str, told: dict[str, Any]) -> None:
        """Keeps the rooms `job_<id>` in step, for those who emit to them from elsewhere."""
        if event == "subscription_confirmed":
            await self._server.enter_room(sid, f"job_{told['job_id']}")
        elif event == "unsubscription_confirmed":
            await self._server.leave_room(sid, f"job_{told['job_id']}")

    async def _emit(self, sid: str, event: str, data: dict[str, Any]) -> None:
        await self._server.emit(event, data, to=sid, ignore_queue=True)


def _named(data: tuple[Any, ...]) -> dict[str, int]:
    """The job that a refused event named, where it is a number."""
    found = data[0].get("job_id") if data and isinstance(data[0], dict) else None
    return {"job_id": found} if type(found) is int else {}


def _patient(send: Send) -> Send:
    """A `send` that gives up on a client which takes nothing: the library would wait for ever."""

    async def send_within(message: Message) -> None:
        async with asyncio.timeout(SEND_WITHIN):
            await send(message)

    return send_within


@asynccontextmanager
async def opened(config: Config, database: Database, hub: Hub) -> AsyncIterator[SocketIO]:
    """Socket.IO while the block lasts. Starts nothing before the first client comes."""
    served = SocketIO(hub, database, config.redis_url)
    try:
        yield served
    finally:
        await served.close()
