"""Follows a page word for word: writes its files, runs its commands, and compares what they say."""

import os
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

from tests.servers.web import PROJECT, free_port, running

STRANGLER = "import sys; sys.argv[0] = 'strangler'; from router.cli import main; main()"
SEEN_WITHIN = 20.0
"""Seconds in which a server and its workers have seen a change."""
PAGE_PORT = "8000"
ABOVE = "{the line above}"


@dataclass(frozen=True)
class Step:
    """A command of the page, and the lines that it promises."""

    command: str
    promised: tuple[str, ...]


def blocks(page: str) -> list[tuple[str, str]]:
    """Every block of a page, by its kind; of comments, those that say what happens: kind ``happens``."""
    found = re.findall(r"^```(\w*)\n(.*?)^```$|^<!-- it happens: (.*?) -->$", page, re.MULTILINE | re.DOTALL)
    return [("happens", event) if event else (kind, block) for kind, block, event in found]


def steps(block: str) -> Iterator[Step]:
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        command, *promised = part.splitlines()
        yield Step(command, tuple(promised))


class Reader:
    """Does what a reader of the page does, in ``folder``. The page's port becomes a free one.

    ``happenings`` are what the page says that happens: by its words. ``variables`` are set for all commands.
    """

    def __init__(
        self,
        folder: Path,
        servers: ExitStack,
        *,
        happenings: Mapping[str, Callable[[], None]] | None = None,
        variables: Mapping[str, str] | None = None,
        ready: str = "/about/",
    ) -> None:
        self.folder = folder
        self.servers = servers
        self.port = 0
        self.taken: list[str] = []
        self._happenings = happenings or {}
        self._variables = dict(variables or {})
        self._ready = ready
        self._said = ""

    def follow(self, kind: str, block: str) -> None:
        if kind == "happens":
            self._happenings[block]()
            return
        first, _, rest = block.partition("\n")
        if first.startswith("# ") and first.endswith((".py", ".toml")):
            (self.folder / first[2:]).write_text(rest, "utf-8")
        for step in steps(block) if kind == "console" else ():
            self.take(step)

    def take(self, step: Step) -> None:
        """A change of a flag is seen within a poll, so what only looks is repeated until it is as promised."""
        words = shlex.split(step.command)
        self.taken.append(words[0])
        do = {"uvicorn": self.serve, "strangler": self.strangle, "curl": self.ask}[words[0]]
        deadline = time.monotonic() + (SEEN_WITHIN if _only_looks(words) else 0)
        while True:
            said = do([word.replace(ABOVE, self._said.strip()) for word in words[1:]])
            missing = absent(step.promised, said)
            if missing is None:
                self._said = said
                return
            assert time.monotonic() < deadline, f"$ {step.command}\n{missing!r} is not in\n{said}"
            time.sleep(0.05)

    def serve(self, words: list[str]) -> str:
        self.servers.close()
        self.port = free_port()
        told = [str(self.port) if word == PAGE_PORT else word for word in words]
        argv = [sys.executable, "-m", "uvicorn", *told]
        path = f"{PROJECT}{os.pathsep}{self.folder}"
        server = running(argv, self.port, self._variables, self.folder, path=path, ready=self._ready)
        self.web = self.servers.enter_context(server)
        return ""

    def strangle(self, words: list[str]) -> str:
        path = f"{PROJECT}{os.pathsep}{self.folder}"
        variables = {**os.environ, **self._variables, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}
        told = [word.replace(f"127.0.0.1:{PAGE_PORT}", f"127.0.0.1:{self.port}") for word in words]
        argv = [sys.executable, "-c", STRANGLER, *told]
        ran = subprocess.run(
            argv, cwd=self.folder, env=variables, check=False, capture_output=True, text=True, timeout=120
        )
        return ran.stdout + ran.stderr

    def ask(self, words: list[str]) -> str:
        """curl with -i, -I, -X and -H."""
        *options, url = words
        address = urlsplit(url)
        method = "HEAD" if "-I" in options else options[options.index("-X") + 1] if "-X" in options else "GET"
        headers = {"Host": address.netloc}
        for place, option in enumerate(options):
            if option == "-H":
                name, _, value = options[place + 1].partition(": ")
                headers[name] = value
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=10)) as connection:
            connection.request(method, url.partition(address.netloc)[2], headers=headers)
            answer = connection.getresponse()
            told = [f"{name}: {in_order(name, value)}" for name, value in answer.getheaders()]
            return "\n".join([f"HTTP/1.1 {answer.status} {answer.reason}", *told, "", answer.read().decode()])


def _only_looks(words: list[str]) -> bool:
    """Whether a command may be repeated: it asks, or it changes nothing where it is refused."""
    return words[0] == "curl" or "promote" in words or words[1:2] in (["workers"], ["explain"])


def in_order(name: str, value: str) -> str:
    """Flask names allowed methods in the order of a set, another one in every process."""
    return ", ".join(sorted(value.split(", "))) if name.lower() == "allow" else value


def absent(promised: tuple[str, ...], said: str) -> str | None:
    """The first promised line that does not come, after the ones before it. Blanks count as one, … for anything."""
    lines = iter(" ".join(line.split()) for line in said.splitlines())
    for line in promised:
        pattern = ".*".join(map(re.escape, " ".join(line.split()).split("…")))
        if not any(re.fullmatch(pattern, one) for one in lines):
            return line
    return None
