"""What background jobs cost, on MariaDB and a real Redis: `python -m benchmarks.jobs`, about five minutes.

- Handing in: `POST /api/jobs` at a constant rate, a minute long, while a real worker runs what comes. The jobs
  themselves do nothing, so that a thousand of them measure the way that jobs go and not what they do.
- Beside it, at the same rate and just before: what the disk takes to make a page durable, and what a request takes
  that does next to nothing: so much of a submission is the disk's, and the way's to the product and back.
- A burst: a thousand such jobs at once, until the last has ended.
- Telling progress: events published on Redis at a constant rate.
- The API while fifty real downloads run, over a fixed mix, see `benchmarks.downloads`.

Every latency counts from the moment when its request was due, whether or not the ones before it were answered.
"""

import argparse
import http.client
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import quantiles
from urllib.parse import urlsplit

import httpx
from rich.console import Console
from rich.table import Table
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from benchmarks import downloads
from benchmarks.constant_rate import offered
from benchmarks.library import fill
from benchmarks.load import LoadFailed
from benchmarks.processor import on_core
from benchmarks.raw import RESULTS, keep
from benchmarks.servers import pin
from benchmarks.sides import move_all
from fastapi_app import worker
from fastapi_app.config import Config
from fastapi_app.database import blocking_engine
from fastapi_app.downloads.kinds import INFORMATION
from fastapi_app.jobs import dispatch, tickets
from fastapi_app.jobs.kinds import Kinds
from fastapi_app.jobs.states import TERMINAL, Queue, State
from fastapi_app.jobs.submission import submit
from fastapi_app.jobs.work import Done, Work
from fastapi_app.models import WRITES, Job, Setting, UserRole
from migration_flags import Stage
from tests.fastapi_app.library import PASSWORD, user
from tests.progress.events import an_event
from tests.servers.mariadb import DEFAULT_BUFFERS, start_mariadb
from tests.servers.redis import start_redis
from tests.servers.web import free_port, running

JOBS, MINUTE = 1_000, 60.0
PROCESSES = 4
CLIENTS = 8
WRITES_A_SECOND, WRITING_SECONDS = 200.0, 10.0
MIX_SECONDS = 60.0
SERVER_CORE, LOAD_CORE = 0, 1
_PROJECT = Path(__file__).parents[1]
_GIVE_UP = 300.0
_PAGE = 4096
_BESIDE = 3
"""One page and one trivial request for so many jobs."""


@dataclass(frozen=True)
class Installation:
    """A running web process over its database and Redis, and somebody who is logged in."""

    base: str
    cookie: str
    config: Config
    environment: dict[str, str]
    folder: Path

    @property
    def port(self) -> int:
        return urlsplit(self.base).port or 80


@dataclass(frozen=True)
class Figures:
    """Seconds. `lasted` is from the first of so many offered jobs to the end of the last, `burst` of as many at once.

    `syncs` are pages made durable where MariaDB's data lies, `trivial` answers of `/api/health` to the same client.
    `idle` and `busy` are answers over the mix, without downloads and with so many.
    """

    jobs: int
    submissions: tuple[float, ...]
    syncs: tuple[float, ...]
    trivial: tuple[float, ...]
    lasted: float
    burst: float
    progress_writes: tuple[float, ...]
    films: int
    idle: downloads.Answers | None
    busy: downloads.Answers | None


def submissions(site: Installation, number: int, rate: float) -> tuple[float, ...]:
    """Hands in jobs over HTTP. Raises LoadFailed when one was not taken."""
    with _asking(site) as asked:

        def ask(one: int) -> None:
            body = json.dumps({"kind": INFORMATION.name, "url": f"http://films.example/{time.monotonic_ns()}-{one}"})
            status = asked("POST", "/api/jobs", body)
            if status != 202:
                raise LoadFailed(f"a job was answered with {status}")

        return offered(ask, number, rate, CLIENTS)


def trivial(site: Installation, number: int, rate: float) -> tuple[float, ...]:
    """Asks for what takes one statement and no login. Raises LoadFailed when one was not answered."""
    with _asking(site) as asked:

        def ask(_one: int) -> None:
            status = asked("GET", "/api/health", None)
            if status != 200:
                raise LoadFailed(f"a request was answered with {status}")

        return offered(ask, number, rate, CLIENTS)


@contextmanager
def _asking(site: Installation) -> Iterator[Callable[[str, str, str | None], int]]:
    """Sends a request and answers the status. Each thread has a connection of its own, closed at the end."""
    connections = threading.local()
    headers = {"Cookie": site.cookie, "Content-Type": "application/json"}
    with ExitStack() as opened:

        def asked(method: str, path: str, body: str | None) -> int:
            if not hasattr(connections, "open"):
                made = http.client.HTTPConnection("127.0.0.1", site.port, timeout=30)
                connections.open = opened.enter_context(closing(made))
            connections.open.request(method, path, body, headers)
            answer = connections.open.getresponse()
            answer.read()
            return int(answer.status)

        yield asked


def syncs(folder: Path, number: int, rate: float) -> tuple[float, ...]:
    """Appends a page to a file in `folder` and waits until the disk has it, as a commit does with the log."""
    file = os.open(folder / "syncs", os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def write(_one: int) -> None:
        os.write(file, bytes(_PAGE))
        os.fdatasync(file)

    try:
        return offered(write, number, rate, 1)
    finally:
        os.close(file)
        (folder / "syncs").unlink()


def progress_writes(site: Installation, seconds: float) -> tuple[float, ...]:
    """Publishes events as a worker does."""
    with dispatch.connected(site.config.redis_url) as redis:

        def tell(one: int) -> None:
            dispatch.publish_event(redis, an_event(one % 50 + 1, one + 1, percent=41.5, stage="downloading"))

        tell(0)
        return offered(tell, int(seconds * WRITES_A_SECOND), WRITES_A_SECOND, 1)


def burst(engine: Engine, redis_url: str, number: int) -> float:
    """Seconds from so many rows and tickets to the end of the last job."""
    with Session(engine.execution_options(**{WRITES: True})) as session, session.begin():
        for one in range(number):
            submit(session, INFORMATION, f"burst {time.monotonic_ns()} {one}", {"url": "http://films.example/"})
    begun = time.perf_counter()
    with dispatch.connected(redis_url) as redis:
        tickets.publish(redis, Queue.METADATA, number)
    until_ended(engine)
    return time.perf_counter() - begun


def until_ended(engine: Engine) -> None:
    """Waits for all jobs of the metadata queue. Raises LoadFailed when one failed, or takes too long."""
    deadline = time.monotonic() + _GIVE_UP
    query = select(func.count()).where(Job.queue == Queue.METADATA)
    while True:
        with Session(engine) as session:
            left = session.scalar(query.where(Job.state.not_in(TERMINAL))) or 0
            wrong = session.scalar(query.where(Job.state.in_({State.FAILED, State.CANCELLED}))) or 0
        if wrong or time.monotonic() > deadline:
            raise LoadFailed(f"{left} jobs are left, {wrong} went wrong")
        if not left:
            return
        time.sleep(0.1)


def measured(site: Installation, asked: argparse.Namespace, say: Callable[[str], None]) -> Figures:
    """Everything, one after the other. Raises LoadFailed."""
    engine = blocking_engine(site.config)
    try:
        with working(site):
            say("handing in …")
            rate = asked.jobs / asked.seconds
            submissions(site, CLIENTS * 4, rate)  # warms both sides up
            until_ended(engine)
            beside = max(asked.jobs // _BESIDE, 2)
            synced, answered = syncs(site.folder / "mariadb", beside, rate), trivial(site, beside, rate)
            begun = time.perf_counter()
            handed_in = submissions(site, asked.jobs, rate)
            until_ended(engine)
            lasted = time.perf_counter() - begun
            say("a burst …")
            at_once = burst(engine, site.config.redis_url, asked.jobs)
            say("telling progress …")
            written = progress_writes(site, min(asked.seconds, WRITING_SECONDS))
        idle, busy = _while_downloading(site, asked, say) if asked.downloads else (None, None)
    finally:
        engine.dispose()
    return Figures(asked.jobs, handed_in, synced, answered, lasted, at_once, written, asked.downloads, idle, busy)


def _while_downloading(
    site: Installation, asked: argparse.Namespace, say: Callable[[str], None]
) -> tuple[downloads.Answers, downloads.Answers]:
    say("the mix, nothing else running …")
    idle = downloads.asked(site.port, site.cookie, asked.mix_seconds, LOAD_CORE)
    say(f"starting {asked.downloads} downloads …")
    with (
        httpx.Client(base_url=site.base, headers={"Cookie": site.cookie}, timeout=30.0) as client,
        downloads.under_way(client, site.environment, site.folder, asked.downloads, asked.bytes),
    ):
        say("the mix meanwhile …")
        return idle, downloads.asked(site.port, site.cookie, asked.mix_seconds, LOAD_CORE)


@contextmanager
def installed(folder: Path) -> Iterator[Installation]:
    """The hybrid, all routes modern, over a library of real size on MariaDB.

    It has a core for itself; on the other are the database, Redis, the worker and the load.
    """
    port = free_port()
    (folder / "data").mkdir()
    with (
        on_core(LOAD_CORE),
        start_mariadb(folder / "mariadb", buffers=DEFAULT_BUFFERS) as mariadb,
        start_redis(folder / "redis") as redis,
    ):
        told = {
            "MVIDARR_DATABASE_URL": mariadb.create_database("jobs"),
            "MVIDARR_REDIS_URL": redis.url,
            "MVIDARR_DATA_DIR": str(folder / "data"),
            "MVIDARR_SECRET_KEY": "a-key-for-measuring-and-nothing-else",
            "MVIDARR_ALLOW_PRIVATE_ADDRESSES": "true",
            "MVIDARR_LOG_LEVEL": "WARNING",
        }
        config = Config(
            database_url=told["MVIDARR_DATABASE_URL"],
            redis_url=redis.url,
            data_dir=folder / "data",
            secret_key=told["MVIDARR_SECRET_KEY"],
        )
        fill(config)
        _furnish(config)
        move_all(config, Stage.MODERN)
        mariadb.execute("SET GLOBAL innodb_flush_log_at_trx_commit = 1")  # its own default: tests run without
        argv = [sys.executable, "-m", "uvicorn", "legacy_flask.asgi:app", "--port", str(port), "--no-access-log"]
        with running([*argv, "--log-level", "warning"], port, told, folder) as web:
            pin(web.pid, SERVER_CORE)
            yield Installation(web.base, _cookie(web.base), config, told, folder)


def _furnish(config: Config) -> None:
    """Somebody who may hand in jobs, and downloads that wait for nothing."""
    engine = blocking_engine(config)
    settings = {"download_pause": "0", "download_request_pause": "0", "minimum_free_space_mb": "1"}
    with Session(engine.execution_options(**{WRITES: True})) as session, session.begin():
        session.add(user(1, "boss", UserRole.ADMIN))
        session.add_all(Setting(key=key, value=value) for key, value in settings.items())
    engine.dispose()


def _cookie(base: str) -> str:
    with httpx.Client(base_url=base) as client:
        client.post("/auth/login", json={"username": "boss", "password": PASSWORD}).raise_for_status()
        return "; ".join(f"{key}={value}" for key, value in client.cookies.items())


@contextmanager
def working(site: Installation) -> Iterator[None]:
    """The product's worker and beat, with a kind of jobs that ends at once in the place of one that asks a site."""
    argv = [sys.executable, "-m", "benchmarks.jobs", "--worker"]
    ours = ("MVIDARR_", "DB_")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    told = {**inherited, **site.environment, "PYTHONPATH": str(_PROJECT)}
    with (site.folder / "worker.log").open("wb") as log:
        process = subprocess.Popen(argv, cwd=site.folder, env=told, stdout=log, stderr=log, start_new_session=True)
    try:
        yield
    finally:
        process.terminate()
        process.wait(30)


def nothing(_work: Work) -> Done:
    """A job that is done at once."""
    return Done({})


def serve() -> int:
    """The worker of `working`."""
    quick = replace(INFORMATION, module="benchmarks.jobs", function="nothing")
    return worker.serve(Config(), [Queue.METADATA], PROCESSES, beat=True, kinds=Kinds(quick))


def main(argv: Sequence[str] | None = None, results: Path = RESULTS) -> int:
    """0 when every target is kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=JOBS)
    parser.add_argument("--seconds", type=float, default=MINUTE, help="in which so many jobs are handed in")
    parser.add_argument("--downloads", type=int, default=downloads.NUMBER, help="0 leaves that part out")
    parser.add_argument("--bytes", type=float, default=downloads.BYTES_A_SECOND, help="a second, of each download")
    parser.add_argument("--mix-seconds", type=float, default=MIX_SECONDS)
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args(argv)
    if asked.worker:
        return serve()
    console = Console()
    try:
        with tempfile.TemporaryDirectory() as folder, installed(Path(folder)) as site:
            figures = measured(site, asked, console.print)
    except LoadFailed as trouble:
        console.print(str(trouble))
        return 1
    rows = verdicts(figures)
    console.print(_table(rows))
    keep("jobs", {"load": [round(one, 2) for one in os.getloadavg()], **asdict(figures)}, results)
    return 0 if all(row.holds for row in rows) else 1


@dataclass(frozen=True)
class Verdict:
    """One promise, in the unit that its name tells. Without a `target` it is there to be read."""

    name: str
    found: float
    target: float | None = None

    @property
    def holds(self) -> bool:
        return self.target is None or self.found < self.target


def verdicts(figures: Figures) -> list[Verdict]:
    """What was found, held against what was promised. Pure."""
    handed_in, written = _hundredths(figures.submissions), _hundredths(figures.progress_writes)
    synced, answered = _hundredths(figures.syncs), _hundredths(figures.trivial)
    rows = [
        Verdict("handing in, p50 ms", handed_in[49] * 1000),
        Verdict("handing in, p99 ms", handed_in[98] * 1000, 10.0),
        Verdict("a page made durable by the disk, p50 ms", synced[49] * 1000),
        Verdict("a page made durable by the disk, p99 ms", synced[98] * 1000),
        Verdict("/api/health, p50 ms", answered[49] * 1000),
        Verdict("/api/health, p99 ms", answered[98] * 1000),
        Verdict("progress written to Redis, p99 ms", written[98] * 1000, 5.0),
        Verdict(f"{figures.jobs} short jobs at once, seconds", figures.burst, MINUTE * figures.jobs / JOBS),
        Verdict(f"{figures.jobs} offered one after the other, seconds", figures.lasted),
    ]
    for name, answers in (("nothing else running", figures.idle), (f"{figures.films} downloads", figures.busy)):
        if answers is not None:
            is_busy = answers is figures.busy
            rows.append(Verdict(f"API p95 ms, {name}", answers.p95 * 1000, 100.0 if is_busy else None))
            rows.append(Verdict(f"API mean ms, {name}", answers.mean * 1000, 250.0 if is_busy else None))
    return rows


def _hundredths(seconds: Sequence[float]) -> list[float]:
    return quantiles(seconds, n=100, method="inclusive")


def _table(rows: Sequence[Verdict]) -> Table:
    table = Table("jobs", "found", "target")
    for row in rows:
        target = "none" if row.target is None else f"< {row.target:g}, {'kept' if row.holds else 'MISSED'}"
        table.add_row(row.name, f"{row.found:.1f}", target)
    return table


if __name__ == "__main__":
    sys.exit(main())
