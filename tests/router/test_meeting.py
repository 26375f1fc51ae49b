"""Which routes meet on a path, and which one of an application never runs because another takes all of its paths."""

from collections.abc import Sequence

import pytest

from router.declared import Declared
from router.derive import Route
from router.meeting import meetings, shadows
from router.row import Relation, Side
from router.table import RouteTable
from router.template import Converter, Parameter, Template


def declared(*keys: str) -> list[Declared]:
    return [Route(key).declared() for key in keys]


def pairs(legacy: Sequence[str], modern: Sequence[str]) -> dict[str, list[tuple[str, str, Relation, str]]]:
    """By row: the keys of both rows, the relation and the path of each meeting."""
    rows = [row for row in RouteTable(declared(*legacy), declared(*modern)) if not row.unmatched]
    return {
        key: [(one.legacy_row.key, one.modern_row.key, one.relation, one.path) for one in found]
        for key, found in meetings(rows).items()
    }


def hidden(side: Side, *keys: str) -> dict[str, str]:
    found = shadows(side, declared(*keys))
    return {f"{one.method} {one.template.full_text}": taker.template.full_text for one, taker in found.items()}


def test_a_meeting_is_told_to_both_rows() -> None:
    meeting = ("GET /x/{name}", "GET /x/new", Relation.NARROWER, "/x/new")
    assert pairs(["GET /x/{name}"], ["GET /x/new"]) == {"GET /x/{name}": [meeting], "GET /x/new": [meeting]}


def test_one_that_meets_on_no_path_hides_none_that_does() -> None:
    modern = ["GET /x/{number:float}-{end}", "GET /x/{name}.{end}"]
    for order in (modern, modern[::-1]):
        assert [one[1:] for one in pairs(["GET /x/{id:int}.j"], order)["GET /x/{id}.j"]] == [
            ("GET /x/{name}.{end}", Relation.WIDER, "/x/0.j")
        ]


@pytest.mark.parametrize(
    ("legacy", "modern", "meet"),
    [
        ("GET /x/{a}", "GET /x/b", True),
        ("POST /x/{a}", "GET /x/b", False),
        ("* /x/{a}", "GET /x/b", True),
        ("GET /x/{a}", "* /x/b", True),
        ("GET /x/{a}", "GET /x/{b}", False),
        ("GET /x/{a:int}", "GET /x/b", False),
        ("GET /x/{a:int}.j", "GET /x/{b:float}.j", False),
    ],
)
def test_rows_meet_on_a_path_with_one_method(legacy: str, modern: str, meet: bool) -> None:
    assert bool(pairs([legacy], [modern])) is meet


def test_legacy_ranks_what_is_narrower_first_and_modern_goes_by_declaration() -> None:
    keys = "GET /v/{name}", "GET /v/{id:int}", "GET /v/top"
    assert hidden(Side.LEGACY, *keys) == {}
    assert hidden(Side.MODERN, *keys) == {"GET /v/{id:int}": "/v/{name}", "GET /v/top": "/v/{name}"}
    assert hidden(Side.MODERN, *keys[::-1]) == {}


def test_literals_go_before_what_is_narrower_further_on() -> None:
    assert hidden(Side.LEGACY, "GET /{a}/{b:int}", "GET /v/{b}") == {}
    assert hidden(Side.LEGACY, "GET /{rest:path}.x", "GET /v/{b}.x") == {}


def test_of_several_that_hide_a_route_the_first_to_run_is_named() -> None:
    assert hidden(Side.MODERN, "GET /v/{a}", "GET /{b}/{c}", "GET /v/x")["GET /v/x"] == "/v/{a}"
    assert hidden(Side.MODERN, "GET /{b}/{c}", "GET /v/{a}", "GET /v/x")["GET /v/x"] == "/{b}/{c}"


@pytest.mark.parametrize(
    ("earlier", "is_hidden"),
    [
        ("GET /v/{name}", True),
        ("* /v/{name}", True),
        ("POST /v/{name}", False),
        ("GET /v/{id:int}", False),
        ("GET /v/{id:int}.x", False),
    ],
)
def test_only_what_takes_every_path_and_the_method_hides_a_route(earlier: str, is_hidden: bool) -> None:
    assert bool(hidden(Side.MODERN, earlier, "GET /v/{word:uuid}")) is is_hidden


def test_a_route_for_any_method_is_hidden_by_its_like_only() -> None:
    assert hidden(Side.MODERN, "GET /v/{name}", "* /v/x") == {}
    assert hidden(Side.MODERN, "* /v/{name}", "* /v/x") == {"* /v/x": "/v/{name}"}


def test_the_same_template_twice_hides_nothing() -> None:
    assert hidden(Side.MODERN, "GET /v/{name}", "GET /v/{name}") == {}


def test_one_that_refuses_some_of_the_numbers_does_not_hide_the_others() -> None:
    even = Converter("int", r"\d+", check=lambda text: int(text) % 2 == 0)
    earlier = Declared("GET", Template(("/v/", Parameter("number", even))))
    assert shadows(Side.MODERN, [earlier, *declared("GET /v/{id:int}")]) == {}


def test_a_route_of_which_no_path_is_known_is_not_said_to_be_hidden() -> None:
    roman = Declared("GET", Template(("/v/", Parameter("number", Converter("roman", "[IVXLCDM]+")))))
    assert shadows(Side.MODERN, [*declared("GET /v/{name}"), roman]) == {}
