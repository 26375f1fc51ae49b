"""Real workers in processes of their own, and rows of toys for them."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from fastapi_app.config import Config
from fastapi_app.jobs import descendants
from fastapi_app.jobs.states import TERMINAL
from fastapi_app.jobs.submission import submit
from fastapi_app.models import WRITES, Job
from tests.jobs.toys import KINDS

PROJECT = Path(__file__).parents[2]
_STOP_SECONDS = 30.0


@dataclass(frozen=True)
class Worker:
    """A worker's main process; `log` is what it and its pool wrote."""

    process: "subprocess.Popen[bytes]"
    log: Path

    @property
    def pool(self) -> set[int]:
        return descendants.of(self.process.pid)

    @property
    def text(self) -> str:
        return self.log.read_text(errors="replace")

    def stop(self) -> float:
        """Asks it to stop; answers the seconds that took."""
        begun = time.monotonic()
        self.process.terminate()
        self.process.wait(_STOP_SECONDS)
        return time.monotonic() - begun


@contextmanager
def working(
    config: Config,
    *,
    queues: str = "metadata",
    processes: int = 2,
    beat: bool = True,
    module: str = "tests.jobs.toy_worker",
    **more: str,
) -> Iterator[Worker]:
    """A worker, for the toys unless told otherwise. Nothing of it is left after the block."""
    log = config.data_dir / f"worker-{time.monotonic_ns()}.log"
    settings = {
        "MVIDARR_DATABASE_URL": config.database_url,
        "MVIDARR_REDIS_URL": config.redis_url,
        "MVIDARR_DATA_DIR": str(config.data_dir),
        "PYTHONPATH": str(PROJECT),
        **more,
    }
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("MVIDARR_", "DB_"))}
    argv = [sys.executable, "-m", module, queues, str(processes), "beat" if beat else ""]
    with log.open("wb") as output:
        process = subprocess.Popen(
            argv, cwd=PROJECT, env=inherited | settings, stdout=output, stderr=output, process_group=0
        )
    try:
        yield Worker(process, log)
    finally:
        if process.poll() is None:
            process.terminate()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise AssertionError(f"The worker didn't stop:\n{log.read_text(errors='replace')[-4000:]}") from None


def hand_in(engine: Engine, *kinds: str, limit: int | None = None, priority: int = 5) -> list[int]:
    """A job of each kind, each for a subject of its own; answers their ids."""
    made = []
    with Session(engine.execution_options(**{WRITES: True})) as session, session.begin():
        for number, name in enumerate(kinds):
            subject = f"{time.monotonic_ns()} {number}"
            job = submit(session, KINDS[name], subject, {"title": name}, priority=priority).job
            if limit is not None:
                job.attempt_limit = limit
            session.flush()
            made.append(job.id)
    return made


def job(engine: Engine, job_id: int) -> Job:
    with Session(engine, expire_on_commit=False) as session:
        return session.get_one(Job, job_id)


def states(engine: Engine) -> list[str]:
    with Session(engine) as session:
        return list(session.scalars(select(Job.state).order_by(Job.id)))


def all_ended(engine: Engine) -> bool:
    return all(state in TERMINAL for state in states(engine))


def until(condition: Callable[[], bool], seconds: float = 60.0) -> None:
    """Polls `condition`; fails the test when it stays false. The seconds are patience, and no measure."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.05)
