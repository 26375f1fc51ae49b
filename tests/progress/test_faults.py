"""The web process is killed and started again, and the client goes on from where it was."""

import os
import signal
from pathlib import Path

import anyio
import pytest

from tests.progress.site import restarted, running

pytestmark = [pytest.mark.anyio, pytest.mark.long]


async def test_after_a_restart_of_the_web_a_client_resumes_and_misses_no_end(tmp_path: Path) -> None:
    with running(tmp_path) as site:
        site.add(7, owner=5)
        site.add(8, owner=5)
        async with site.socket("anna", "/ws/jobs?subscribe=all") as socket:
            site.publish(site.change(7, state="running"))
            seen = (await socket.update(7, "running"))["data"]["seq"]
            os.kill(site.pid, signal.SIGKILL)
            assert await socket.close_code() == 1006
        site.change(7, state="completed")
        with restarted(site) as again:
            async with again.socket("anna", "/ws/jobs?subscribe=all") as socket:
                assert [job["job_id"] for job in socket.snapshot["jobs"]] == [8]
                await socket.send(type="resume", jobs={"7": seen})
                assert (await socket.next("job_update"))["data"]["state"] == "completed"
                assert (await socket.next("resumed"))["updated"] == [7]


async def test_redis_dies_under_open_sockets_and_everybody_hears_the_ends(tmp_path: Path) -> None:
    with running(tmp_path) as site:
        for job_id in range(1, 21):
            site.add(job_id, owner=5)
        async with site.socket("anna", "/ws/jobs?subscribe=all") as socket:
            for job_id in range(1, 21):
                site.publish(site.change(job_id, state="running"))
                await socket.update(job_id, "running")
            site.redis.kill()
            began = anyio.current_time()
            for job_id in range(1, 21):
                site.change(job_id, state="completed" if job_id % 2 else "failed")
            ended: set[int] = set()
            while len(ended) < 20:
                message = await socket.next()
                if message["type"] == "job_update" and message["data"]["state"] in {"completed", "failed"}:
                    ended.add(message["job_id"])
            assert anyio.current_time() - began < 10.0
