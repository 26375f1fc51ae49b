"""Asks httpbin through gunicorn, through the bridge and through the front door; prints every difference.

    python compare.py              all of it
    python compare.py /redirect    what begins with this

Needs the environment of requirements.txt with this repository in it. Exit code 0: all answers are equal.
"""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from http.client import HTTPConnection
from http.client import HTTPException as NoAnswer
from pathlib import Path

from answers import NOT_COMPARED, Answer, ask
from front_door import create_router
from legacy import app as legacy
from questions import Question, every_question
from werkzeug.exceptions import HTTPException

from migration_flags import Change, Stage
from router import Router

HERE = Path(__file__).parent
MOVED = "GET /user-agent"
THREADS = 10
QUIET = ("--log-level", "critical", "--no-access-log", "--no-server-header")
READY_SECONDS = 30.0


def main() -> int:
    """Starts three servers, asks everything of each, and reports. Returns the exit code."""
    beginning = sys.argv[1] if len(sys.argv) > 1 else "/"
    questions = [question for question in every_question() if question.target.startswith(beginning)]
    missing = unasked(questions) if beginning == "/" else []
    with tempfile.TemporaryDirectory() as folder, ExitStack() as servers, ThreadPoolExecutor(3) as threads:
        os.environ["FLAGS"] = f"sqlite:///{folder}/flags.db"
        move(create_router())
        ports = list(threads.map(lambda argv: servers.enter_context(serving(argv)), commands().values()))
        answers = [(question, everywhere(question, ports, threads)) for question in questions]
    differences = [line for question, of_all in answers for line in compared(question, of_all)]
    sides = Counter(of_all["front door"].side for _, of_all in answers)
    for line in (*(f"never asked: {route}" for route in missing), *differences):
        print(line)
    print(f"{len(questions)} questions, {len(differences)} differences")
    print(f"answered through the front door: {', '.join(f'{count} by {side}' for side, count in sides.most_common())}")
    print(f"never compared: {', '.join(NOT_COMPARED)}")
    return 0 if not missing and not differences and sides["modern"] else 1


def everywhere(question: Question, ports: list[int], threads: ThreadPoolExecutor) -> dict[str, Answer]:
    """The answers of all servers, asked at once. By the server's name."""
    answers = threads.map(partial(ask, question=question), ports)
    return dict(zip(commands(), answers, strict=True))


def compared(question: Question, answers: dict[str, Answer]) -> Iterator[str]:
    """A line for every difference from what gunicorn answers."""
    for name, answer in answers.items():
        for difference in answers["gunicorn"].differs(answer):
            yield f"{question}\n    through the {name}: {difference}"


def unasked(questions: list[Question]) -> list[str]:
    """The routes of httpbin, method by method, that no question reaches."""
    urls = legacy.url_map.bind("httpbin.test")
    asked = set()
    for question in questions:
        with suppress(HTTPException):  # 404, 405 and redirects are asked for too
            asked.add((question.method, urls.match(question.path, question.method, return_rule=True)[0].rule))
    every = {(method, rule.rule) for rule in legacy.url_map.iter_rules() for method in rule.methods or ()}
    return [f"{method} {rule}" for method, rule in sorted(every - asked)]


def move(router: Router) -> None:
    """What `strangler flags set "GET /user-agent" modern --reason …` does."""
    router.flags.apply([Change(MOVED, Stage.MODERN)], actor="compare", reason="the example")
    router.flags.close()


def commands() -> dict[str, list[str]]:
    """The three servers. Each gets its port appended."""
    uvicorn = [sys.executable, "-m", "uvicorn", *QUIET]
    gunicorn = [sys.executable, "-m", "gunicorn", "-k", "gthread", "--threads", str(THREADS), "--log-level", "critical"]
    return {
        "gunicorn": [*gunicorn, "httpbin:app", "--bind", "127.0.0.1:{port}"],
        "bridge": [*uvicorn, "bridge:app", "--port", "{port}"],
        "front door": [*uvicorn, "front_door:app", "--port", "{port}"],
    }


@contextmanager
def serving(argv: list[str]) -> Iterator[int]:
    """Runs a server until the block ends. Yields its port."""
    port = free_port()
    process = subprocess.Popen(
        [part.format(port=port) for part in argv],
        cwd=HERE,
        env={**os.environ, "PYTHONHASHSEED": "0"},  # Werkzeug writes Allow in the order of a set
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        wait_for(port, process)
        yield port
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(20)


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    """Until it answers. Raises `SystemExit` when it does not."""
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        connection = HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/get")
            connection.getresponse().read()
        except (OSError, NoAnswer):
            time.sleep(0.05)
        else:
            return
        finally:
            connection.close()
    raise SystemExit(f"{process.args!r} did not start.")


def free_port() -> int:
    """A port that nothing listens on at this moment."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


if __name__ == "__main__":
    sys.exit(main())
