"""How two templates compare, by the paths that each of them takes."""

from typing import Any

import pytest

from router.derive import Route
from router.relation import beyond, compare, contrast, relate
from router.row import Relation
from router.template import parse

TEXT, NUMBER, DECIMAL = (Route(f"GET /a/{{x:{kind}}}").declared() for kind in ("string", "int", "float"))


@pytest.mark.parametrize(
    ("legacy", "modern", "relation"),
    [
        ([], [], Relation.ORPHAN),
        ([TEXT], [], Relation.ORPHAN),
        ([], [TEXT], Relation.ORPHAN),
        ([TEXT], [TEXT], Relation.EQUAL),
        ([TEXT], [NUMBER], Relation.NARROWER),
        ([NUMBER], [TEXT], Relation.WIDER),
        ([NUMBER], [DECIMAL], Relation.WIDER),
        ([TEXT, NUMBER], [TEXT], Relation.SHADOWED),
        ([TEXT], [TEXT, NUMBER], Relation.SHADOWED),
    ],
)
def test_a_row_compares_its_only_template_of_either_side(legacy: Any, modern: Any, relation: Relation) -> None:
    assert relate(legacy, modern) is relation


def test_templates_of_other_shapes_are_not_compared_piece_by_piece() -> None:
    with pytest.raises(ValueError, match="shorter"):
        compare(parse("/a/{x}/{y}"), parse("/a/{x}"))


@pytest.mark.parametrize(
    ("legacy", "modern", "relation"),
    [
        ("/a/{x}", "/{y}/{z}", Relation.WIDER),
        ("/a/{x}", "/a/new", Relation.NARROWER),
        ("/a/{x}", "/{y}/b", Relation.WIDER),
        ("/a/{x}/b", "/a/{y}/b", Relation.EQUAL),
        ("/a/{x:path}", "/a/{y}", Relation.NARROWER),
    ],
)
def test_templates_that_meet_compare_by_the_paths_of_each(legacy: str, modern: str, relation: Relation) -> None:
    assert contrast(parse(legacy), parse(modern)) is relation


def test_a_path_beyond_the_other_is_one_that_only_the_first_takes() -> None:
    text, number = parse("/a/{x}"), parse("/a/{x:int}")
    path = beyond(text, number)
    assert path is not None
    assert (text.accepts(path), number.accepts(path)) == (True, False)
    assert beyond(number, text) is None
