"""Who notices that a client has left, and brings the rest of its upload."""

import asyncio

from router.admission import Ticket
from router.errors import ClientLeft
from router.exchange import Exchange
from router.types import Receive
from router.upload import Upload


class Watch:
    """One request's. Costs a task, so it begins only where there is something to wait for.

    Who leaves while it waits in the queue gives up its ``ticket``; later, its exchange is aborted.
    """

    __slots__ = ("_exchange", "_patience", "_receive", "_task", "_ticket", "_upload", "_visited")

    def __init__(self, exchange: Exchange, upload: Upload | None, receive: Receive, patience: float) -> None:
        self._exchange = exchange
        self._upload = upload
        self._receive = receive
        self._patience = patience
        self._ticket: Ticket | None = None
        self._task: asyncio.Task[None] | None = None
        self._visited = False

    def begin(self, ticket: Ticket | None = None) -> None:
        if self._task is None:
            self._ticket = ticket
            self._task = asyncio.get_running_loop().create_task(self._run())

    def visit(self) -> None:
        """Begins at the second visit: the application has been silent for a whole round."""
        if self._visited:
            self.begin()
        self._visited = True

    def end(self) -> None:
        """For good. Nothing leads from here to the task any more: its traceback leads here, and both would stay."""
        task, self._task, self._ticket = self._task, None, None
        if task is not None:
            task.cancel()

    async def _run(self) -> None:
        try:
            if self._upload is not None:
                await self._upload.pump(self._receive, self._patience, self._is_answered)
            while (await self._receive())["type"] != "http.disconnect":
                pass
            raise ClientLeft
        except asyncio.CancelledError as ended:
            ended.__traceback__ = None  # it leads to the upload; a future that it passed keeps it
            raise
        except ClientLeft as left:
            if self._ticket is not None and not self._ticket.done():
                self._ticket.set_exception(left)
            else:
                self._exchange.abort()

    def _is_answered(self) -> bool:
        return self._exchange.begun
