"""Requests share a process: nothing that one of them knows may be kept where another would find it.

Every function of both applications is read, not run: a write to a module's name, to an attribute of the application,
or into a container of the module is refused, unless it is listed here with what makes it harmless.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
PACKAGES = ("legacy_flask", "fastapi_app")
HARMLESS = {
    "legacy_flask/access.py: requires.declare writes view.access": "decorates a view, when it is imported",
    "legacy_flask/app.py: create_app writes app.json": "builds the application",
    "legacy_flask/app.py: create_app writes app.url_map.converters": "builds the application",
    "legacy_flask/app.py: create_app writes app.config": "builds the application",
    "legacy_flask/configuration.py: keep writes app.extensions": "builds the application",
    "legacy_flask/cookies.py: install writes app.session_interface": "builds the application",
    "legacy_flask/cookies.py: install writes app.config": "builds the application",
    "legacy_flask/cookies.py: LoginCookie.get_signing_serializer writes app.config": "the same, whoever asks first",
    "legacy_flask/database.py: keep writes app.extensions": "builds the application",
    "legacy_flask/download_threads.py: keep writes app.extensions": "builds the application",
    "legacy_flask/flood.py: keep writes app.extensions": "builds the application",
    "legacy_flask/imvdb.py: keep writes app.extensions": "builds the application",
    "legacy_flask/refusals.py: keep writes app.extensions": "builds the application",
    "legacy_flask/tokens.py: of writes app.extensions": "the same, whoever asks first",
    "legacy_flask/youtube.py: keep writes app.extensions": "builds the application",
    "fastapi_app/app.py: create_app writes app.state.cache_metrics": "builds the application",
    "fastapi_app/app.py: create_app writes app.state.job_metrics": "builds the application",
    "fastapi_app/app.py: create_app writes app.state.registry": "builds the application",
    "fastapi_app/app.py: create_app writes app.state.route_map": "builds the application",
    "fastapi_app/log_file.py: opened writes _opened": "where the process's own log goes, from start to stop",
    "fastapi_app/openapi.py: describe writes app.openapi_schema": "the same, whoever asks first",
    "fastapi_app/downloads/fetching.py: Fetcher._asking writes plugin_dirs.value": "no plugins, the same every time",
    "fastapi_app/downloads/guard.py: _install writes global _installed": "one hook per process, behind a lock",
    "fastapi_app/models/write_turn.py: turn_of writes _turns": "one queue per file, behind a lock",
    "fastapi_app/broker.py: register writes redis.Transport.Channel": "builds the worker, which answers no requests",
    "fastapi_app/worker.py: create writes app.conf": "builds the worker, which answers no requests",
}
APPLICATIONS = frozenset({"app", "current_app", "application", "flask_app", "view", "blueprint", "router"})
MUTATORS = frozenset(
    {"add", "append", "clear", "discard", "extend", "insert", "pop", "popitem", "remove", "setdefault", "update"}
)
MUTABLE = (ast.Dict, ast.List, ast.Set, ast.DictComp, ast.ListComp, ast.SetComp)
MAKERS = frozenset({"dict", "list", "set", "deque", "defaultdict", "OrderedDict", "Counter", "WeakKeyDictionary"})

PER_REQUEST = frozenset({"g", "request", "session"})

Function = ast.FunctionDef | ast.AsyncFunctionDef


def writes_in(source: str) -> Iterator[str]:
    """``function writes target`` for every write of a module's functions to what outlives a request."""
    tree = ast.parse(source)
    containers, imported = _containers(tree), _imported(tree)
    for path, function in _functions(tree, ()):
        local = _local_names(function)
        for target, by_call in _targets(function):
            dotted = _dotted(target)
            head = dotted.split(".")[0]
            named = (
                head in containers or (head in imported and not (by_call and head.islower()))
            ) and head not in local
            if dotted.startswith("global ") or named or head in APPLICATIONS or ".app." in dotted:
                yield f"{path} writes {dotted}"


def _imported(tree: ast.Module) -> set[str]:
    """Names that the module imports, but for what Flask keeps per request. Those in lower case are mostly modules."""
    imports = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    return {
        alias.asname or alias.name
        for node in imports
        for alias in node.names
        if not (isinstance(node, ast.ImportFrom) and node.module == "flask" and alias.name in PER_REQUEST)
    }


def _containers(tree: ast.Module) -> set[str]:
    """Names of the module that are bound to something mutable."""
    found: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None and _is_mutable(node.value):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found.update(target.id for target in targets if isinstance(target, ast.Name))
    return found


def _is_mutable(value: ast.expr) -> bool:
    if isinstance(value, ast.Call):
        return _dotted(value.func).split(".")[-1] in MAKERS
    return isinstance(value, MUTABLE)


def _functions(node: ast.AST, path: tuple[str, ...]) -> Iterator[tuple[str, Function]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, Function | ast.ClassDef):
            inner = (*path, child.name)
            if isinstance(child, Function):
                yield ".".join(inner), child
            yield from _functions(child, inner)
        else:
            yield from _functions(child, path)


def _local_names(function: Function) -> set[str]:
    """Parameters and names that the function binds: they hide the module's."""
    arguments = function.args
    named = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
    bound = {argument.arg for argument in named if argument is not None}
    stored = (node for node in _own(function) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store))
    return bound | {node.id for node in stored}


def _targets(function: Function) -> Iterator[tuple[ast.expr | str, bool]]:
    """What the function assigns to, deletes, or changes; and whether it does the last by calling a method."""
    for node in _own(function):
        if isinstance(node, ast.Global):
            yield from ((f"global {name}", False) for name in node.names)
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store | ast.Del):
            yield node, False
        elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store | ast.Del):
            yield node.value, False
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in MUTATORS:
            yield node.func.value, True


def _own(function: Function) -> Iterator[ast.AST]:
    """The nodes of a function, without those of functions inside it."""
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, Function | ast.ClassDef):
            waiting.extend(ast.iter_child_nodes(node))


def _dotted(target: ast.expr | str) -> str:
    if isinstance(target, str):
        return target
    if isinstance(target, ast.Name):
        return target.id
    if isinstance(target, ast.Attribute):
        return f"{_dotted(target.value)}.{target.attr}"
    if isinstance(target, ast.Subscript):
        return _dotted(target.value)
    return "?"


def found() -> set[str]:
    files = [file for package in PACKAGES for file in sorted((PROJECT / package).rglob("*.py"))]
    assert len(files) > 50
    return {
        f"{file.relative_to(PROJECT).as_posix()}: {write}"
        for file in files
        for write in writes_in(file.read_text("utf-8"))
    }


def test_no_function_keeps_anything_where_another_request_would_find_it() -> None:
    assert found() - set(HARMLESS) == set()


def test_no_excuse_outlives_its_write() -> None:
    assert set(HARMLESS) - found() == set()


@pytest.mark.parametrize(
    "body",
    [
        "global user; user = 1",
        "current_app.user = 1",
        "current_app.config['user'] = 1",
        "app.state.user = 1",
        "request.app.state.user = 1",
        "request.app.state.users.append(1)",
        "g_module.user = 1",
        "users['x'] = 1",
        "users.update(x=1)",
        "users.pop('x')",
        "del users['x']",
        "users['x'] += 1",
        "seen.add(1)",
        "app.view_functions['x'] = 1",
        "CACHE.update(x=1)",
    ],
)
@pytest.mark.parametrize("kind", ["def", "async def"])
def test_a_write_that_others_would_see_is_found(kind: str, body: str) -> None:
    module = "import g_module\nfrom g_module import CACHE\nusers = {}\nseen: set[int] = set()\n"
    assert len(list(writes_in(f"{module}{kind} view(request):\n    {body}\n"))) == 1


@pytest.mark.parametrize(
    "body",
    [
        "user = 1",
        "users = {}; users['x'] = 1",
        "request.state.user = 1",
        "g.user = 1",
        "cookie['user'] = 1",
        "row.name = 'x'",
        "rules.remove(row)",
        "self.app = request",
    ],
)
def test_what_belongs_to_one_request_is_no_finding(body: str) -> None:
    imports = "from flask import current_app, g\nfrom flask import session as cookie\nfrom package import rules\n"
    assert list(writes_in(f"{imports}users = {{}}\ndef view(self, request, row):\n    {body}\n")) == []
