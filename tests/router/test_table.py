"""The route table: which row a request belongs to, and what boot refuses."""

import timeit
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router import Owner, Relation, Route, RouteConflict, RouteTable
from router.declared import Declared
from router.errors import RouteUnreadable, UnknownRoute
from router.row import UNMATCHED_KEY
from router.verdict import NOT_FOUND


def declared(*keys: str) -> list[Declared]:
    return [Route(key).declared() for key in keys]


def table(legacy: Iterable[str] = (), modern: Iterable[str] = ()) -> RouteTable:
    return RouteTable(declared(*legacy), declared(*modern))


def found(routes: RouteTable, request: str) -> str:
    method, path = request.split(" ", 1)
    return routes.match(method, path).key


@pytest.mark.parametrize(
    ("request_line", "key"),
    [
        ("GET /v/top", "GET /v/top"),
        ("GET /v/5", "GET /v/{id}"),
        ("GET /v/abc", "GET /v/{name}"),
        ("GET /v/abc.json", "GET /v/{file}.json"),
        ("GET /v/a/b", "GET /v/{rest}"),
        ("GET /v/5/art", "GET /v/{id}/art"),
        ("GET /v/abc/art", "GET /v/{rest}"),
        ("POST /v/5", UNMATCHED_KEY),
        ("GET /w", UNMATCHED_KEY),
        ("BREW /v/5", UNMATCHED_KEY),
    ],
)
def test_literals_beat_converters_beat_strings_beat_tails(request_line: str, key: str) -> None:
    routes = table(
        [
            *("GET /v/{rest:path}", "GET /v/{name}", "GET /v/{id:int}", "GET /v/{file}.json", "GET /v/top"),
            "GET /v/{id:int}/art",
        ]
    )
    # Two templates of one shape are one row, named by the first.
    assert found(routes, request_line) == {"GET /v/{id}": "GET /v/{name}"}.get(key, key)


def test_a_dead_end_is_left_for_the_next_best_way() -> None:
    routes = table(["GET /a/b/c", "GET /a/{x}/d", "GET /{y}/b/e"])
    assert [found(routes, f"GET /a/b/{last}") for last in "cde"] == ["GET /a/b/c", "GET /a/{x}/d", "GET /{y}/b/e"]


def test_methods_share_paths_without_hiding_each_other() -> None:
    routes = table(["GET /v/{id}", "POST /v/new", "DELETE /v/{id}"])
    assert found(routes, "GET /v/new") == "GET /v/{id}"
    assert found(routes, "POST /v/new") == "POST /v/new"


def test_one_shape_is_one_row_with_the_legacy_names() -> None:
    routes = table(["GET /v/{id:int}"], ["GET /v/{video_id}"])
    row = routes["GET /v/{id}"]
    assert (row.owner, row.relation, len(routes)) == (Owner.BOTH, Relation.WIDER, 2)


def test_the_legacy_converter_decides_the_404_for_both() -> None:
    routes = table(["GET /v/{id:int}"], ["GET /v/{video_id}"])
    assert found(routes, "GET /v/abc") == UNMATCHED_KEY
    assert routes.verdict("GET", "/v/abc") == NOT_FOUND


def test_modern_alone_decides_for_itself() -> None:
    routes = table([], ["GET /v/{video_id:int}"])
    assert (found(routes, "GET /v/1"), found(routes, "GET /v/a")) == ("GET /v/{video_id}", UNMATCHED_KEY)


@pytest.mark.parametrize(
    ("legacy", "modern", "relation"),
    [
        ("GET /a", "GET /a", Relation.EQUAL),
        ("GET /a/{x}", "GET /a/{y}", Relation.EQUAL),
        ("GET /a/{x:int}", "GET /a/{y}", Relation.WIDER),
        ("GET /a/{x}", "GET /a/{y:int}", Relation.NARROWER),
        ("GET /a/{x:int}", "GET /a/{y:float}", Relation.WIDER),
    ],
)
def test_relations(legacy: str, modern: str, relation: Relation) -> None:
    (row, _) = table([legacy], [modern])
    assert row.relation is relation


def test_one_owner_makes_an_orphan() -> None:
    rows = {row.key: (row.owner, row.relation) for row in table(["GET /old"], ["GET /new"])}
    assert rows["GET /old"] == (Owner.LEGACY, Relation.ORPHAN)
    assert rows["GET /new"] == (Owner.MODERN, Relation.ORPHAN)
    assert rows[UNMATCHED_KEY] == (Owner.BOTH, Relation.EQUAL)


def test_head_follows_its_get() -> None:
    routes = table(["GET /v/{id}"], ["GET /v/{id}", "HEAD /v/{id}"])
    assert routes.match("HEAD", "/v/1") is routes.match("GET", "/v/1")
    assert len(routes) == 2


def test_a_head_without_a_get_is_a_row_of_its_own() -> None:
    routes = table(["HEAD /alive"])
    assert (found(routes, "HEAD /alive"), found(routes, "GET /alive")) == ("HEAD /alive", UNMATCHED_KEY)


def test_options_is_a_row_only_where_declared() -> None:
    routes = table(["GET /a", "OPTIONS /b"])
    assert (found(routes, "OPTIONS /a"), found(routes, "OPTIONS /b")) == (UNMATCHED_KEY, "OPTIONS /b")


def test_a_mount_stands_in_for_the_methods_that_the_other_side_names() -> None:
    routes = table(["GET /static/{filename:path}"], ["* /static/{path:path}"])
    assert routes.match("GET", "/static/a/b.css").owner is Owner.BOTH
    assert found(routes, "POST /static/a") == UNMATCHED_KEY


def test_a_mount_takes_every_method_behind_routes_that_name_theirs() -> None:
    routes = table([], ["* /files/{path:path}", "GET /files/{path:path}/info"])
    assert found(routes, "PROPFIND /files/a") == "* /files/{path}"
    assert found(routes, "GET /files/a/info") == "GET /files/{path}/info"


def test_a_mount_at_the_root_is_the_virtual_row() -> None:
    assert len(table(["GET /a"], ["* /{path:path}"])) == 2


def test_two_shapes_with_one_name_get_two_keys() -> None:
    routes = table(["GET /v/{x}", "GET /v/{x:path}"])
    assert (found(routes, "GET /v/a"), found(routes, "GET /v/a/b")) == ("GET /v/{x}", "GET /v/{x:path}")


@pytest.mark.parametrize("path", ["//v/1", "///v/1"])
def test_leading_slashes_count_as_one(path: str) -> None:
    assert table(["GET /v/{id:int}"]).match("GET", path).key == "GET /v/{id}"


@pytest.mark.parametrize("path", ["/v//1", "/v/1/", "/v/", "", "*", "/v/1//"])
def test_other_slashes_are_the_virtual_rows(path: str) -> None:
    assert table(["GET /v/{id:int}"]).match("GET", path).unmatched


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("GET /v/{a}", "GET /v/{b}"),
        ("GET /v/{a:int}/x", "GET /v/{b:int}/x"),
        ("GET /v/{a}-{b}", "GET /v/{c}_{d}"),
        ("GET /v/{a:path}", "GET /v/{b:path}"),
    ],
)
def test_two_templates_that_nothing_ranks_are_refused_by_name(first: str, second: str) -> None:
    with pytest.raises(RouteConflict) as caught:
        table([first, second])
    assert first in str(caught.value)
    assert second in str(caught.value)
    assert "legacy application" in str(caught.value)
    table([first], [second])


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("GET /v/{a}", "POST /v/{b}"),
        ("GET /v/{a:int}", "GET /v/{b}"),
        ("GET /v/{a:int}", "GET /v/{a:float}"),
        ("GET /v/{a:int}", "GET /v/{a:uuid}"),
        ("GET /{a}/x", "GET /x/{a}"),
        ("GET /v/{a}.json", "GET /v/{a}.xml"),
        ("GET /v/{a}", "GET /v/{a}"),
    ],
)
def test_templates_that_are_ranked_or_apart_are_not_refused(first: str, second: str) -> None:
    table([first, second])


def test_an_unknown_key_is_said_so() -> None:
    with pytest.raises(UnknownRoute, match="There is no route 'GET /x'"):
        table(["GET /a"])["GET /x"]


@pytest.mark.parametrize("key", ["GET", "GET v", "", "GET /v/{id:roman}"])
def test_a_route_told_wrong_is_refused(key: str) -> None:
    with pytest.raises(RouteUnreadable):
        Route(key).declared()


def test_a_look_up_costs_the_same_among_twenty_and_two_thousand() -> None:
    def cost(count: int) -> float:
        routes = table([f"GET /api/r{number}/{{id:int}}/x" for number in range(count)])
        return min(timeit.repeat(lambda: routes.match("GET", f"/api/r{count - 1}/5/x"), number=500, repeat=7))

    assert cost(2000) < 3 * cost(20)


segments = st.lists(st.sampled_from(["a", "b", "{x}", "{x:int}", "5"]), min_size=1, max_size=4)


@given(
    st.lists(segments, min_size=1, max_size=8), st.lists(st.sampled_from(["a", "b", "5", "zz"]), min_size=1, max_size=4)
)
def test_the_trie_finds_a_row_exactly_when_a_template_takes_the_path(
    templates: list[list[str]], parts: list[str]
) -> None:
    named = [[part.replace("x", f"p{place}") for place, part in enumerate(template)] for template in templates]
    keys = ["GET /" + "/".join(template) for template in named]
    routes = table(keys)
    path = "/" + "/".join(parts)
    taken = any(route.template.accepts(path) for route in declared(*keys))
    row = routes.match("GET", path)
    assert row.unmatched is not taken
    assert row.unmatched or any(route.template.accepts(path) for route in row.legacy)
