"""The socket that is opened before anything else."""

import socket

import pytest

from fastapi_app.operations.listener import address, listen, port_of
from fastapi_app.operations.refusal import AddressUnavailable, PortBusy


def test_port_0_is_a_free_one_that_takes_connections_at_once() -> None:
    with listen("127.0.0.1", 0) as door, socket.create_connection(("127.0.0.1", port_of(door))):
        assert port_of(door) > 0


def test_a_busy_port_names_a_way_out() -> None:
    with listen("127.0.0.1", 0) as door, pytest.raises(PortBusy, match=rf"PORT={port_of(door) + 1}"):
        listen("127.0.0.1", port_of(door))


@pytest.mark.parametrize("host", ["nowhere.invalid", "192.0.2.1"])
def test_a_foreign_address_is_told(host: str) -> None:
    with pytest.raises(AddressUnavailable, match="MVIDARR_HOST"):
        listen(host, 0)


@pytest.mark.parametrize(
    ("host", "shown"),
    [
        ("0.0.0.0", "http://127.0.0.1:5000/x"),
        ("::", "http://[::1]:5000/x"),
        ("localhost", "http://localhost:5000/x"),
    ],
)
def test_the_address_shown_can_be_opened(host: str, shown: str) -> None:
    assert address(host, 5000, "/x") == shown
