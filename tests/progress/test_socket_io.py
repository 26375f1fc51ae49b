"""The published client of Socket.IO against the front door, over both transports; and who may not."""

import queue
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import anyio
import flask_socketio  # type: ignore[import-untyped]
import httpx2
import pytest
import requests
import socketio  # type: ignore[import-untyped]
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from tests.progress.site import DEADLINE, Site

pytestmark = pytest.mark.anyio

EVENTS = (
    "connected",
    "subscription_confirmed",
    "unsubscription_confirmed",
    "job_update",
    "job_status",
    "job_details",
    "user_jobs",
    "error",
    "news",
)
HANDSHAKE = "/socket.io/?EIO=4&transport=polling"


class Client:
    """python-socketio's own client, and what it heard, in order."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner
        self.heard: queue.Queue[tuple[str, Any]] = queue.Queue()
        for event in EVENTS:
            inner.on(event, lambda data, event=event: self.heard.put((event, data)))

    def next(self, event: str) -> Any:
        """The data of the next event, which must be this one."""
        name, data = self.heard.get(timeout=DEADLINE)
        assert name == event, (name, data)
        return data

    def ask(self, event: str, data: Any, answer: str) -> Any:
        self.inner.emit(event, data)
        return self.next(answer)


@contextmanager
def connected(site: Site, cookie: str, transport: str) -> Iterator[Client]:
    with requests.Session() as session:
        client = Client(socketio.Client(reconnection=False, http_session=session))
        client.inner.connect(site.base, headers={"Cookie": cookie}, transports=[transport], wait_timeout=DEADLINE)
        try:
            yield client
        finally:
            client.inner.disconnect()
            client.inner.wait()


BOTH = pytest.mark.parametrize("transport", ["polling", "websocket"])


@BOTH
async def test_an_old_client_follows_a_job_to_its_end(site: Site, transport: str) -> None:
    cookie = await site.cookie("anna")
    base = 200 if transport == "polling" else 210
    site.add(base, owner=5)
    site.add(base + 1, owner=6)
    await anyio.to_thread.run_sync(_follow_to_the_end, site, cookie, transport, base)


def _follow_to_the_end(site: Site, cookie: str, transport: str, base: int) -> None:
    with connected(site, cookie, transport) as client:
        assert client.inner.transport() == transport
        assert client.next("connected")["user_id"] == 5
        assert client.ask("subscribe_job", {"job_id": base}, "subscription_confirmed")["job_id"] == base
        assert client.next("job_status")["data"]["state"] == "queued"
        site.publish(site.change(base, state="running"))
        update = client.next("job_update")
        assert (update["job_id"], update["event_type"], update["data"]["state"]) == (base, "status_change", "running")
        assert update["timestamp"].endswith("Z")
        site.publish(site.change(base, state="running", percent=41.5))
        update = client.next("job_update")
        assert (update["event_type"], update["data"]["percent"]) == ("progress", 41.5)

        details = client.ask("get_job_details", {"job_id": base}, "job_details")
        assert details["data"]["state"] == "running"
        assert details["created_at"]
        assert client.ask("get_job_status", {"job_id": base}, "job_status")["job_id"] == base
        jobs = client.ask("get_user_jobs", {"limit": 10, "status": "running"}, "user_jobs")
        assert base in {job["job_id"] for job in jobs["jobs"]}
        assert jobs["filters"] == {"limit": 10, "status": "running"}

        site.publish(site.change(base, state="failed", error_class="gone", error_message="It is gone"))
        update = client.next("job_update")
        assert (update["event_type"], update["data"]["error_message"]) == ("failed", "It is gone")

        for event in ("subscribe_job", "get_job_status", "get_job_details"):
            refusal = client.ask(event, {"job_id": base + 1}, "error")
            assert (refusal["code"], refusal["job_id"]) == ("unknown-job", base + 1), "somebody else's"
        assert client.ask("subscribe_job", "x", "error")["code"] == "bad-field"
        assert client.ask("subscribe_job", None, "error")["code"] == "bad-field"
        assert client.ask("get_user_jobs", {"limit": 0}, "error")["code"] == "bad-field"
        client.ask("unsubscribe_job", {"job_id": base}, "unsubscription_confirmed")


async def test_what_flask_socketio_emits_on_the_same_redis_arrives_in_the_room(site: Site) -> None:
    cookie = await site.cookie("anna")
    site.add(220, owner=5)
    await anyio.to_thread.run_sync(_emit_from_elsewhere, site, cookie)


def _emit_from_elsewhere(site: Site, cookie: str) -> None:
    with connected(site, cookie, "websocket") as client:
        client.next("connected")
        client.ask("subscribe_job", {"job_id": 220}, "subscription_confirmed")
        client.next("job_status")
        manager = socketio.RedisManager(site.redis.url, write_only=True)  # message_queue= takes no socket file
        elsewhere = flask_socketio.SocketIO(message_queue="redis://", client_manager=manager)
        elsewhere.emit("news", {"of": 221}, to="job_221")
        elsewhere.emit("news", {"of": 220}, to="job_220")
        assert client.next("news") == {"of": 220}, "the other room is none of ours"
        manager.redis.close()


async def test_nobody_connects_without_a_login(site: Site) -> None:
    async with httpx2.AsyncClient(base_url=site.base) as client:
        answer = await client.get(HANDSHAKE)
        assert answer.status_code == 401
        assert "error" in answer.json()
    with pytest.raises(InvalidStatus) as caught:
        async with connect(f"{site.sockets}/socket.io/?EIO=4&transport=websocket"):
            pass
    assert caught.value.response.status_code == 403


async def test_the_page_of_another_site_neither_connects_nor_reads(site: Site) -> None:
    cookie = await site.cookie("anna")
    async with httpx2.AsyncClient(base_url=site.base, headers={"Cookie": cookie}) as client:
        for headers in ({"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
            assert (await client.get(HANDSHAKE, headers=headers)).status_code == 403
        assert (await client.get(f"{HANDSHAKE}&j=0")).status_code == 400, "a script would pass any check of origins"
    given = {"Cookie": cookie, "Origin": "http://evil.example"}
    with pytest.raises(InvalidStatus) as caught:
        async with connect(f"{site.sockets}/socket.io/?EIO=4&transport=websocket", additional_headers=given):
            pass
    assert caught.value.response.status_code == 403


async def test_a_session_belongs_to_who_opened_it(site: Site) -> None:
    async with httpx2.AsyncClient(base_url=site.base, headers={"Cookie": await site.cookie("anna")}) as client:
        opened = await client.get(HANDSHAKE)
        assert opened.status_code == 200, opened.text
        assert opened.text.startswith("0{")
        session_id = opened.text.split('"sid":"')[1].split('"')[0]
        client.headers["Cookie"] = await site.cookie("bert")
        assert (await client.get(f"{HANDSHAKE}&sid={session_id}")).status_code == 403
        assert (await client.post(f"{HANDSHAKE}&sid={session_id}", content="40")).status_code == 403


async def test_what_is_no_packet_harms_nobody(site: Site) -> None:
    async with httpx2.AsyncClient(base_url=site.base, headers={"Cookie": await site.cookie("anna")}) as client:
        assert (await client.get("/socket.io/")).status_code == 400
        assert (await client.get(f"{HANDSHAKE}&sid=nobody")).status_code == 400
        assert (await client.post(HANDSHAKE, content="x")).status_code == 400
        assert (await client.delete("/socket.io/")).status_code == 405
        opened = await client.get(HANDSHAKE)
        session_id = opened.text.split('"sid":"')[1].split('"')[0]
        assert (await client.post(f"{HANDSHAKE}&sid={session_id}", content="4" * 70_000)).status_code == 413
