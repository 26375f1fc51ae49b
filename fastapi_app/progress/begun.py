"""A coroutine run up to its first wait by whoever has something to say, and finished by a task only if it waits."""

from collections.abc import Coroutine, Generator
from typing import Any


class Begun:
    """Runs at once. Awaiting it goes on from the first wait, if there was one, and raises what the coroutine raised.

    Waking a task costs more than a short message does; a thousand sockets that take theirs need no thousand tasks.
    The first part runs in no task of its own: the coroutine must not ask for the current one before it waits.
    """

    def __init__(self, coroutine: Coroutine[Any, Any, None]) -> None:
        self._coroutine = coroutine
        self._first: Any = None
        self._error: Exception | None = None
        self.done = False
        """Whether nothing is left: it ended without waiting and without an error."""
        try:
            self._first = coroutine.send(None)
        except StopIteration:
            self.done = True
        except Exception as error:  # noqa: BLE001 - the edge of no task yet: raised again where it is awaited
            self._error = error

    def __await__(self) -> Generator[Any, Any, None]:
        if self._error is not None:
            raise self._error
        if self.done:
            return
        waited_for = self._first
        try:
            while True:
                try:
                    came = yield waited_for
                except BaseException as error:  # noqa: BLE001 - a cancellation, too: the coroutine decides
                    waited_for = self._coroutine.throw(error)
                else:
                    waited_for = self._coroutine.send(came)
        except StopIteration:
            self.done = True
        finally:
            self._coroutine.close()

    def close(self) -> None:
        """Gives up what is left."""
        self._coroutine.close()
