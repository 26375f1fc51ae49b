"""A thread that may only reach the public internet.

yt-dlp follows redirects, playlists and manifests to wherever a page points, with three HTTP clients, and each resolves
names by itself. What they share is `socket.connect`: Python announces every one to its audit hooks, with the address
after the name was resolved, and an exception there stops it before a packet leaves. So nothing needs to be known
about yt-dlp's inside, and a name that answers differently the second time gains nothing.

Only the guarded thread is held back, and every thread that begins while it is: those that were there before reach the
database and Redis, which are private addresses. (A job tells its first progress before it asks anything, and so the
thread that publishes it is there.) Programs are beyond the hook, so none may be started that is given an address.
"""

import re
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakSet

from fastapi_app.downloads.addresses import is_public

_REMOTE = re.compile(r"(?!file:)[a-z][a-z0-9+.-]*://", re.IGNORECASE)


class AddressRefused(Exception):
    """Something was about to be asked that is not on the public internet."""


@dataclass(eq=False)
class Guard:
    """What one guarded block was kept from, in order. `free` are the threads that it doesn't concern."""

    free: WeakSet[threading.Thread]
    refused: list[str] = field(default_factory=list)

    def refuse(self, what: str) -> None:
        self.refused.append(what)
        raise AddressRefused("an address outside the public internet")


_active: WeakSet[Guard] = WeakSet()
"""Weak, so that a guard goes with its block even where a signal ended that between two instructions."""
_installing = threading.Lock()
_installed = False


@contextmanager
def guarded(*, allow_private: bool = False) -> Iterator[Guard]:
    """Holds this thread back until the block ends; not at all with `allow_private`.

    `AddressRefused` is raised at the connection. Whoever swallows it can't hide it: `refused` remembers.
    """
    here = threading.current_thread()
    guard = Guard(WeakSet(thread for thread in threading.enumerate() if thread is not here))
    if allow_private:
        yield guard
        return
    _install()
    _active.add(guard)
    try:
        yield guard
    finally:
        _active.discard(guard)


def _install() -> None:
    """Adds the hook once a process. It can't be taken away again; without a guarded thread it does nothing."""
    global _installed  # noqa: PLW0603  the hook itself is the process's
    with _installing:
        if not _installed:
            sys.addaudithook(_hook)
            _installed = True


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    """Runs at every audited event of the process: the cheapest questions come first."""
    if not _active or event not in _WATCHED:
        return
    thread = threading.current_thread()
    for guard in tuple(_active):
        if thread not in guard.free:
            _WATCHED[event](guard, arguments)


def _check_connection(guard: Guard, arguments: tuple[Any, ...]) -> None:
    address = arguments[1]
    if address is None:  # a message on a connection that was checked when it was made
        return
    host = address[0] if isinstance(address, tuple) and address else address
    if not isinstance(host, str) or not is_public(host):
        arguments[0].close()  # nobody else closes a socket whose connection raises what no system raises
        guard.refuse(str(host))


def _check_program(guard: Guard, arguments: tuple[Any, ...]) -> None:
    _, given, *_ = arguments
    words = [given] if isinstance(given, str | bytes) else list(given or ())
    if any(_REMOTE.match(_text(word)) for word in words):
        guard.refuse("a program with an address")


def _text(word: Any) -> str:
    return word.decode("utf-8", "replace") if isinstance(word, bytes) else str(word)


_WATCHED: dict[str, Callable[[Guard, tuple[Any, ...]], None]] = {
    "socket.connect": _check_connection,
    "socket.sendto": _check_connection,
    "socket.sendmsg": _check_connection,
    "subprocess.Popen": _check_program,
}
"""The events of Python that lead out of the process, by the names of its audit table."""
