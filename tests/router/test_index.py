"""The index leaves out no route that meets a template, or takes all of its paths, and few of the others are in it."""

from itertools import product

import pytest

from router.derive import Route
from router.index import Index
from router.samples import samples, witness
from router.template import parse

TAIL, LAST = "/a/{x:path}", "/{x:path}/end"
ROUTES = "/a/b", "/a/{x}", "/{x:int}/b", "/a/{x}.json", "/a/v{x}", TAIL, LAST, "/a/b/c", "/c"
ASKED = (
    *("/5/b", "/a/{y:int}", "/{y}/b", "/a/{y}.son", "/a/vw{y}.json", "/{y:path}", "/a/b/{y:path}", "/{y:path}/b"),
    *("/d", "/{y}", "/a/{y}/c", "/a/{y:path}/c", "/a/x/end"),
)


def index() -> Index:
    return Index(Route(f"GET {text}").declared() for text in ROUTES)


def near(text: str) -> set[str]:
    return {route.template.full_text for route in index().near(parse(text))}


def covering(text: str) -> set[str]:
    return {route.template.full_text for route in index().covering(parse(text))}


def test_every_route_that_meets_a_template_is_near_it() -> None:
    met = {(asked, text) for asked, text in product(ASKED + ROUTES, ROUTES) if witness(parse(asked), parse(text))}
    assert {(asked, text) for asked, text in met if text not in near(asked)} == set()
    assert len(met) > len(ROUTES)


def test_every_route_that_takes_all_paths_of_a_template_covers_it() -> None:
    wider = {
        (asked, text)
        for asked, text in product(ASKED + ROUTES, ROUTES)
        if all(map(parse(text).accepts, samples(parse(asked))))
    }
    assert {(asked, text) for asked, text in wider if text not in covering(asked)} == set()
    assert len(wider) > len(ROUTES)


@pytest.mark.parametrize(
    ("asked", "found", "wider"),
    [
        ("/a/b", {"/a/b", "/a/{x}", TAIL, LAST}, {"/a/b", "/a/{x}", TAIL, LAST}),
        ("/a/{y}.xml", {"/a/v{x}", "/a/{x}", TAIL, LAST}, {"/a/{x}", TAIL, LAST}),
        ("/a/w{y}", {"/a/{x}.json", "/a/{x}", TAIL, LAST}, {"/a/{x}", TAIL, LAST}),
        ("/{y}/b", {"/a/b", "/a/{x}", "/{x:int}/b", TAIL, LAST}, {LAST}),
        ("/{y:int}/b", {"/{x:int}/b", LAST}, {"/{x:int}/b", LAST}),
        ("/{y:path}/b", set(ROUTES) - {LAST}, {LAST}),
        ("/a/b/{y:path}", {"/a/b", "/a/{x}", "/a/b/c", TAIL, LAST}, {"/a/b", "/a/{x}", TAIL, LAST}),
        ("/a/{y:path}", set(ROUTES) - {"/{x:int}/b", "/c"}, {TAIL, LAST}),
        ("/d", {LAST}, {LAST}),
        ("/a/{y}/c", {"/a/b/c", TAIL, LAST}, {TAIL, LAST}),
    ],
)
def test_what_begins_or_ends_otherwise_is_not_looked_at(asked: str, found: set[str], wider: set[str]) -> None:
    assert (near(asked), covering(asked)) == (found, wider)
