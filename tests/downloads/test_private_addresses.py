"""The address of a film may not lead into the house, however it gets there."""

import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from fastapi_app.downloads.addresses import is_askable, is_public
from fastapi_app.downloads.guard import AddressRefused, guarded
from fastapi_app.jobs.states import State
from fastapi_app.models import Job
from tests.downloads.conftest import House
from tests.servers.media_server import MediaServer


@pytest.fixture
def house(house: House) -> House:
    """As it is installed: nothing private is asked."""
    return replace(house, config=house.config.model_copy(update={"allow_private_addresses": False}))


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0"])
def test_a_private_address_is_not_asked(host: str, house: House, site: MediaServer) -> None:
    job_id = house.submit(video_id=1, url=site.url.replace("127.0.0.1", host) + "/film.mp4")
    assert house.run()
    job = house.job(job_id)
    assert (job.state, job.error_class) == (State.FAILED, "private-address")
    assert site.calls == []
    assert house.files() == []


def test_a_redirect_into_the_house_is_not_followed(
    house: House, site: MediaServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The site's own address counts as public here, the one that it points to does not."""
    from fastapi_app.downloads import guard

    monkeypatch.setattr(guard, "is_public", lambda host: host == "127.0.0.1")
    port = site.url.rpartition(":")[2]
    url = site.put("/away", status=302, headers={"Location": f"http://127.0.0.2:{port}/film.mp4"})
    job_id = house.submit(video_id=1, url=url)
    assert house.run()
    assert house.job(job_id).error_class == "private-address"
    assert site.asked("/away")
    assert site.asked("/film.mp4") == []


@pytest.mark.parametrize(
    ("host", "public"),
    [
        ("8.8.8.8", True),
        ("2606:4700:4700::1111", True),
        ("10.1.2.3", False),
        ("100.64.0.1", False),
        ("127.0.0.1", False),
        ("169.254.169.254", False),
        ("172.31.255.255", False),
        ("192.168.1.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::", False),
        ("::1", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("ff02::1", False),
        ("::ffff:192.168.1.1", False),
        ("::ffff:8.8.8.8", True),
        ("2002:c0a8:0101::1", False),
        ("64:ff9b::a00:1", False),
        ("64:ff9b::808:808", True),
        ("localhost", False),
        ("example.org", False),
        ("", False),
    ],
)
def test_which_addresses_are_public(host: str, public: bool) -> None:
    assert is_public(host) is public


@pytest.mark.parametrize(
    ("url", "askable"),
    [
        ("https://example.org/a", True),
        ("HTTP://example.org", True),
        ("http://", False),
        ("http://[", False),
        ("http://example.org:99999", False),
        ("file:///etc/passwd", False),
        ("//example.org", False),
        ("", False),
    ],
)
def test_which_addresses_are_asked_at_all(url: str, askable: bool) -> None:
    assert is_askable(url) is askable


def test_every_way_out_of_a_guarded_thread_is_watched(site: MediaServer) -> None:
    port = int(site.url.rpartition(":")[2])

    def connects() -> None:
        socket.create_connection(("127.0.0.1", port)).close()

    def asks_quietly() -> None:
        with socket.socket() as made:
            made.connect_ex(("127.0.0.1", port))

    def sends() -> None:
        with socket.socket(type=socket.SOCK_DGRAM) as made:
            made.sendto(b"x", ("127.0.0.1", port))

    def names() -> None:
        with socket.socket() as made:
            made.connect(("localhost", port))

    def starts() -> None:
        subprocess.run([sys.executable, "-c", "", f"http://127.0.0.1:{port}/"], check=True)

    for way in (connects, asks_quietly, sends, names, starts):
        with guarded() as guard, pytest.raises(AddressRefused):
            way()
        assert len(guard.refused) == 1, way.__name__
        way()


def test_a_thread_that_begins_meanwhile_is_guarded_too(site: MediaServer) -> None:
    port = int(site.url.rpartition(":")[2])
    met: list[Any] = []

    def connects() -> None:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except AddressRefused as refused:
            met.append(refused)

    with guarded() as guard:
        thread = threading.Thread(target=connects)
        thread.start()
        thread.join()
    assert len(met) == len(guard.refused) == 1
    other = threading.Thread(target=connects)
    other.start()
    other.join()
    assert len(met) == 1


def test_other_threads_reach_the_database_meanwhile(site: MediaServer) -> None:
    port = int(site.url.rpartition(":")[2])
    begin, met = threading.Event(), []

    def connects() -> None:
        begin.wait(10)
        socket.create_connection(("127.0.0.1", port)).close()
        met.append(True)

    thread = threading.Thread(target=connects)
    thread.start()
    with guarded():
        begin.set()
        thread.join()
    assert met == [True]


def test_a_swallowed_refusal_is_still_known(
    house: House, site: MediaServer, ordered: Callable[..., Job], monkeypatch: pytest.MonkeyPatch
) -> None:
    from fastapi_app.downloads import guard

    def refuse(self: guard.Guard, what: str) -> None:
        self.refused.append(what)
        raise OSError("as if somebody had wrapped it")

    monkeypatch.setattr(guard.Guard, "refuse", refuse)
    assert ordered(site.url + "/film.mp4").error_class == "private-address"
