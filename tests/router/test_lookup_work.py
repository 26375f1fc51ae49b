"""A look-up's work, counted in bytecode instructions and not in time: flat in the number of routes, and bounded."""

import gc
import sys
from collections.abc import Callable, Iterable
from functools import partial
from types import FrameType
from typing import Any

import pytest

from router import Route, RouteTable
from router.declared import Declared

FEW, MANY = 20, 2000


def table(legacy: Iterable[str], modern: Iterable[str] = ()) -> RouteTable:
    return RouteTable(declared(legacy), declared(modern))


def declared(keys: Iterable[str]) -> list[Declared]:
    return [Route(key).declared() for key in keys]


def work(function: Callable[[], object]) -> int:
    """How many bytecode instructions the call runs."""
    count = 0

    def trace(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal count
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        count += event == "opcode"
        return trace

    before = sys.gettrace()
    gc.disable()  # what it ends of other tests would count
    sys.settrace(trace)
    try:
        function()
    finally:
        sys.settrace(before)
        gc.enable()
    return count


def test_the_measure_sees_work() -> None:
    def count_to(end: int) -> None:
        for number in range(end):
            str(number)

    assert work(partial(count_to, 1000)) > 10 * work(partial(count_to, 10))


SHAPES: dict[str, tuple[Callable[[int], str], list[str]]] = {
    # a template by its number; requests: hits, then misses
    "literals side by side": (lambda n: f"/api/r{n}", ["/api/r7", "/api/none", "/none"]),
    "a number below each": (lambda n: f"/api/r{n}/{{id:int}}/x", ["/api/r7/5/x", "/api/r7/a/x", "/api/r7/5", "/api"]),
    "tails under prefixes": (lambda n: f"/files{n}/{{p:path}}", ["/files7/a/b/c", "/files7", "/filesx/a/b"]),
    "deep prefixes": (
        lambda n: f"/a/b/c/d/e/f/g/r{n}/{{x}}/{{y:int}}",
        ["/a/b/c/d/e/f/g/r7/x/5", "/a/b/c/d/e/f/g/r7/x/y"],
    ),
    "literals under one parameter": (lambda n: f"/{{shop}}/r{n}", ["/s/r7", "/s/none", "/s/r7/x"]),
    "literals beside overlapping parameters": (
        lambda n: [f"/{{a}}/x/r{n}", f"/{{a:int}}/{{b}}/s{n}", f"/fixed/{{b:int}}/t{n}"][n % 3],
        ["/fixed/x/r9", "/5/x/s7", "/fixed/5/t8", "/fixed/5/none"],
    ),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_hits_and_misses_cost_the_same_among_twenty_and_two_thousand(shape: str) -> None:
    template, paths = SHAPES[shape]
    few, many = (table(f"GET {template(number)}" for number in range(count)) for count in (FEW, MANY))
    for path in paths:
        assert few.match("GET", path).key == many.match("GET", path).key
        assert work(partial(many.match, "GET", path)) <= work(partial(few.match, "GET", path)) + 10


def test_a_missing_route_is_judged_at_the_same_cost_too() -> None:
    few, many = (table(f"GET /api/r{n}/{{id:int}}" for n in range(count)) for count in (FEW, MANY))
    for path in ("/api/r7/5", "/api/r7/x", "/api//r7/5", "/none"):
        assert work(partial(many.verdict, "PUT", path)) <= work(partial(few.verdict, "PUT", path)) + 10


def test_mounts_are_no_dearer_than_routes() -> None:
    many = table((), [f"* /mount{number}/{{path:path}}" for number in range(MANY)])
    few = table((), [f"* /mount{number}/{{path:path}}" for number in range(FEW)])
    for method in ("GET", "PROPFIND"):
        for path in ("/mount7/a", "/mountx/a"):
            assert work(partial(many.match, method, path)) <= work(partial(few.match, method, path)) + 10


@pytest.mark.parametrize(
    ("template", "hit", "miss"),
    [
        ("/{{x}}.e{n}", "/a.e{n}", "/a.none"),
        ("/v{n}-{{x}}", "/v{n}-a", "/none-a"),
        ("/{{p:path}}/e{n}", "/a/b/e{n}", "/a/b/none"),
        ("/{{p:path}}/e{n}/", "/a/b/e{n}/", "/a/b/none/"),
    ],
)
def test_many_patterns_at_one_place_are_found_by_their_ends(template: str, hit: str, miss: str) -> None:
    def routes(count: int) -> RouteTable:
        return table(f"GET {template.format(n=number + 100)}" for number in range(count))

    few, many = routes(20), routes(400)
    for path in (hit.format(n=107), miss):
        assert few.match("GET", path).key == many.match("GET", path).key
        assert work(partial(many.match, "GET", path)) <= work(partial(few.match, "GET", path)) + 10
    assert many.match("GET", hit.format(n=107)).key == f"GET {template.format(n=107)}".replace(":path", "")


def overlapping(depth: int) -> list[str]:
    """Every template of that depth whose segments are a literal, a number or a text: all of them overlap."""
    templates = [""]
    for place in range(depth):
        templates = [
            f"{head}/{segment}" for head in templates for segment in ("a", f"{{n{place}:int}}", f"{{s{place}}}")
        ]
    return [f"GET {template}/end" for template in templates]


def test_a_path_of_two_thousand_segments_does_not_explode() -> None:
    routes = table([*overlapping(6), *(f"GET /t/{{p{n}:path}}/x{n}" for n in range(20))])
    for segment in ("a", "5", "", "end"):
        path = "/" + "/".join([segment] * 2000)
        assert routes.match("GET", path).unmatched
        assert work(partial(routes.match, "GET", path)) < 1000
    assert work(lambda: routes.match("GET", "/t/" + "a/" * 2000 + "x7")) < 2000


def test_backtracking_visits_a_node_at_most_once() -> None:
    """The worst path for these 729 templates takes the first way everywhere, and fails at the last segment."""
    routes = table(overlapping(6))
    nodes = 3**7
    assert work(lambda: routes.match("GET", "/a/a/a/a/a/a/none")) < 100 * nodes
    assert routes.match("GET", "/5/a/5/a/x/a/end").key == "GET /{n0}/a/{n2}/a/{n4}/a/end"


def test_a_template_may_be_deeper_than_pythons_stack() -> None:
    deep = "/".join(f"{{x{number}}}" for number in range(1500))
    routes = table([f"GET /{deep}", f"GET /{deep}/a", f"GET /{deep}/{{n:int}}"])
    path = "/" + "/".join(["v"] * 1500)
    assert routes.match("GET", path + "/7").key.endswith("/{n}")
    assert routes.match("GET", path + "/z").unmatched
