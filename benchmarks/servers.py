"""The contenders of `mixes.toml` as running servers, one process each, pinned to one core."""

import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

from benchmarks.mixes import Application, Contender, Plan
from tests.servers.web import PROJECT, Web, free_port, running

Environments = Mapping[str, Mapping[str, str]]
"""By stage, what a server is told."""

_STOP_WITHIN = 10.0


@contextmanager
def contenders_running(
    contenders: Iterable[Contender], application: Application, environments: Environments, plan: Plan, folder: Path
) -> Iterator[dict[str, Web]]:
    """Starts them all. By name."""
    chosen = list(contenders)
    with ExitStack() as servers, ThreadPoolExecutor(2) as starting:

        def start(contender: Contender) -> Web:
            return servers.enter_context(server(contender, application, environments, plan, folder))

        yield dict(zip([one.name for one in chosen], starting.map(start, chosen), strict=True))


@contextmanager
def server(
    contender: Contender, application: Application, environments: Environments, plan: Plan, folder: Path
) -> Iterator[Web]:
    """One of them."""
    port = free_port()
    argv = command(contender, application.entrances[contender.app], port, plan)
    pinned = ["taskset", "-c", str(plan.server_core), sys.executable, "-m", *argv]
    told = environments[contender.stage]
    with running(pinned, port, told, folder, ready=application.ready) as web:
        yield web


def command(contender: Contender, name: str, port: int, plan: Plan) -> list[str]:
    """What runs after ``python -m``. Pure."""
    if contender.server == "werkzeug":
        return ["benchmarks.development", str(port), name]
    if contender.server == "gunicorn":
        threaded = ["-k", "gthread", "--threads", str(plan.threads), "-b", f"127.0.0.1:{port}"]
        return ["gunicorn", *threaded, "--log-level", "warning", name]
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
