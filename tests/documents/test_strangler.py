"""docs/strangler.md is true: its files are written, its commands run, its answers compared."""

import ast
import doctest
import inspect
import re
import shlex
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import uvicorn

from router import Router, WSGIBackend, errors
from tests.documents.reader import Reader, absent, blocks
from tests.servers.web import PROJECT

PAGE = (PROJECT / "docs" / "strangler.md").read_text("utf-8")
BLOCKS = blocks(PAGE)


@pytest.mark.long
def test_the_page_works_for_who_follows_it(tmp_path: Path) -> None:
    with ExitStack() as servers:
        reader = Reader(tmp_path, servers)
        for kind, block in BLOCKS:
            reader.follow(kind, block)
    assert (tmp_path / "flags.db").exists()
    taken = {name: reader.taken.count(name) for name in ("uvicorn", "strangler", "curl")}
    assert all(taken[name] >= least for name, least in {"uvicorn": 4, "strangler": 20, "curl": 9}.items()), taken


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
    assert len(examples) == 3
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
    """FastAPI brings Starlette; PyMySQL is for who gives such a URL; what extras bring is imported where it is used."""
    files = [file for package in ("router", "migration_flags") for file in (PROJECT / package).rglob("*.py")]
    imported = {name for file in files for name in imports(file)} - sys.stdlib_module_names
    foreign = {DISTRIBUTIONS.get(name, name) for name in imported - OTHERS}
    line = next(line for line in PAGE.splitlines() if line.startswith("pip install a2wsgi"))
    assert set(shlex.split(line)[2:]) == {*foreign, "uvicorn[standard]", "fastapi"}


OTHERS = {"router", "migration_flags", "starlette", "opentelemetry", "openfeature"}
DISTRIBUTIONS = {"yaml": "pyyaml", "prometheus_client": "prometheus-client"}


def imports(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield str(node.module).partition(".")[0]
