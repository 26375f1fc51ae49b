"""The contenders of `mixes.toml` as running servers, one process each, pinned to one core."""

import os
import subprocess
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from pathlib import Path

from benchmarks.mixes import Application, Contender, Plan
from benchmarks.processor import members
from tests.servers.web import PROJECT, ServerDidNotStop, Web, free_port, running

Environments = Mapping[str, Mapping[str, str]]
"""By stage, what a server is told."""

_STOP_WITHIN = 10.0


@contextmanager
def contenders_running(
    contenders: Iterable[Contender], application: Application, environments: Environments, plan: Plan, folder: Path
) -> Iterator[dict[str, Web]]:
    """Starts them all, side by side on both cores, and pins them when all are there. By name.

    One that had to be killed in the end has been measured all the same.
    """
    chosen = list(contenders)
    with suppress(ServerDidNotStop), ExitStack() as servers, ThreadPoolExecutor(2) as starting:

        def start(contender: Contender) -> Web:
            cores = {plan.server_core, plan.load_core}
            return servers.enter_context(_server(contender, application, environments, plan, folder, cores))

        found = dict(zip([one.name for one in chosen], starting.map(start, chosen), strict=True))
        for web in found.values():
            pin(web.pid, plan.server_core)
        yield found


def server(
    contender: Contender, application: Application, environments: Environments, plan: Plan, folder: Path
) -> AbstractContextManager[Web]:
    """One of them, on the servers' core from the beginning."""
    return _server(contender, application, environments, plan, folder, {plan.server_core})


def _server(
    contender: Contender,
    application: Application,
    environments: Environments,
    plan: Plan,
    folder: Path,
    cores: Collection[int],
) -> AbstractContextManager[Web]:
    port = free_port()
    argv = command(contender, application.entrance(contender), port, plan)
    pinned = ["taskset", "-c", ",".join(map(str, cores)), sys.executable, "-m", *argv]
    return running(pinned, port, environments[contender.stage], folder, ready=application.ready)


def pin(group: int, core: int) -> None:
    """Every thread of every process of a group, and so whatever they start from now on."""
    for process in members(group):
        with suppress(FileNotFoundError, ProcessLookupError):  # it ended meanwhile
            for thread in (process / "task").iterdir():
                os.sched_setaffinity(int(thread.name), {core})


def command(contender: Contender, name: str, port: int, plan: Plan) -> list[str]:
    """What runs after ``python -m``. Pure."""
    if contender.server == "werkzeug":
        return ["benchmarks.development", str(port), name]
    if contender.server == "gunicorn":
        threaded = ["-k", "gthread", "--threads", str(plan.threads), "-b", f"127.0.0.1:{port}"]
        return ["gunicorn", *threaded, "--graceful-timeout", "3", "--log-level", "warning", name]
    factory = ["--factory"] if name.endswith("()") else []
    quiet = ["--log-level", "warning", "--no-access-log", "--no-server-header"]
    return ["uvicorn", *factory, name.removesuffix("()"), "--port", str(port), *quiet]


@contextmanager
def slow_site(milliseconds: float, core: int) -> Iterator[str]:
    """A site that answers after so long, in a process of its own. Gives its address."""
    argv = ["taskset", "-c", str(core), sys.executable, "-m", "benchmarks.toys.slow", str(milliseconds)]
    with subprocess.Popen(argv, cwd=PROJECT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}/"
        finally:
            process.terminate()
            process.wait(_STOP_WITHIN)
