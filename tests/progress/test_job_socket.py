"""Real WebSockets through the front door: who gets in, what they hear, and what they don't."""

from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import anyio
import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from fastapi_app.models import SessionStatus, UserSession
from tests.progress.site import Site

pytestmark = pytest.mark.anyio

ALL = "/ws/jobs?subscribe=all"


async def refused_with(site: Site, path: str = "/ws/jobs", **headers: str) -> int:
    """The status of a handshake that must be refused."""
    with pytest.raises(InvalidStatus) as caught:
        async with connect(site.sockets + path, additional_headers=headers):
            pass
    return caught.value.response.status_code


async def test_nobody_gets_in_without_a_login(site: Site) -> None:
    assert await refused_with(site) == 403
    assert await refused_with(site, Cookie="mvidarr_session=forged") == 403
    assert await refused_with(site, Authorization="Bearer forged") == 403
    assert await refused_with(site, **{"X-Api-Key": "mvk_forged"}) == 403


async def test_the_page_of_another_site_does_not_get_in_with_the_visitors_cookie(site: Site) -> None:
    cookie = await site.cookie("anna")
    assert await refused_with(site, Cookie=cookie, Origin="http://evil.example") == 403
    assert await refused_with(site, Cookie=cookie, **{"Sec-Fetch-Site": "cross-site"}) == 403
    assert await refused_with(site, Cookie=cookie, Origin="null") == 403
    async with site.socket("anna", Origin=site.base) as socket:
        assert socket.greeting["user_id"] == 5


async def test_a_key_in_a_header_gets_in_and_one_in_the_address_does_not(site: Site) -> None:
    import httpx2

    async with httpx2.AsyncClient(base_url=site.base, headers={"Cookie": await site.cookie("bert")}) as client:
        made = await client.post("/api/keys", json={"name": "socket"})
        assert made.status_code == 201, made.text
        tokens = await client.post("/auth/token", json={"username": "bert", "password": "Correct-Horse1!"})
    key = made.json()["key"]
    assert await refused_with(site, f"/ws/jobs?apikey={key}") == 403
    async with connect(f"{site.sockets}/ws/jobs", additional_headers={"X-Api-Key": key}) as raw:
        assert '"user_id":6' in str(await raw.recv())
    if tokens.status_code == 200:
        token = tokens.json()["access_token"]
        async with connect(f"{site.sockets}/ws/jobs", additional_headers={"Authorization": f"Bearer {token}"}) as raw:
            assert '"user_id":6' in str(await raw.recv())


async def test_a_snapshot_then_every_change_of_ones_own_jobs_and_of_nobodys(site: Site) -> None:
    site.add(100, owner=5)
    site.add(101, owner=None)
    site.add(102, owner=6)
    site.add(103, owner=5, state="completed")
    async with site.socket("anna", ALL) as socket:
        told = {job["job_id"] for job in socket.snapshot["jobs"]}
        assert {100, 101} <= told
        assert not told & {102, 103}
        assert socket.snapshot["complete"]
        for job_id in (102, 101):
            site.publish(site.change(job_id, state="running"))
        first = await socket.next("job_update")
        site.publish(site.change(100, state="running"))
        second = await socket.next("job_update")
        assert [first["job_id"], second["job_id"]] == [101, 100]
        assert first["data"]["title"] == "Crater"
        assert first["event_type"] == "status_change"
        site.publish(site.change(102, state="completed"))
        site.publish(site.change(100, state="completed"))
        assert (await socket.next("job_update"))["event_type"] == "completed"
        assert await socket.is_silent()


async def test_managers_hear_of_everybodys_jobs(site: Site) -> None:
    site.add(110, owner=6)
    async with site.socket("mona", ALL) as socket:
        assert socket.greeting["sees_all"]
        assert 110 in {job["job_id"] for job in socket.snapshot["jobs"]}
        site.publish(site.change(110, state="running"))
        await socket.update(110, "running")


async def test_one_job_is_followed_by_its_number_and_left_again(site: Site) -> None:
    site.add(120, owner=5)
    site.add(121, owner=5)
    async with site.socket("anna") as socket:
        response = await socket.ask("subscription_response", type="subscribe_job", job_id=120)
        assert response["success"]
        assert (await socket.next("job_status"))["data"]["state"] == "queued"
        for job_id in (121, 120):
            site.publish(site.change(job_id, state="running"))
        assert (await socket.next("job_update"))["job_id"] == 120
        await socket.ask("unsubscription_response", type="unsubscribe_job", job_id=120)
        site.publish(site.change(120, state="completed"))
        await anyio.sleep(0.1)
        assert await socket.is_silent()


async def test_the_job_of_somebody_else_looks_as_if_there_were_none(site: Site) -> None:
    site.add(130, owner=6)
    async with site.socket("anna") as socket:
        answers = []
        for job_id in (130, 999_999):
            response = await socket.ask("subscription_response", type="subscribe_job", job_id=job_id)
            error = await socket.next("error")
            answers.append((response["success"], response["message"], error["code"], error["message"]))
        assert answers[0] == answers[1] == (False, "There is no such job", "unknown-job", "There is no such job")
        resumed = await socket.ask("resumed", type="resume", jobs={"130": 0})
        assert resumed["gone"] == [130]
        site.publish(site.change(130, state="running"))
        await anyio.sleep(0.1)
        assert await socket.is_silent()


async def test_progress_comes_at_once_then_four_times_a_second_and_the_end_at_once(site: Site) -> None:
    event = replace(site.add(140, owner=5), state="running", seq=1_000_000)
    async with site.socket("anna", ALL) as socket:
        site.publish(event)
        await socket.update(140, "running")
        began = anyio.current_time()
        for number in range(1, 41):
            site.publish(replace(event, seq=event.seq + number, percent=float(number)))
            await anyio.sleep(0.025)
        site.publish(replace(event, seq=event.seq + 100, state="completed", percent=100.0))
        seen: list[dict[str, Any]] = []
        while not seen or seen[-1]["data"]["state"] != "completed":
            message = await socket.next("job_update")
            seen += [message] if message["job_id"] == 140 else []
        took = anyio.current_time() - began
        assert len(seen) <= took * 4 + 2, f"{len(seen)} in {took:.2f} s"
        sequences = [message["data"]["seq"] for message in seen]
        assert sequences == sorted(sequences)
        assert len(seen) >= 3


async def test_an_old_event_does_not_bring_an_ended_job_back(site: Site) -> None:
    event = replace(site.add(150, owner=5), state="completed", seq=1_000_009)
    async with site.socket("anna", ALL) as socket:
        site.publish(event)
        await socket.update(150, "completed")
        site.publish(replace(event, state="running", seq=1_000_008))
        site.publish(event)
        await anyio.sleep(0.1)
        assert await socket.is_silent()


async def test_after_a_gap_a_client_hears_what_ended_meanwhile(site: Site) -> None:
    seen = site.add(160, owner=5, state="running").seq
    waiting = site.add(161, owner=5).seq
    site.change(160, state="failed", error_class="gone", error_message="It is gone")
    async with site.socket("anna") as socket:
        await socket.send(type="resume", jobs={"160": seen, "161": waiting, "987654": 3})
        update_ = await socket.next("job_update")
        assert (update_["job_id"], update_["event_type"]) == (160, "failed")
        assert update_["data"]["error_message"] == "It is gone"
        resumed = await socket.next("resumed")
        assert (resumed["updated"], resumed["gone"]) == ([160], [987654])
        site.publish(site.change(161, state="running"))
        assert (await socket.next("job_update"))["job_id"] == 161, "what has not ended is followed"


async def test_what_is_no_message_is_answered_and_harms_nobody(site: Site) -> None:
    async with site.socket("anna") as socket:
        for text in ("", "{", "[]", '{"type":"drop"}', '{"type":"subscribe_job","job_id":"x"}'):
            await socket.raw.send(text)
            assert (await socket.next("error"))["message"]
        await socket.raw.send(b"\x00\xff")
        await socket.next("error")
        assert await socket.is_silent()


async def test_a_flood_is_refused_and_then_closed(site: Site) -> None:
    async with site.socket("anna") as socket, anyio.create_task_group() as group:
        group.start_soon(_flood, socket.raw)
        assert await socket.close_code() == 1008
        group.cancel_scope.cancel()


async def _flood(raw: object) -> None:
    from websockets.asyncio.client import ClientConnection
    from websockets.exceptions import ConnectionClosed

    assert isinstance(raw, ClientConnection)
    try:
        for _ in range(5_000):
            await raw.send('{"type":"ping"}')
    except ConnectionClosed:
        pass


async def test_a_message_without_end_closes_the_socket(site: Site) -> None:
    async with site.socket("anna") as socket:
        await socket.raw.send("x" * 70_000)
        assert await socket.close_code() == 1009


async def test_one_user_can_not_take_all_sockets(site: Site) -> None:
    cookie = await site.cookie("bert")
    async with anyio.create_task_group() as group:
        opened = 0
        ready, done = anyio.Event(), anyio.Event()

        async def hold() -> None:
            nonlocal opened
            async with connect(f"{site.sockets}/ws/jobs", additional_headers={"Cookie": cookie}) as raw:
                await raw.recv()
                opened += 1
                if opened == 50:
                    ready.set()
                await done.wait()

        for _ in range(50):
            group.start_soon(hold)
        with anyio.fail_after(20):
            await ready.wait()
        assert await refused_with(site, Cookie=cookie) == 503
        async with site.socket("anna"):
            pass
        done.set()


async def test_plain_http_finds_nothing_there(site: Site) -> None:
    import httpx2

    async with httpx2.AsyncClient(base_url=site.base, headers={"Cookie": await site.cookie("anna")}) as client:
        assert (await client.get("/ws/jobs")).status_code == 404
    assert urlsplit(site.base).hostname == "127.0.0.1"


def end_logins(site: Site, user_id: int) -> None:
    with Session(site.engine) as session, session.begin():
        session.execute(update(UserSession).where(UserSession.user_id == user_id).values(status=SessionStatus.REVOKED))
