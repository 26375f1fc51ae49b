"""docs/strangler.md is true: its files are written, its commands run, its answers compared."""

import ast
import doctest
import inspect
import os
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import uvicorn

from router import Router, WSGIBackend, errors
from tests.servers.web import PROJECT, free_port, running

PAGE = (PROJECT / "docs" / "strangler.md").read_text("utf-8")
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
STRANGLER = "import sys; sys.argv[0] = 'strangler'; from router.cli import main; main()"
SEEN_WITHIN = 5.0


@dataclass(frozen=True)
class Step:
    """A command of the page, and the lines that it promises."""

    command: str
    promised: tuple[str, ...]


def steps(block: str) -> Iterator[Step]:
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        command, *promised = part.splitlines()
        yield Step(command, tuple(promised))


class Reader:
    """Does what a reader of the page does, in ``folder``. The page's port becomes a free one."""

    def __init__(self, folder: Path, servers: ExitStack) -> None:
        self.folder = folder
        self.servers = servers
        self.port = 0

    def follow(self, kind: str, block: str) -> None:
        first, _, rest = block.partition("\n")
        if first.startswith("# ") and first.endswith((".py", ".toml")):
            (self.folder / first[2:]).write_text(rest, "utf-8")
        for step in steps(block) if kind == "console" else ():
            self.take(step)

    def take(self, step: Step) -> None:
        """A change of a flag is seen within a poll, so an answer is asked for until it is as promised."""
        do = {"uvicorn": self.serve, "strangler": self.strangle, "curl": self.ask}[step.command.split()[0]]
        deadline = time.monotonic() + (SEEN_WITHIN if do == self.ask else 0)
        while True:
            said = do(shlex.split(step.command)[1:])
            missing = absent(step.promised, said)
            if missing is None:
                return
            assert time.monotonic() < deadline, f"$ {step.command}\n{missing!r} is not in\n{said}"
            time.sleep(0.05)

    def serve(self, words: list[str]) -> str:
        self.servers.close()
        self.port = free_port()
        told = [str(self.port) if word == "8000" else word for word in words]
        argv = [sys.executable, "-m", "uvicorn", *told]
        path = f"{PROJECT}{os.pathsep}{self.folder}"
        self.servers.enter_context(running(argv, self.port, {}, self.folder, path=path, ready="/about/"))
        return ""

    def strangle(self, words: list[str]) -> str:
        variables = {**os.environ, "PYTHONPATH": str(PROJECT), "PYTHONDONTWRITEBYTECODE": "1"}
        argv = [sys.executable, "-c", STRANGLER, *words]
        ran = subprocess.run(
            argv, cwd=self.folder, env=variables, check=False, capture_output=True, text=True, timeout=60
        )
        return ran.stdout + ran.stderr

    def ask(self, words: list[str]) -> str:
        """curl with -i, -I and -X."""
        *options, url = words
        address = urlsplit(url)
        method = "HEAD" if "-I" in options else options[options.index("-X") + 1] if "-X" in options else "GET"
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=10)) as connection:
            connection.request(method, url.partition(address.netloc)[2], headers={"Host": address.netloc})
            answer = connection.getresponse()
            headers = [f"{name}: {in_order(name, value)}" for name, value in answer.getheaders()]
            return "\n".join([f"HTTP/1.1 {answer.status} {answer.reason}", *headers, "", answer.read().decode()])


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


@pytest.mark.long
def test_the_page_works_for_who_follows_it(tmp_path: Path) -> None:
    taken = []
    with ExitStack() as servers:
        reader = Reader(tmp_path, servers)
        for kind, block in BLOCKS:
            reader.follow(kind, block)
            taken += [step.command.split()[0] for step in steps(block)] if kind == "console" else []
    assert (tmp_path / "flags.db").exists()
    assert {name: taken.count(name) >= least for name, least in {"uvicorn": 3, "strangler": 8, "curl": 9}.items()} == {
        "uvicorn": True,
        "strangler": True,
        "curl": True,
    }


def test_a_promise_that_is_not_kept_is_noticed() -> None:
    assert absent(("b", "a"), "a\nb") == "a"
    assert absent(("HTTP/1.1 200 OK",), "HTTP/1.1 404 Not Found") == "HTTP/1.1 200 OK"
    assert absent(("a  … c", "d"), "a b c\nx\nd") is None


def test_what_is_typed_at_the_prompt_says_what_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = next(block for _, block in BLOCKS if block.startswith("# shop.py"))
    (tmp_path / "shop.py").write_text(shop, "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    examples = [block.replace("…", "...") for kind, block in BLOCKS if kind == "python" and block.startswith(">>>")]
    assert len(examples) == 2
    for number, block in enumerate(examples):
        runner.run(doctest.DocTestParser().get_doctest(block, {"__name__": "page"}, f"block {number}", None, None))
    monkeypatch.delitem(sys.modules, "shop")
    assert runner.summarize(verbose=False) == (0, sum(block.count(">>> ") for block in examples))


@pytest.mark.parametrize(("built", "least"), [(Router, 5), (WSGIBackend, 3)])
def test_every_number_has_its_name_and_its_default(built: Callable[..., object], least: int) -> None:
    part = PAGE.split("## Numbers to set")[1].split("These are arguments of `Router`")[0 if built is Router else 1]
    told = re.findall(r"^\| `(\w+)` \| ([\w.]+) \|", part.split("## ")[0], re.MULTILINE)
    assert len(told) >= least
    parameters = inspect.signature(built).parameters
    assert dict(told) == {name: str(parameters[name].default) for name, _ in told}


def test_every_reason_to_refuse_is_one_that_is_given() -> None:
    part = PAGE.split("## What is refused at boot")[1].split("## ")[0]
    for name in re.findall(r"\(`([A-Z]\w+)`\)", part):
        assert issubclass(getattr(errors, name), errors.BootError)
    keys = {key.split(":")[0] for key in re.findall(r"`([a-z]+-?[a-z]+:<\w+>|wsgi-app|error-pages)`", part)}
    source = (PROJECT / "router" / "boot_check.py").read_text("utf-8")
    given = set(re.findall(r'^ +f?"([a-z-]+)(?::\{\w+\})?",$', source, re.MULTILINE))
    assert keys == given


def test_every_option_of_the_server_exists() -> None:
    known = {option for parameter in uvicorn.main.params for option in parameter.opts}
    named = set(re.findall(r"(?<!\S)`?(--[a-z-]+)", PAGE.split("## How it is served")[1].split("## ")[0]))
    assert len(named) >= 5
    assert named <= known


def test_every_module_and_link_that_is_named_exists() -> None:
    for module in re.findall(r"`((?:router|migration_flags)(?:\.\w+)+)`", PAGE):
        path = PROJECT / module.replace(".", "/")
        assert any(one.with_suffix(".py").exists() for one in (path, path.parent)), module
    for link in re.findall(r"\]\(([^)#]+)", PAGE):
        assert (PROJECT / "docs" / link).exists()
    assert (PROJECT / "docs" / "examples" / "httpbin" / "README.md").exists()


def test_what_is_to_be_installed_is_what_the_packages_import() -> None:
    """FastAPI brings Starlette; PyMySQL is for who gives such a URL."""
    files = [file for package in ("router", "migration_flags") for file in (PROJECT / package).rglob("*.py")]
    imported = {name for file in files for name in imports(file)} - sys.stdlib_module_names
    foreign = {DISTRIBUTIONS.get(name, name) for name in imported - {"router", "migration_flags", "starlette"}}
    line = next(line for line in PAGE.splitlines() if line.startswith("pip install a2wsgi"))
    assert set(shlex.split(line)[2:]) == {*foreign, "uvicorn[standard]", "fastapi"}


DISTRIBUTIONS = {"yaml": "pyyaml", "prometheus_client": "prometheus-client"}


def imports(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield str(node.module).partition(".")[0]
