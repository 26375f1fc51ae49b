"""The socket that the web process listens on, opened first, so that a busy port is found before anything starts."""

import errno
import socket
from typing import Any

from fastapi_app.operations.refusal import AddressUnavailable, PortBusy

_BACKLOG = 2048
_LAST_PORT = 65_535
_LOCAL_NAMES = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}  # noqa: S104  compared, not bound


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 lets the system choose. Raises PortBusy or AddressUnavailable.

    It listens at once: whoever comes early waits in the backlog instead of being refused, and no second program can
    take the port in between.
    """
    family, address = _resolve(host, port)
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise _refused(host, port, error) from None
    return listener


def port_of(listener: socket.socket) -> int:
    return int(listener.getsockname()[1])


def reachable_host(host: str) -> str:
    """Where this machine reaches a server that listens on `host`."""
    return _LOCAL_NAMES.get(host, host)


def address(host: str, port: int, prefix: str = "") -> str:
    """The address to type into a browser."""
    name = reachable_host(host)
    return f"http://{f'[{name}]' if ':' in name else name}:{port}{prefix}"


def _resolve(host: str, port: int) -> tuple[socket.AddressFamily, tuple[Any, ...]]:
    try:
        found = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except socket.gaierror as error:
        raise AddressUnavailable(f"MVIDARR_HOST is {host!r}, which is no address here: {error.strerror}.") from None
    family, _, _, _, place = found[0]
    return family, place


def _refused(host: str, port: int, error: OSError) -> AddressUnavailable:
    if error.errno == errno.EADDRINUSE:
        other = port + 1 if port < _LAST_PORT else port - 1
        return PortBusy(
            f"Port {port} is already in use: stop the other program, or choose a free one with PORT={other}."
        )
    if error.errno == errno.EACCES:
        return AddressUnavailable(f"Port {port} needs special rights: choose one above 1023 with PORT=5000.")
    return AddressUnavailable(f"Can't listen on {host}:{port} ({error.strerror}): set MVIDARR_HOST to an own address.")
